"""Moments, written the same way in every answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, WithJsonSchema

from predictive.windows import as_utc

#: ISO 8601 in UTC as Python writes it, ``2025-11-01T00:00:00+00:00``; reports hold it so too.
UtcMoment = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _in_utc(moment: datetime) -> datetime:
    try:
        return as_utc(moment)
    except OverflowError:
        raise ValueError("give a moment that UTC can express") from None


#: A moment in a request; without a zone it is taken to be UTC.
GivenMoment = Annotated[datetime, AfterValidator(_in_utc)]
