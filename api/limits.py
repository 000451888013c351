"""No request body larger than the service takes is ever held in memory."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import instance_of, problem

#: Room for 1,000 user ids of 256 characters, each written as a JSON escape.
MAX_BODY_BYTES = 2 * 1024 * 1024
_DETAIL = f"The body is over {MAX_BODY_BYTES:,} bytes, the limit."


class _TooLarge(HTTPException):
    """The body is over the limit."""

    def __init__(self) -> None:
        super().__init__(413, _DETAIL)


class BodyLimit:
    """ASGI application that ends the reading of a body beyond ``MAX_BODY_BYTES`` with a 413.

    A body that says how long it is, is refused before any of it is read; one that comes in
    chunks is counted.

    Parameters
    ----------
    app
        The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting the bytes of its body as the app reads them."""
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                # Raised inside whoever reads, whose error handlers may answer it.
                raise _TooLarge
            return message

        try:
            if _told_length(scope) > MAX_BODY_BYTES:
                raise _TooLarge
            await self._app(scope, counted, send)
        except _TooLarge:
            answer = problem(413, "too_large", _DETAIL, instance=instance_of(scope))
            await answer(scope, receive, send)


def _told_length(scope: Scope) -> int:
    told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(told) if told.isdigit() else 0
