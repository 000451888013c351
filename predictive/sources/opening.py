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
    """The workspace's tables when its ``workspace.toml`` names some, else its lake.

    Users deleted from the suite stay in tables that are not ours; they are hidden here.
    """
    exclude = workspace.config.exclude
    if workspace.config.source is None:
        return LakeSource(workspace.lake, Exclusion(exclude.users, exclude.prefixes))
    deleted = sorted(workspace.store.tombstones.permanent())
    hidden = Exclusion((*exclude.users, *deleted), exclude.prefixes)
    return WarehouseSource(workspace.config.source, hidden)
