"""The HTTP service: ``create_app`` puts routes, errors and documentation together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from api import docs, errors
from api.dashboard import mount as dashboard
from api.gate import Gate
from api.headers import Headers
from api.housekeeping import clearing
from api.metrics import Metrics
from api.parameters import Parameters
from api.quick import Quick
from api.rates import limits_of
from api.routes import (
    alerts,
    audit,
    checks,
    exports,
    health,
    job_events,
    jobs,
    keys,
    lifecycle,
    metrics,
    models,
    predictions,
    quality,
    scores,
    segments,
    sends,
    simulations,
    streams,
    users,
    why,
)
from api.telemetry import Ending, Telemetry
from api.writes import Writes
from predictive.readiness import Check
from predictive.settings import Settings, load_settings
from predictive.workspace import Workspace


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the service over one workspace.

    Parameters
    ----------
    settings
        Where the workspace is, among others; read from the environment by default.

    Raises
    ------
    InvalidInput
        When no workspace is named, or the folder is none.
    """
    workspace = Workspace.open(settings=settings or load_settings())

    # Opened now: a store that is newer or out of reach ends the start, not the first request.
    workspace.store.check()
    limits = limits_of(workspace.settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with dashboard.serving(app, workspace, limits), clearing(workspace):
            yield
        workspace.close()

    app = FastAPI(
        title="Predictive API",
        version=version("predictive-suite"),
        summary="Churn and purchase predictions, measured and served.",
        description=docs.DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=docs.OPENAPI_URL,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.workspace = workspace
    app.state.metrics = Metrics(workspace)
    app.state.readiness = Check(workspace)
    app.state.ending = Ending()
    app.state.limits = limits
    errors.install(app)
    # Routes are tried in this order, a level of routers at a time: the hot ones come first.
    for noun in (
        scores,
        simulations,
        segments,
        streams,
        exports,
        quality,
        sends,
        why,
        predictions,
        models,
        lifecycle,
        jobs,
        job_events,
        alerts,
        checks,
        keys,
        users,
        audit,
    ):
        app.include_router(noun.router, prefix="/v1")
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.state.parameters = Parameters(app)
    docs.install(app)
    # The last one added stands before the others; Telemetry sees every request and every error.
    # Typed loosely: all handlers are asynchronous and take any error, which Starlette can't know.
    handlers: dict[Any, Any] = app.exception_handlers
    app.add_middleware(Quick, routes=(scores.quick, simulations.quick), handlers=handlers)
    app.add_middleware(Gate, workspace=workspace, limits=limits, writes=Writes(app))
    app.add_middleware(Telemetry, app.state.metrics.requests, app.state.ending)
    app.add_middleware(Headers)
    return app
