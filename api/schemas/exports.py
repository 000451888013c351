"""Exports of segments, and what may be asked of a stream."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.scores import HighestScore, LowestScore
from api.schemas.times import UtcMoment
from predictive.formats import Format

_EXPORT: dict[str, Any] = {
    "id": "0198c6b0a41d00007c2e9f0351b6d8aa",
    "segment": "at-risk-but-active",
    "format": "csv",
    "state": "succeeded",
    "share": 1.0,
    "version": 1,
    "as_of": "2025-11-01T00:00:00Z",
    "users": 181,
    "runs": {"churn-28d": "0198c6b0a41d00007c2e9f0351b6d8aa"},
    "bytes": 4382,
    "file": "/v1/exports/0198c6b0a41d00007c2e9f0351b6d8aa/file",
    "expires_at": "2025-11-02T09:15:04Z",
    "error": None,
    "callback": {
        "host": "engine.example.com",
        "state": "delivered",
        "attempts": 0,
        "error": None,
    },
    "requested_by": "key 6f1c2a",
    "created_at": "2025-11-01T09:15:01Z",
    "finished_at": "2025-11-01T09:15:04Z",
}

#: A member in each format that is text.
MEMBER_EXAMPLES: dict[Format, str] = {
    "ndjson": '{"user_id":"anna-1138","scores":{"churn-28d":78.21}}\n',
    "csv": '"user_id","score:churn-28d"\n"anna-1138",78.21\n',
}

# Room for a run's id and the longest user id.
Position = Annotated[str, Field(max_length=2_048)]
Category = Literal["low", "medium", "high"]
_FORMAT = "Default: what `Accept` asks for, else ndjson."


class ScoresWanted(BaseModel):
    """Which users; a misspelt parameter is an error, not a default."""

    model_config = ConfigDict(extra="forbid")

    min_score: LowestScore = 0.0
    max_score: HighestScore = 100.0
    category: Category | None = Field(default=None, description="By the bounds of the run.")
    format: Format | None = Field(default=None, description=_FORMAT)
    cursor: Position | None = Field(
        default=None,
        description="`Predictive-Run-Id` of the stream, a colon, and the last user id that came; "
        "without a user id: from the beginning of that run.",
    )


class MembersWanted(BaseModel):
    """In which form, and from where; a misspelt parameter is an error, not a default."""

    model_config = ConfigDict(extra="forbid")

    format: Format | None = Field(default=None, description=_FORMAT)
    cursor: Position | None = Field(
        default=None,
        description="`Predictive-Snapshot-Id` of the stream, a colon, and the last user id that "
        "came; without a user id: from the beginning of that snapshot.",
    )


class ExportRequest(BaseModel):
    """Write all members to a file."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"format": "csv"}]},
    )

    format: Format
    callback_url: Annotated[str, Field(max_length=2_048)] | None = Field(
        default=None,
        description="Told by a signed POST when it is done or has failed. Only addresses that "
        "the workspace allows.",
    )


class CallbackState(BaseModel):
    """Whether the caller has been told."""

    host: str
    state: Literal["waiting", "due", "delivered", "given_up"]
    attempts: int = Field(description="How often it was tried in vain.")
    error: str | None


class Export(BaseModel):
    """A file of all members of a segment, and where it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXPORT]})

    id: str = Field(description="Also the id of the job that writes it.")
    segment: str
    format: Format
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    share: float | None = Field(description="Share of the rows that are written, 0 to 1.")
    version: int | None = Field(description="Of the segment.")
    as_of: UtcMoment | None = Field(description="The moment its conditions look back from.")
    users: int | None
    runs: dict[str, str]
    bytes: int | None
    file: str | None = Field(description="Where to fetch it; null before it is done and after.")
    expires_at: UtcMoment | None = Field(description="When the file will be deleted.")
    error: dict[str, Any] | None = Field(description="Why it failed, as a problem's fields.")
    callback: CallbackState | None
    requested_by: str
    created_at: UtcMoment
    finished_at: UtcMoment | None


class ExportList(Page):
    """Exports, newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"exports": [_EXPORT], "next_cursor": None}]}
    )

    exports: list[Export]
