"""Jobs: a request to train, score or evaluate, and where it stands."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.pages import Page
from api.schemas.times import GivenMoment, UtcMoment

Kind = Literal["build", "train", "score", "evaluate", "check", "compact", "export"]

_SEED = "The same seed on the same events gives the same scores."


class Moment(BaseModel):
    """The moment to look from."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"as_of": "2025-11-01T00:00:00Z"}]}
    )

    as_of: GivenMoment | None = Field(
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

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(default=0, description=_SEED)
    recipe: Annotated[str, Field(max_length=63)] | None = Field(
        default=None,
        description="How the model is made: `standard`, or the name of a recipe in the "
        "workspace; default: as the champion was made.",
    )

    def params(self) -> dict[str, Any]:
        """What the job is given."""
        recipe = {"recipe": self.recipe} if self.recipe else {}
        as_of = self.as_of.isoformat() if self.as_of else None
        return {"as_of": as_of, "seed": self.seed, **recipe}


class JobRequest(BuildRequest):
    """Do one thing for a prediction."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kind": "score"}]})

    kind: Literal["build", "train", "score", "evaluate"] = Field(
        description="`build` trains and then scores; `evaluate` compares every scoring run "
        "that has matured with what happened."
    )
    run_id: Annotated[str, Field(max_length=128)] | None = Field(
        default=None, description="Evaluate this scoring run alone."
    )

    @model_validator(mode="after")
    def _only_what_it_takes(self) -> JobRequest:
        given = self.model_fields_set - {"kind"}
        if self.kind == "score" and given & {"seed", "recipe"}:
            raise ValueError("a job of kind score takes neither seed nor recipe")
        if self.kind == "evaluate" and given - {"run_id"}:
            raise ValueError("a job of kind evaluate takes no as_of, seed or recipe")
        if self.kind != "evaluate" and "run_id" in given:
            raise ValueError(f"a job of kind {self.kind} takes no run_id")
        return self

    def params(self) -> dict[str, Any]:
        """What the job is given; only what its kind takes."""
        if self.kind == "evaluate":
            return {"run_id": self.run_id} if self.run_id else {}
        given = super().params()
        return {"as_of": given["as_of"]} if self.kind == "score" else given


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
    "requested_by": "schedule",
    "created_at": "2025-11-01T02:10:00Z",
    "started_at": "2025-11-01T02:10:01Z",
    "finished_at": None,
}


class JobState(BaseModel):
    """A job and where it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUNNING]})

    id: str
    kind: Kind
    prediction: str | None = Field(description="None when it concerns the whole workspace.")
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    stage: str | None = Field(description="What it is doing now.")
    share: float | None = Field(description="Share of the stage that is done, 0 to 1.")
    seconds_left: float | None = Field(description="Until the end of the stage.")
    params: dict[str, Any]
    error: dict[str, Any] | None = Field(description="Why it failed, as a problem's fields.")
    cancel_requested: bool
    requested_by: str = Field(description="`schedule`, `command line` or `key <id>`.")
    created_at: UtcMoment
    started_at: UtcMoment | None
    finished_at: UtcMoment | None


class Job(JobState):
    """A job, and what came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUNNING | {"result": None}]})

    result: dict[str, Any] | None = Field(
        description="The report of each of its steps, once it has succeeded."
    )


class JobList(Page):
    """Jobs, newest first, without their results."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"jobs": [_RUNNING], "next_cursor": None}]}
    )

    jobs: list[JobState]


class BuildList(Page):
    """Builds of one prediction, newest first, without their results."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"builds": [_RUNNING], "next_cursor": None}]}
    )

    builds: list[JobState]


class LogLine(BaseModel):
    """One line of a job's log."""

    number: int
    at: UtcMoment
    level: str
    message: str


class JobLog(BaseModel):
    """What a job has said, oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lines": [
                        {
                            "number": 1,
                            "at": "2025-11-01T02:10:01Z",
                            "level": "info",
                            "message": "Reading events",
                        }
                    ]
                }
            ]
        }
    )

    lines: list[LogLine]
