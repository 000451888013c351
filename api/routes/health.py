"""Whether the service lives and is ready; the only routes that need no key."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException

from api.dependencies import WorkspaceOf
from api.schemas.health import Health, Readiness
from api.schemas.problems import problems
from predictive.code_version import code_version
from predictive.errors import Failure

router = APIRouter(tags=["health"])


@router.get("/health", summary="Does the process answer?")
async def health() -> Health:
    """Answer at once, without touching the store."""
    return Health(status="ok")


@router.get("/ready", summary="Can it serve?", responses=problems(503))
def ready(workspace: WorkspaceOf) -> Readiness:
    """Ask the store a question; a 503 keeps traffic away until it answers."""
    try:
        workspace.store.check()
    except Failure:
        raise HTTPException(503, "The store does not answer.") from None
    return Readiness(status="ready", version=code_version())
