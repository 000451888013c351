"""Streams: all scores of a run and all members of a segment, in memory that does not grow.

Their addresses stand beside those of single users, not below them: an id may be any text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.auth import Reader
from api.dependencies import PredictionName, WorkspaceOf
from api.routes.segments import SegmentName
from api.schemas.exports import MEMBER_EXAMPLES, MembersWanted, ScoresWanted
from api.schemas.problems import problems
from api.streams import Stream, format_of, stream_responses
from predictive.formats import encoded, flat
from predictive.jobs.score import SCORES_SCHEMA
from predictive.segments.walking import walk

router = APIRouter(responses=problems(401, 403, 404, 406, 409, 422))

_SCORES = stream_responses(
    {
        "ndjson": '{"user_id":"anna-1138","probability":0.412,"score":78.21,"category":"high"}\n',
        "csv": '"user_id","probability","score","category"\n"anna-1138",0.412,78.21,"high"\n',
    },
    {
        "Predictive-Run-Id": "The scoring run all rows are of; begins the cursor.",
        "Predictive-Model-Version": "The model version that scored.",
        "Predictive-As-Of": "The moment of prediction.",
    },
)
_MEMBERS = stream_responses(
    MEMBER_EXAMPLES,
    {
        "Predictive-Snapshot-Id": "The members all rows are of; begins the cursor.",
        "Predictive-As-Of": "The moment that the conditions look back from.",
    },
)


@router.get(
    "/predictions/{name}/score-stream",
    tags=["scores"],
    summary="Stream a score range",
    status_code=200,
    response_class=Stream,
    responses=_SCORES,
)
def scores(
    _: Reader,
    name: PredictionName,
    workspace: WorkspaceOf,
    request: Request,
    wanted: Annotated[ScoresWanted, Query()],
) -> Stream:
    """All users in the range by user id, as NDJSON, CSV or Parquet; all of one scoring run.

    A stream that was cut off goes on with the same address and `cursor`.
    """
    form = format_of(request, wanted.format)
    asked = wanted.model_dump(exclude={"format"})
    stream = workspace.store.scores.stream(name, **asked)
    headers = {
        "Predictive-Run-Id": stream.run_id,
        "Predictive-Model-Version": str(stream.model_version),
        "Predictive-As-Of": stream.as_of.isoformat(),
    }
    begun = bool(stream.after)
    pieces = encoded(stream.batches(), flat(SCORES_SCHEMA), form, begun=begun)
    return Stream(pieces, form, headers)


@router.get(
    "/segments/{name}/member-stream",
    tags=["segments"],
    summary="Stream the members",
    status_code=200,
    response_class=Stream,
    responses=_MEMBERS,
)
def members(
    _: Reader,
    name: SegmentName,
    workspace: WorkspaceOf,
    request: Request,
    wanted: Annotated[MembersWanted, Query()],
) -> Stream:
    """All members by user id, as NDJSON, CSV or Parquet; all of one moment.

    A stream that was cut off goes on with the same address and `cursor`.
    """
    form = format_of(request, wanted.format)
    stream = walk(workspace, name, cursor=wanted.cursor, now=datetime.now(UTC))
    headers = {
        "Predictive-Snapshot-Id": stream.snapshot.snapshot_id,
        "Predictive-As-Of": stream.snapshot.as_of.isoformat(),
    }
    pieces = encoded(stream.batches(), stream.shape, form, begun=bool(stream.after))
    return Stream(pieces, form, headers)
