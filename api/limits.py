"""No request body larger than the service takes is ever held in memory."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Room for 1,000 user ids of 256 characters, each written as a JSON escape.
MAX_BODY_BYTES = 2 * 1024 * 1024


class BodyLimit:
    """ASGI middleware that ends the reading of a body beyond ``MAX_BODY_BYTES`` with a 413.

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
                # Raised inside the app's own reading, so that the error handlers answer it.
                raise HTTPException(413, f"The body is over {MAX_BODY_BYTES:,} bytes, the limit.")
            return message

        reads_body = scope["type"] == "http" and scope["method"] not in {"GET", "HEAD"}
        await self._app(scope, counted if reads_body else receive, send)
