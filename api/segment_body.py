"""The body of the segment routes: a segment as JSON or as YAML text."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from api.definition_body import JSON, YAML, text_of
from predictive.segments.definition import SegmentDefinition

_EXAMPLE = {
    "name": "at-risk-but-active",
    "description": "Likely to leave, and here in the last two weeks.",
    "all": [
        {"prediction": "churn-28d", "gte": 75},
        {"did": "*", "within_days": 14},
        {"attribute": "points", "gte": 30000},
    ],
}
_YAML_EXAMPLE = """\
name: quiet-for-a-week
all:
  - {prediction: churn-28d, category: high}
  - {did_not: "*", within_days: 7}
"""

#: ``openapi_extra`` of the routes.
SEGMENT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {"$ref": "#/components/schemas/SegmentDefinition"},
                "examples": {"active": {"summary": "At risk, but active", "value": _EXAMPLE}},
            },
            YAML[0]: {
                "schema": {"type": "string"},
                "examples": {"quiet": {"summary": "Quiet for a week", "value": _YAML_EXAMPLE}},
            },
        },
    }
}


async def _segment(request: Request) -> SegmentDefinition:
    return SegmentDefinition.from_text(await text_of(request))


SegmentBody = Annotated[SegmentDefinition, Depends(_segment)]
