"""A job as a stream of server-sent events, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.auth import Reader
from api.dependencies import WorkspaceOf, look_up
from api.routes.jobs import JobId
from api.schemas.jobs import Job, JobState, LogLine
from api.schemas.problems import problems
from predictive.errors import NotFound

router = APIRouter(tags=["jobs"], responses=problems(401, 403, 404, 422))

#: The store is asked this often, in seconds; the worker tells it no oftener.
_POLL_SECONDS = 0.5
_OPEN = ("queued", "running")

_TEXT = {"type": "string"}
_EXAMPLE = """event: progress
data: {"id":"0198c6b0a41d00007c2e9f0351b6d8aa","state":"running","stage":"Backtesting","share":0.4}

event: log
data: {"number":3,"at":"2025-11-01T02:10:09+00:00","level":"info","message":"Backtesting"}
id: 3

event: end
data: {"id":"0198c6b0a41d00007c2e9f0351b6d8aa","state":"succeeded"}
"""


async def _known(job_id: JobId, workspace: WorkspaceOf) -> str:
    # Asked before the stream begins, while an unknown job can still be answered by a 404.
    await look_up(workspace, workspace.store.jobs.get, job_id)
    return job_id


@router.get(
    "/jobs/{job_id}/events",
    summary="Follow a job",
    response_class=EventSourceResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": _TEXT, "example": _EXAMPLE}}},
    },
)
async def events(
    _: Reader,  # first, so that nobody without a key hears which jobs there are
    job_id: Annotated[str, Depends(_known)],
    workspace: WorkspaceOf,
    request: Request,
    last_event_id: Annotated[
        int, Header(ge=0, le=2**31 - 1, description="Only lines of the log after this one.")
    ] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events until the job is over.

    ``progress`` when something has changed; ``log`` for each line of the log, whose number is
    the event's id, so that a client that reconnects misses none; ``end`` with the whole job.
    """
    jobs, before, line = workspace.store.jobs, "", last_event_id
    # A service that is told to end lets its followers go; they go on elsewhere.
    while not request.app.state.ending.begun:
        try:
            job = await look_up(workspace, jobs.get, job_id)
            said = await look_up(workspace, jobs.read_log, job_id, line)
        except NotFound:
            return  # deleted meanwhile, with its prediction
        for each in said:
            line = each.number
            yield ServerSentEvent(event="log", id=str(line), data=_line(each))
        if job.state not in _OPEN:
            yield ServerSentEvent(event="end", data=Job.model_validate(job, from_attributes=True))
            return
        state = JobState.model_validate(job, from_attributes=True).model_dump_json()
        if state != before:
            before = state
            yield ServerSentEvent(event="progress", raw_data=state)
        await asyncio.sleep(_POLL_SECONDS)


def _line(line: object) -> LogLine:
    return LogLine.model_validate(line, from_attributes=True)
