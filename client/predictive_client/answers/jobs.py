"""Jobs."""

from typing import Any, Literal, TypedDict

JobOutcome = Literal["queued", "running", "succeeded", "failed", "cancelled"]
JobKind = Literal["build", "train", "score", "evaluate", "check", "compact", "export"]


class Job(TypedDict):
    """A job, and what came of it."""

    id: str
    kind: JobKind
    prediction: str | None
    state: JobOutcome
    stage: str | None
    share: float | None
    seconds_left: float | None
    params: dict[str, Any]
    error: dict[str, Any] | None
    cancel_requested: bool
    requested_by: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    result: dict[str, Any] | None


class JobState(TypedDict):
    """A job and where it stands."""

    id: str
    kind: JobKind
    prediction: str | None
    state: JobOutcome
    stage: str | None
    share: float | None
    seconds_left: float | None
    params: dict[str, Any]
    error: dict[str, Any] | None
    cancel_requested: bool
    requested_by: str
    created_at: str
    started_at: str | None
    finished_at: str | None


class LogLine(TypedDict):
    """One line of a job's log."""

    number: int
    at: str
    level: str
    message: str
