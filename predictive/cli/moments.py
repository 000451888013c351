"""Moments as they are typed on a command line."""

from __future__ import annotations

from datetime import UTC, datetime

from predictive.errors import InvalidInput

ALLOWED = "an ISO 8601 moment such as 2024-03-01 (00:00 UTC) or 2024-03-01T12:00:00Z"


def parse_moment(text: str, field: str = "--as-of") -> datetime:
    """The moment written in ``text``, in UTC.

    A bare date is midnight UTC, and a moment without an offset is taken to be UTC.

    Raises
    ------
    InvalidInput
        When the text is no ISO 8601 date or moment.

    Examples
    --------
    >>> parse_moment("2024-03-01").isoformat()
    '2024-03-01T00:00:00+00:00'
    >>> parse_moment("2024-03-01T02:00+02:00").isoformat()
    '2024-03-01T00:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(field, text, ALLOWED) from error


def parse_complete_through(text: str) -> datetime:
    """The moment given as ``--complete-through``."""
    return parse_moment(text, "--complete-through")


def parse_expires(text: str) -> datetime:
    """The moment given as ``--expires``."""
    return parse_moment(text, "--expires")


def parse_since(text: str) -> datetime:
    """The moment given as ``--since``."""
    return parse_moment(text, "--since")


def parse_sent_at(text: str) -> datetime:
    """The moment given as ``--sent-at``."""
    return parse_moment(text, "--sent-at")
