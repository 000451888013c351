"""Builds: a request to train and score, and where it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.schemas.times import UtcMoment
from predictive.windows import as_utc


def _in_utc(moment: datetime) -> datetime:
    try:
        return as_utc(moment)
    except OverflowError:
        raise ValueError("give a moment that UTC can express") from None


class Moment(BaseModel):
    """The moment to look from."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"as_of": "2025-11-01T00:00:00Z"}]}
    )

    as_of: Annotated[datetime, AfterValidator(_in_utc)] | None = Field(
        default=None,
        description="Only what was known before counts; default: the end of the data. "
        "A time without a zone is UTC.",
    )


class BuildRequest(Moment):
    """Train a model and score the audience with it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"as_of": "2025-11-01T00:00:00Z", "seed": 0}]},
    )

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        default=0, description="The same seed on the same events gives the same scores."
    )


_RUNNING: dict[str, Any] = {
    "id": "0198c6b0a41d00007c2e9f0351b6d8aa",
    "kind": "build",
    "prediction": "churn-28d",
    "state": "running",
    "stage": "Backtesting",
    "share": 0.4,
    "seconds_left": 95.0,
    "params": {"as_of": None, "seed": 0},
    "error": None,
    "cancel_requested": False,
    "created_at": "2025-11-01T02:10:00Z",
    "started_at": "2025-11-01T02:10:01Z",
    "finished_at": None,
}


class BuildState(BaseModel):
    """A build and where it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUNNING]})

    id: str
    kind: str
    prediction: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    stage: str | None = Field(description="What it is doing now.")
    share: float | None = Field(description="Share of the stage that is done, 0 to 1.")
    seconds_left: float | None = Field(description="Until the end of the stage.")
    params: dict[str, Any]
    error: dict[str, Any] | None = Field(description="Why it failed, as a problem's fields.")
    cancel_requested: bool
    created_at: UtcMoment
    started_at: UtcMoment | None
    finished_at: UtcMoment | None


class Build(BuildState):
    """A build, and what came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUNNING | {"result": None}]})

    result: dict[str, Any] | None = Field(
        description="Reports of the training and of the scoring run, once it has succeeded."
    )


class BuildList(BaseModel):
    """Builds of one prediction, newest first, without their results."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"builds": [_RUNNING]}]})

    builds: list[BuildState]
