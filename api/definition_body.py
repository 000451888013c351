"""The body of ``POST /v1/predictions``: a definition as JSON or as YAML text."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from predictive.definitions import Definition
from predictive.errors import InvalidInput, shown

JSON = "application/json"
YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")

_EXAMPLE = {
    "name": "churn-28d",
    "kind": "churn",
    "target": {"within_days": 28, "all": [{"did_not": "purchase"}]},
    "audience": {
        "all": [
            {"did": "purchase", "at_least": 2, "within_days": 90},
            {"attribute": "country", "in": ["GB", "FR"]},
        ]
    },
}
_BASKET_EXAMPLE = {
    "name": "big-basket-7d",
    "kind": "purchase",
    "target": {
        "within_days": 7,
        "any": [
            {"did": "purchase", "where": [{"property": "amount", "gte": 50}]},
            {"aggregate": "sum", "event": "purchase", "of": "amount", "gte": 100},
        ],
    },
    "categories": {"medium": 40, "high": 80},
    "retraining": {"every_days": 28, "promotion": "manual"},
    "schedule": "weekly mon 03:00",
}
_YAML_EXAMPLE = """\
name: big-basket-7d
kind: purchase
target:
  within_days: 7
  any:
    - {did: purchase, where: [{property: amount, gte: 50}]}
    - {aggregate: sum, event: purchase, of: amount, gte: 100}
"""

#: ``openapi_extra`` of the route.
DEFINITION_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {"$ref": "#/components/schemas/Definition"},
                "examples": {
                    "churn": {"summary": "Churn in 28 days", "value": _EXAMPLE},
                    "basket": {"summary": "A big basket in a week", "value": _BASKET_EXAMPLE},
                },
            },
            YAML[0]: {
                "schema": {"type": "string"},
                "examples": {"purchase": {"summary": "A big basket", "value": _YAML_EXAMPLE}},
            },
        },
    }
}


async def text_of(request: Request) -> str:
    """The body of a request as text, when it says that it is JSON or YAML.

    Raises
    ------
    HTTPException
        415 for anything else.
    InvalidInput
        It is not UTF-8.
    """
    media_type = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if media_type not in {JSON, *YAML}:
        raise HTTPException(415, f"The body is {shown(media_type)}. Allowed: {JSON}, {YAML[0]}.")
    body = await request.body()
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("body", body[:20], "UTF-8 text") from None


async def _definition(request: Request) -> Definition:
    return Definition.from_text(await text_of(request))


DefinitionBody = Annotated[Definition, Depends(_definition)]
