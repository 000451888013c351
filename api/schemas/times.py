"""Moments, written the same way in every answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

#: ISO 8601 in UTC as Python writes it, ``2025-11-01T00:00:00+00:00``; reports hold it so too.
UtcMoment = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
