"""The shape of every error: RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.errors import MEDIA_TYPE, TYPE_PREFIX


class FieldError(BaseModel):
    """One wrong field of a request."""

    field: str = Field(description="Dotted path of the field.")
    value: str = Field(description="What was given, as text, cut when long.")
    message: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """An error, the same shape for every route and status."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": TYPE_PREFIX + "not_found",
                    "title": "Not Found",
                    "status": 404,
                    "code": "not_found",
                    "detail": "There is no prediction 'chrun-28d'. Did you mean 'churn-28d'?",
                    "instance": "/v1/predictions/chrun-28d",
                    "field": "prediction",
                    "value": "'chrun-28d'",
                    "hint": "Did you mean 'churn-28d'?",
                },
                {
                    "type": TYPE_PREFIX + "invalid_input",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "code": "invalid_input",
                    "detail": "limit is '0'. Input should be greater than or equal to 1.",
                    "instance": "/v1/jobs",
                    "field": "limit",
                    "value": "'0'",
                    "errors": [
                        {
                            "field": "limit",
                            "value": "'0'",
                            "message": "Input should be greater than or equal to 1",
                        }
                    ],
                },
            ]
        }
    )

    type: str = Field(description="Names the kind of problem; ends in its code.")
    title: str = Field(description="The status in words.")
    status: int
    code: str = Field(description="Machine-readable name of the problem.")
    detail: str = Field(description="What was wrong, the value, what is allowed, the next step.")
    instance: str | None = Field(description="The path that was asked for.")
    field: str | None = Field(default=None, description="The field that is wrong, if one is.")
    value: str | None = Field(default=None, description="What was given, as text.")
    allowed: str | None = Field(default=None, description="What is allowed, in words.")
    hint: str | None = Field(default=None, description="The next step or the nearest name.")
    errors: list[FieldError] | None = Field(default=None, description="All wrong fields.")
    incident: str | None = Field(default=None, description="Where to look in the log.")


_MEANINGS = {
    400: "The body can't be read.",
    401: "No valid API key.",
    403: "The key lacks the scope.",
    404: "No such thing.",
    406: "No format that the route has is accepted.",
    409: "The state of things forbids it.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "A value or parameter is wrong, or history holds too little.",
    429: "Too many requests: wait as long as `Retry-After` says.",
    503: "Not ready, or the store can't be reached.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for these statuses, for ``responses=`` of a route."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _MEANINGS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }
