"""The figures that a monitor collects."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Request, Response, Security

from api.auth import MayReadMetrics
from api.metrics import MEDIA_TYPE, Metrics
from api.schemas.problems import problems
from predictive.store import Key

router = APIRouter(tags=["health"])

_EXAMPLE = """# HELP predictive_jobs Jobs queued and running.
# TYPE predictive_jobs gauge
predictive_jobs{kind="score",state="queued"} 1.0
"""


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}}},
        **problems(401, 403, 503),
    },
)
def metrics(
    request: Request,
    _: Annotated[Key | None, Security(MayReadMetrics(), scopes=["read"])],
) -> Response:
    """Requests of this process, and jobs, imports, scores, quality and alerts of the workspace.

    In Prometheus' text format. The setting PREDICTIVE_METRICS opens it to callers without a key.
    """
    told = cast(Metrics, request.app.state.metrics)
    return Response(told.text(), media_type=MEDIA_TYPE)
