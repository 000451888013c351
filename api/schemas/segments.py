"""Segments as they are counted, saved, listed and walked through."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.times import UtcMoment

_RUNS = {"churn-28d": "0198c6b0a41d00007c2e9f0351b6d8aa"}
_COUNT: dict[str, Any] = {
    "users": 181,
    "as_of": "2025-11-01T00:00:00+00:00",
    "runs": _RUNS,
}
_SEGMENT: dict[str, Any] = {
    "name": "at-risk-but-active",
    "description": "Likely to leave, and here in the last two weeks.",
    "version": 1,
    "condition": {"all": [{"prediction": "churn-28d", "gte": 75}, {"did": "*", "within_days": 14}]},
    "created_at": "2025-11-01T09:12:30+00:00",
    "updated_at": "2025-11-01T09:12:30+00:00",
    "created_by": "key 6f1c2a",
    **_COUNT,
}
_PAGE: dict[str, Any] = {
    "segment": "at-risk-but-active",
    "version": 1,
    **_COUNT,
    "members": [{"user_id": "anna-1138", "scores": {"churn-28d": 78.21}}],
    "next_cursor": None,
}
_CHANGES: dict[str, Any] = {
    "segment": "at-risk-but-active",
    "version": 1,
    **_COUNT,
    "since": "2025-10-31T09:12:30+00:00",
    "since_version": 1,
    "entered": {"users": 1, "user_ids": ["anna-1138"]},
    "left": {"users": 0, "user_ids": []},
    "next_cursor": None,
}


class SegmentCount(BaseModel):
    """How many people a segment would have."""

    model_config = ConfigDict(json_schema_extra={"examples": [_COUNT]})

    users: int
    as_of: UtcMoment = Field(description="The moment that the conditions look back from.")
    runs: dict[str, str] = Field(description="The scoring run of each prediction asked for.")


class Segment(BaseModel):
    """A segment and how many people are in it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SEGMENT]})

    name: str
    description: str | None
    version: int
    condition: dict[str, Any] = Field(description="all, any or not, as it was written.")
    users: int | None = Field(description="In a list: as of the last time it was read.")
    as_of: UtcMoment | None
    runs: dict[str, str]
    created_at: UtcMoment
    updated_at: UtcMoment
    created_by: str


class SavedSegment(Segment):
    """A segment as it was saved."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SEGMENT | {"change": "created"}]})

    change: Literal["created", "updated", "unchanged"]


class SegmentList(Page):
    """Segments by name."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"segments": [_SEGMENT], "next_cursor": None}]}
    )

    segments: list[Segment]


class Member(BaseModel):
    """A member, with the scores that the segment asks for; null where there is none."""

    user_id: str
    scores: dict[str, float | None]


class MemberPage(Page):
    """Members by user id; all pages of a walk are of one moment."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PAGE]})

    segment: str
    version: int
    as_of: UtcMoment
    users: int = Field(description="Of the whole segment.")
    runs: dict[str, str]
    members: list[Member]


class Membership(BaseModel):
    """Whether one user is a member."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "segment": "at-risk-but-active",
                    "user_id": "anna-1138",
                    "member": True,
                    "as_of": "2025-11-01T00:00:00+00:00",
                }
            ]
        }
    )

    segment: str
    user_id: str
    member: bool
    as_of: UtcMoment


class Difference(BaseModel):
    """Users who are in the one and not in the other: how many, and those of this page."""

    users: int
    user_ids: list[str]


class SegmentChanges(Page):
    """Who entered and who left since a moment."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHANGES]})

    segment: str
    version: int
    as_of: UtcMoment
    users: int
    runs: dict[str, str]
    since: UtcMoment = Field(description="When the members compared with were taken down.")
    since_version: int
    entered: Difference
    left: Difference
