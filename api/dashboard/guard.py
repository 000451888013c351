"""What stands before every page: sessions, origins, headers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from api.dashboard.headers import SecuredSend
from api.dashboard.visit import SCOPE_KEY, SESSION_COOKIE, Preferences, Visit, now
from predictive.workspace import Workspace

SIGN_IN = "/sign-in"
#: Scripts, styles and fonts: the same for everybody.
_ASSETS = ("/_nicegui/", "/favicon.ico")


class Guard:
    """ASGI middleware that lets nobody to a page, or to its socket, without a session.

    Parameters
    ----------
    app
        The pages.
    public
        What answers without a session: sign-in, and the choice of language and theme.
    workspace
        Where the sessions are kept.
    """

    def __init__(self, app: ASGIApp, public: ASGIApp, workspace: Workspace) -> None:
        self._app, self._public, self._workspace = app, public, workspace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or lead to the sign-in."""
        connection = HTTPConnection(scope)
        if scope["type"] == "http":
            send = SecuredSend(send)
        path = connection.url.path
        if path.startswith(_ASSETS):
            await self._pass_on(scope, receive, send)
        elif not same_origin(connection):
            await _refuse(scope, receive, send)
        elif path in {SIGN_IN, "/sign-out", "/preferences"}:
            await self._public(scope, receive, send)
        elif (visit := await self._visit(connection)) is not None:
            await self._pass_on(_uncompressed(scope) | {SCOPE_KEY: visit}, receive, send)
        else:
            await _lead_to_sign_in(scope, receive, send, path)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except RuntimeError as error:
            # What NiceGUI's middleware says once the browser has left before its answer began.
            if str(error) != "No response returned.":
                raise

    async def _visit(self, connection: HTTPConnection) -> Visit | None:
        secret = connection.cookies.get(SESSION_COOKIE)
        if secret is None:
            return None
        find = self._workspace.store.sessions.find
        session = await run_in_threadpool(find, secret, at=now())
        if session is None or not session.key.allows("read"):
            return None
        return Visit(self._workspace, secret, session, Preferences.of(connection))


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a request comes from a page of ours, or from no page at all.

    A browser names the page behind every POST and every socket.
    """
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def _uncompressed(scope: Scope) -> dict[str, Any]:
    """The same request for a page that is not compressed, so that its scripts can be marked."""
    headers = [each for each in scope["headers"] if each[0] != b"accept-encoding"]
    return {**scope, "headers": headers}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(1008)(scope, receive, send)
        return
    await PlainTextResponse("Refused: another site asked.", 403)(scope, receive, send)


async def _lead_to_sign_in(scope: Scope, receive: Receive, send: Send, path: str) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(1008)(scope, receive, send)
    elif path.startswith("/_nicegui") or scope["method"] not in {"GET", "HEAD"}:
        await PlainTextResponse("Sign in first.", 401)(scope, receive, send)
    else:
        after = f"{SIGN_IN}?next={quote(path)}" if path != "/" else SIGN_IN
        await RedirectResponse(after, 303)(scope, receive, send)
