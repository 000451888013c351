"""Headers of every answer: what a browser may do with it, what is left of the rate limit."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.rates import RATE, Taken

_POLICY = b"content-security-policy"
_MARK = b"x-content-type-options"
_FIXED = [
    (_MARK, b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
#: For what is no page: nothing in it is ever run or shown in a frame.
_NO_PAGE = [*_FIXED, (_POLICY, b"default-src 'none'; frame-ancestors 'none'")]
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


class Headers:
    """ASGI middleware that puts the headers of the service on every answer.

    Parameters
    ----------
    app
        The application behind it, which leaves what is left of the rate limit in the scope.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the first message of its answer gets the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_further(scope, message)]
            await send(message)

        await self._app(scope, receive, headed)


def _further(scope: Scope, message: Message) -> list[tuple[bytes, bytes]]:
    further = list(_missing(message.get("headers", ())))
    if scope["scheme"] == "https":
        further.append(_HTTPS_ONLY)
    taken: Taken | None = scope.get(RATE)
    if taken is not None:
        further += taken.headers()
    return further


def _missing(headers: Any) -> list[tuple[bytes, bytes]]:
    """The fixed headers, unless a page has set its own."""
    own_policy = False
    for name, _ in headers:
        if name == _MARK:
            return []
        own_policy = own_policy or name == _POLICY
    return _FIXED if own_policy else _NO_PAGE
