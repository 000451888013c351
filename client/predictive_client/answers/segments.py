"""Segments and their members."""

from typing import Any, Literal, TypedDict


class SegmentCount(TypedDict):
    """How many people a segment would have."""

    users: int
    as_of: str
    runs: dict[str, str]


class SavedSegment(TypedDict):
    """A segment as it was saved."""

    name: str
    description: str | None
    version: int
    condition: dict[str, Any]
    users: int | None
    as_of: str | None
    runs: dict[str, str]
    created_at: str
    updated_at: str
    created_by: str
    change: Literal["created", "updated", "unchanged"]


class Segment(TypedDict):
    """A segment and how many people are in it."""

    name: str
    description: str | None
    version: int
    condition: dict[str, Any]
    users: int | None
    as_of: str | None
    runs: dict[str, str]
    created_at: str
    updated_at: str
    created_by: str


class Member(TypedDict):
    """A member, with the scores that the segment asks for; null where there is none."""

    user_id: str
    scores: dict[str, float | None]


class Membership(TypedDict):
    """Whether one user is a member."""

    segment: str
    user_id: str
    member: bool
    as_of: str


class Difference(TypedDict):
    """Users who are in the one and not in the other: how many, and those of this page."""

    users: int
    user_ids: list[str]


class SegmentChanges(TypedDict):
    """Who entered and who left since a moment."""

    segment: str
    version: int
    as_of: str
    users: int
    runs: dict[str, str]
    since: str
    since_version: int
    entered: Difference
    left: Difference
    next_cursor: str | None
