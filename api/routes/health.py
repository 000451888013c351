"""Whether the service lives and is ready; the only routes that need no key."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException

from api.schemas.health import Health, Readiness
from api.schemas.problems import problems
from api.telemetry import Ending
from predictive.code_version import code_version
from predictive.readiness import Check

router = APIRouter(tags=["health"])


@router.get("/health", summary="Does the process answer?")
async def health() -> Health:
    """Answer at once, without touching the store."""
    return Health(status="ok")


@router.get("/ready", summary="Can it serve?", responses=problems(503))
def ready(request: Request) -> Readiness:
    """Look at store, lake and disk, once a second; a 503 that says why keeps traffic away."""
    state = request.app.state
    if cast(Ending, state.ending).begun:
        raise HTTPException(503, "The service is ending.")
    found = cast(Check, state.readiness)()
    if found.reasons:
        raise HTTPException(503, " ".join(found.reasons))
    return Readiness(status="ready", version=code_version(), worker=found.worker)
