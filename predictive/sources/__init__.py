"""Where events are read from: the lake, or tables that exist already."""

from __future__ import annotations

from predictive.sources.lake import LakeSource
from predictive.sources.opening import open_source
from predictive.sources.source import EventSource
from predictive.sources.warehouse import WarehouseSource

__all__ = ["EventSource", "LakeSource", "WarehouseSource", "open_source"]
