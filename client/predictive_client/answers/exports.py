"""Exports of segments."""

from typing import Any, Literal, TypedDict

from predictive_client.answers.jobs import JobOutcome

Format = Literal["ndjson", "csv", "parquet"]


class CallbackState(TypedDict):
    """Whether the caller has been told."""

    host: str
    state: Literal["waiting", "due", "delivered", "given_up"]
    attempts: int
    error: str | None


class Export(TypedDict):
    """A file of all members of a segment, and where it stands."""

    id: str
    segment: str
    format: Format
    state: JobOutcome
    share: float | None
    version: int | None
    as_of: str | None
    users: int | None
    runs: dict[str, str]
    bytes: int | None
    file: str | None
    expires_at: str | None
    error: dict[str, Any] | None
    callback: CallbackState | None
    requested_by: str
    created_at: str
    finished_at: str | None
