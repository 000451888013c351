"""Numbers and moments as people read them, the same in both languages."""

from __future__ import annotations

from datetime import UTC, datetime


def whole(value: float) -> str:
    """A count: ``12,345``."""
    return f"{value:,.0f}"


def decimal(value: float, places: int = 1) -> str:
    """A number with decimals, without trailing noughts: ``1,234.5``."""
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ratio(value: float) -> str:
    """How many times as much: ``2.5``, and below one ``0.07``."""
    return decimal(value, 1 if value >= 1 else 2)


def percent(share: float | None) -> str:
    """A share of 1 as a percentage; a dash where there is none."""
    if share is None:
        return "–"
    places = 0 if share >= 0.1 or share == 0 else 1
    return f"{share * 100:.{places}f} %"


def money(value: float) -> str:
    """An amount in the workspace's currency; cents only where they matter."""
    sign = "−" if value < 0 else ""
    return f"{sign}{abs(value):,.0f}" if abs(value) >= 100 else f"{sign}{abs(value):,.2f}"


def moment(value: datetime | str) -> str:
    """A moment to the minute, in UTC."""
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{parsed.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def quality(value: float) -> str:
    """A quality as shown: nothing below 0."""
    return f"{max(0.0, value):.0f}"
