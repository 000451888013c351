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


def apart(one: datetime, other: datetime) -> tuple[str, str]:
    """Two moments as :func:`moment` writes them, or exactly where they would look the same.

    Examples
    --------
    >>> from datetime import UTC
    >>> apart(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 2, 12, 30, 59, tzinfo=UTC))
    ('2024-03-01', '2024-03-02 12:30 UTC')
    """
    told = moment(one), moment(other)
    return told if told[0] != told[1] else (one.isoformat(), other.isoformat())
