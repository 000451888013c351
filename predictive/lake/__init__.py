"""The event lake: Delta tables of events and attributes, bucketed by user."""

from __future__ import annotations

from predictive.lake.lake import Lake
from predictive.lake.snapshot import LakeSnapshot

__all__ = ["Lake", "LakeSnapshot"]
