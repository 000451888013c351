"""States of a prediction, its history, and what its end took along."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.times import UtcMoment

State = Literal["draft", "preview", "active", "archived"]


class StateRequest(BaseModel):
    """The state to change to."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"state": "preview"}]}
    )

    state: State = Field(
        description="active: built, scored and offered; preview: built and measured, never "
        "offered; archived: no longer updated; draft: set aside."
    )


class StateChange(BaseModel):
    """The state, and the one before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "churn-28d",
                    "state": "preview",
                    "before": "active",
                    "changed": True,
                    "may_become": ["draft", "active", "archived"],
                }
            ]
        }
    )

    name: str
    state: State
    before: State
    changed: bool
    may_become: list[State]


class Change(BaseModel):
    """One change."""

    at: UtcMoment
    kind: str = Field(
        description="created, definition, state, model (the champion), challenger or deleted."
    )
    by: str = Field(description="`command line`, `schedule`, `python` or `key <id>`.")
    before: dict[str, Any] | None = Field(description="Null where there was nothing.")
    after: dict[str, Any] | None = Field(description="Null where there is nothing any more.")
    note: str


class History(Page):
    """The changes of a prediction, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prediction": "churn-28d",
                    "changes": [
                        {
                            "at": "2025-11-01T03:12:44+00:00",
                            "kind": "model",
                            "by": "schedule",
                            "before": {"champion_version": 2},
                            "after": {"champion_version": 3},
                            "note": "same recipe, newer data",
                        }
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )

    prediction: str
    changes: list[Change]


class Deleted(BaseModel):
    """What went with a prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "churn-28d", "models": 3, "runs": 40, "archives": 40}]
        }
    )

    name: str
    models: int
    runs: int
    archives: int = Field(description="Score archives of runs.")
