"""``predictive serve`` with a route more, which answers the same bytes to everybody.

``python -m benchmarks.server serve …``: the bar of a look-up is that route, in the same
application behind the same middleware.
"""

from __future__ import annotations

import sys

from fastapi import FastAPI, Response
from fastapi.routing import APIRoute

import api.app
from predictive.cli.main import run
from predictive.settings import Settings

CONSTANT = "/constant"
#: As many bytes as the score of one user.
SIZE = 259

_create_app = api.app.create_app


async def _constant() -> Response:
    return Response(_BODY, media_type="application/json")


_BODY = b'{"constant":"' + b"x" * (SIZE - 15) + b'"}'


def _with_constant(settings: Settings | None = None) -> FastAPI:
    app = _create_app(settings)
    # First, so that no other route is tried before it.
    app.router.routes.insert(0, APIRoute(CONSTANT, _constant, methods=["GET"]))
    return app


if __name__ == "__main__":
    api.app.create_app = _with_constant
    run(sys.argv[1:])
