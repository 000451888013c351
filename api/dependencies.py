"""What every route may ask for: the workspace behind the service and the names in its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar, cast

from fastapi import Depends, Path, Request
from starlette.concurrency import run_in_threadpool

from api.schemas.scores import MAX_USER_ID
from predictive.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")


def workspace_of(request: Request) -> Workspace:
    """The workspace that the service was started on."""
    return cast(Workspace, request.app.state.workspace)


async def _workspace(request: Request) -> Workspace:
    # A coroutine: FastAPI would send a plain function to a thread.
    return workspace_of(request)


WorkspaceOf = Annotated[Workspace, Depends(_workspace)]

_MAX_NAME = 63

PredictionName = Annotated[
    str,
    Path(description="Name of the prediction.", max_length=_MAX_NAME, examples=["churn-28d"]),
]

UserIdInPath = Annotated[
    str,
    Path(
        description="The customer's id, percent-encoded.",
        min_length=1,
        max_length=MAX_USER_ID,
        pattern=r"^[^\x00]+$",
        examples=["anna-1138"],
    ),
]


def is_name(name: str) -> bool:
    """Whether a `PredictionName` may be so."""
    return len(name) <= _MAX_NAME


def is_user_id(user_id: str) -> bool:
    """Whether a `UserIdInPath` may be so."""
    return 0 < len(user_id) <= MAX_USER_ID and "\x00" not in user_id


async def look_up(workspace: Workspace, find: Callable[P, T], *args: P.args, **kw: P.kwargs) -> T:
    """Call a short store look-up the quickest way that keeps the event loop answering.

    SQLite answers a point look-up in tens of microseconds, less than a hop to a thread costs;
    PostgreSQL is a network away, so a thread waits for it.
    """
    if workspace.store.database.dialect == "sqlite":
        return find(*args, **kw)
    return await run_in_threadpool(find, *args, **kw)
