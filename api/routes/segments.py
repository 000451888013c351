"""Segments: people chosen by scores and conditions, under a name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api import convertors
from api.auth import Manager, Reader, requester
from api.dependencies import UserIdInPath, WorkspaceOf
from api.pages import Cursor, Limit
from api.schemas.problems import problems
from api.schemas.scores import MAX_PAGE
from api.schemas.segments import (
    MemberPage,
    Membership,
    SavedSegment,
    Segment,
    SegmentChanges,
    SegmentCount,
    SegmentList,
)
from api.schemas.times import GivenMoment
from api.segment_body import SEGMENT_BODY, SegmentBody
from predictive import cursors
from predictive.segments import service
from predictive.segments.changes import changes as segment_changes

convertors.register()

router = APIRouter(prefix="/segments", tags=["segments"], responses=problems(401, 403, 422))

SegmentName = Annotated[
    str, Path(description="Name of the segment.", max_length=63, examples=["at-risk-but-active"])
]
#: Of ids, which are small, more than of what else is listed.
ManyIds = Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many at most.")]


def _now() -> datetime:
    return datetime.now(UTC)


@router.post(
    "/count",
    summary="Count before saving",
    response_model=SegmentCount,
    responses=problems(404, 409, 415),
    openapi_extra=SEGMENT_BODY,
)
def count(_: Reader, segment: SegmentBody, workspace: WorkspaceOf) -> dict[str, Any]:
    """How many people a segment would have now; nothing is saved."""
    return service.count(workspace, segment)


@router.post(
    "",
    summary="Create or update a segment",
    status_code=201,
    response_model=SavedSegment,
    responses={
        200: {"model": SavedSegment, "description": "Updated or unchanged"},
        **problems(404, 409, 415),
    },
    openapi_extra=SEGMENT_BODY,
)
def save(
    key: Manager, segment: SegmentBody, workspace: WorkspaceOf, response: Response
) -> dict[str, Any]:
    """Save a segment under its name. A changed one becomes a new version."""
    saved = service.save(workspace, segment, by=requester(key), now=_now())
    if saved["change"] == "created":
        response.headers["Location"] = f"/v1/segments/{saved['name']}"
    else:
        response.status_code = 200
    return saved


@router.get("", summary="List the segments", response_model=SegmentList)
def listing(
    workspace: WorkspaceOf,
    _: Reader,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Segments by name, with the number of members when each was last read."""
    after = cursors.name_of(cursor) or ""
    found = service.list_all(workspace, after=after, limit=cursors.room_for(limit))
    shown, following = cursors.page(found, limit, lambda segment: [segment["name"]])
    return {"segments": shown, "next_cursor": following}


@router.get(
    "/{name}",
    summary="Read a segment",
    response_model=Segment,
    responses=problems(404, 409),
)
def show(name: SegmentName, workspace: WorkspaceOf, _: Reader) -> dict[str, Any]:
    """The segment and how many people are in it now."""
    return service.show(workspace, name, now=_now())


@router.delete("/{name}", status_code=204, summary="Delete a segment", responses=problems(404))
def delete(name: SegmentName, workspace: WorkspaceOf, _: Manager) -> None:
    """Delete a segment and what is kept of its members."""
    service.delete(workspace, name)


@router.get(
    "/{name}/members",
    summary="Page through the members",
    response_model=MemberPage,
    responses=problems(404, 409),
)
def members(
    name: SegmentName,
    workspace: WorkspaceOf,
    _: Reader,
    limit: ManyIds = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Members by user id. What changes meanwhile does not change a walk that has begun."""
    return service.page(workspace, name, cursor=cursor, limit=limit, now=_now())


@router.get(
    "/{name}/members/{user_id:text}",
    summary="Membership of one user",
    response_model=Membership,
    responses=problems(404, 409),
)
def membership(
    name: SegmentName,
    user_id: UserIdInPath,
    workspace: WorkspaceOf,
    _: Reader,
) -> dict[str, Any]:
    """Whether a user is a member now; a user whom nobody knows is none."""
    return service.contains(workspace, name, user_id, now=_now())


@router.get(
    "/{name}/changes",
    summary="Who entered and who left",
    response_model=SegmentChanges,
    responses=problems(404, 409),
)
def changes(
    name: SegmentName,
    workspace: WorkspaceOf,
    _: Reader,
    since: Annotated[GivenMoment, Query(description="A moment of the last 90 days.")],
    limit: ManyIds = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Compared with the members that were taken down last at or before the moment.

    A page has up to `limit` ids of either kind; all pages of a walk compare the same moments.
    """
    return segment_changes(workspace, name, since=since, limit=limit, cursor=cursor, now=_now())
