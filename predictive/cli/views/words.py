"""How numbers, shares, intervals and moments are written for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from predictive.wording import moments

NOTHING = "–"


def count(value: float | None) -> str:
    """A whole number with thousands separated.

    >>> count(1234567)
    '1,234,567'
    """
    return NOTHING if value is None else f"{value:,.0f}"


def counted(value: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count(value)} {noun}" + ("" if value == 1 else "s")


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage.

    >>> percent(0.1234)
    '12.3 %'
    """
    return NOTHING if share is None else f"{100 * share:.{digits}f} %"


def decimal(value: float | None, digits: int = 3) -> str:
    """A number with a fixed number of decimals."""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def money(value: float | None) -> str:
    """An amount in the workspace's currency, cents only where they matter.

    >>> money(12345.6), money(0.08)
    ('12,346', '0.08')
    """
    if value is None:
        return NOTHING
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def moment(value: str | datetime | None) -> str:
    """A moment to the minute; midnights as the bare date.

    >>> moment("2024-03-01T00:00:00+00:00")
    '2024-03-01'
    """
    return NOTHING if value is None else moments.moment(value)


def on_screen(quality: float | None) -> str:
    """A Prediction Quality as shown to people: never below 0, where chance is.

    >>> on_screen(-3.2)
    '0'
    """
    return NOTHING if quality is None else f"{max(quality, 0.0):.0f}"


def interval(estimate: Mapping[str, Any], digits: int = 0) -> str:
    """``low to high`` of an estimate, or a dash when it has no interval."""
    low, high = estimate.get("low"), estimate.get("high")
    if low is None or high is None:
        return NOTHING
    return f"{low:,.{digits}f} to {high:,.{digits}f}"
