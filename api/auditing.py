"""Who asked for which change, and how it ended, written down before the answer goes out."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import KEY
from api.writes import Write
from predictive.audit import note
from predictive.store import Key
from predictive.workspace import Workspace

#: Where the write that a request asks for is found.
WRITE = "predictive.write"
#: Refused because there were too many: writing each down would make it worse.
_TOO_MANY = 429


class Audited:
    """ASGI application that writes an entry of the audit log for each write of a valid key.

    Parameters
    ----------
    app
        The application behind it, which tells the key.
    workspace
        Where the log is kept.
    """

    def __init__(self, app: ASGIApp, workspace: Workspace) -> None:
        self._app, self._workspace = app, workspace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; note it when its status is known."""
        noted = False

        async def noting(message: Message) -> None:
            nonlocal noted
            if message["type"] == "http.response.start":
                noted = True
                await self._note(scope, message["status"], _location(message))
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            if not noted:
                await self._note(scope, 500, "")
            raise

    async def _note(self, scope: Scope, status: int, made: str) -> None:
        key: Key | None = scope.get(KEY)
        if key is None or status == _TOO_MANY:
            return
        write: Write = scope[WRITE]
        target = f"{write.target} → {made}" if made else write.target
        await run_in_threadpool(note, self._workspace, key.id, write.action, target, status)


def _location(message: Message) -> str:
    """What was made, as the answer tells it."""
    found = (value for name, value in message["headers"] if name.lower() == b"location")
    return next(found, b"").decode("latin-1")
