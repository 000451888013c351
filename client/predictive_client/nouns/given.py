"""What the caller gave, as it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def given(**values: Any) -> dict[str, Any]:
    """The values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def moment(at: datetime | str | None) -> str | None:
    """As the service reads it: ISO 8601; without a zone it takes it for UTC."""
    return at.isoformat() if isinstance(at, datetime) else at
