"""Puts the dashboard into the service.

NiceGUI is one application for the whole process. It is set up once; each service sends it what
belongs to the dashboard, with its own workspace at hand. Importing it takes a second, so that
happens when a service starts and not before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.routing import Match, Mount
from starlette.types import Scope

from api.dashboard.guard import Guard
from api.dashboard.sign_in import public_pages
from api.rates import Limits
from predictive.workspace import Workspace

if TYPE_CHECKING:
    from nicegui.app import App

PAGES = (
    "predictions",
    "definition",
    "prediction",
    "quality",
    "why",
    "jobs",
    "segments",
    "segment",
    "customer",
    "alerts",
    "keys",
)
#: First parts of the paths that are the dashboard's; every other path is the API's.
_OWN = frozenset(
    {
        "",
        "sign-in",
        "sign-out",
        "preferences",
        "new-prediction",
        "new-segment",
        "predictions",
        "customers",
        "segments",
        "alerts",
        "keys",
        "_nicegui",
        "_nicegui_ws",
        "favicon.ico",
    }
)
_TITLE = "Predictive"


class _Dashboard(Mount):
    """A mount at the root that takes only its own paths, so that the API's errors stay its own."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "lifespan" or scope["path"].split("/", 2)[1] not in _OWN:
            return Match.NONE, {}
        return super().matches(scope)


@asynccontextmanager
async def serving(app: FastAPI, workspace: Workspace, limits: Limits) -> AsyncIterator[None]:
    """Serve the dashboard at ``/`` for as long as the service runs.

    NiceGUI belongs to one event loop: of several services in one process, the first has it.
    """
    pages = _nicegui()
    if pages.is_started:
        yield
        return
    route = _Dashboard("/", Guard(pages, public_pages(workspace, limits), workspace))
    async with pages.router.lifespan_context(pages):
        app.router.routes.append(route)
        yield
        app.router.routes.remove(route)


@cache
def _nicegui() -> App:
    from nicegui import app, ui  # noqa: PLC0415  (sets up a whole application)

    for page in PAGES:
        import_module(f"api.dashboard.pages.{page}")
    # Sets NiceGUI up; it is not served through this application but through those of `serving`.
    ui.run_with(
        FastAPI(),
        title=_TITLE,
        tailwind=False,
        dark=None,
        show_welcome_message=False,
        reconnect_timeout=10.0,
    )
    return app
