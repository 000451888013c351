"""Checks: what was looked at, and what was found."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.times import UtcMoment


class CheckRequest(BaseModel):
    """What to look at."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"prediction": "churn-28d"}]}
    )

    prediction: Annotated[str, Field(max_length=63)] | None = Field(
        default=None,
        description="Only this prediction; default: the data and every prediction that is active "
        "or a preview.",
    )


class CheckReport(BaseModel):
    """One round of checks."""

    model_config = ConfigDict(extra="allow")

    prediction: str | None = Field(description="Null: the data and all predictions.")
    at: UtcMoment
    as_of: UtcMoment = Field(description="The end of the data that it saw.")
    found: list[dict[str, Any]] = Field(description="What was wrong.")
    opened: list[int] = Field(description="Numbers of the alerts it opened.")
    resolved: list[int] = Field(description="Numbers of the alerts whose cause was gone.")
    data: dict[str, Any] = Field(description="What was looked at in the data.")
    predictions: dict[str, Any] = Field(description="What was looked at in each prediction.")


class CheckList(Page):
    """Checks, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "checks": [
                        {
                            "prediction": None,
                            "at": "2025-11-02T03:00:00+00:00",
                            "as_of": "2025-11-02T00:00:00+00:00",
                            "found": [],
                            "opened": [],
                            "resolved": [7],
                            "data": {},
                            "predictions": {},
                        }
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )

    checks: list[CheckReport]
