"""How a moment is written for people."""

from __future__ import annotations

from datetime import datetime, time


def moment(value: datetime | str) -> str:
    """A moment in UTC to the minute; midnights as the bare date.

    Parameters
    ----------
    value
        In UTC; as text, in ISO 8601.

    Examples
    --------
    >>> moment("2024-03-01T00:00:00+00:00")
    '2024-03-01'
    >>> moment("2024-03-01T12:30:59.123456+00:00")
    '2024-03-01 12:30 UTC'
    """
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{parsed:%Y-%m-%d}" if parsed.time() == time.min else f"{parsed:%Y-%m-%d %H:%M} UTC"
