"""Counting events, whatever engine holds them."""

from __future__ import annotations

from datetime import datetime

import ibis


def counts_by_name(events: ibis.Table, before: datetime) -> dict[str, int]:
    """How many events of each name there are before a moment."""
    earlier = events.filter(events.time < before)
    counted = earlier.group_by("name").aggregate(n=earlier.count()).order_by("name")
    return {row["name"]: row["n"] for row in counted.to_pyarrow().to_pylist()}
