"""What a request passes: reads are tagged; writes are measured, done once, and written down."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from api.auditing import WRITE, Audited
from api.etags import Tagged
from api.idempotency import Idempotent
from api.limits import BodyLimit
from api.rates import Limits
from api.writes import Writes
from predictive.workspace import Workspace

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """ASGI middleware that sends each request along its way.

    Parameters
    ----------
    app
        The application behind it.
    workspace
        Where the audit log and the answers to writes are kept.
    limits
        How often a key may ask.
    writes
        Which requests change something.
    """

    def __init__(
        self, app: ASGIApp, *, workspace: Workspace, limits: Limits, writes: Writes
    ) -> None:
        self._app, self._writes = app, writes
        self._write = BodyLimit(Idempotent(Audited(app, workspace), workspace, limits))
        self._read = BodyLimit(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on along its way."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] in _READING:
            await self._app(scope, receive, Tagged(send, scope) if Tagged.applies(scope) else send)
            return
        write = self._writes.find(scope["method"], scope["path"])
        if write is None:
            await self._read(scope, receive, send)
        else:
            scope[WRITE] = write
            await self._write(scope, receive, send)
