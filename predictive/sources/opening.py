"""Which source a workspace reads from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from predictive.sources.exclusion import Exclusion
from predictive.sources.lake import LakeSource
from predictive.sources.source import EventSource
from predictive.sources.warehouse import WarehouseSource

if TYPE_CHECKING:
    from predictive.workspace import Workspace


def open_source(workspace: Workspace) -> EventSource:
    """The workspace's tables when its ``workspace.toml`` names some, else its lake."""
    exclude = workspace.config.exclude
    exclusion = Exclusion(exclude.users, exclude.prefixes)
    if workspace.config.source is not None:
        return WarehouseSource(workspace.config.source, exclusion)
    return LakeSource(workspace.lake, exclusion)
