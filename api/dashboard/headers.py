"""Headers of every answer of the dashboard; scripts run only with the answer's own nonce."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def content_policy(nonce: str) -> str:
    """Content security policy: nothing from outside, no script without the nonce.

    Vue compiles its templates in the browser, which is why ``unsafe-eval`` stands here; Quasar
    sets styles on elements, which is why inline styles do.
    """
    rules: Iterable[str] = (
        "default-src 'none'",
        f"script-src 'self' 'nonce-{nonce}' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    return "; ".join(rules)


class SecuredSend:
    """Sends an answer with the headers; gives the scripts of a page their nonce.

    Parameters
    ----------
    send
        Of the server.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._nonce = secrets.token_urlsafe(16)
        self._start: Message | None = None
        self._page = bytearray()

    async def __call__(self, message: Message) -> None:
        """Pass a message on; a page is held back until it is whole."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in _FIXED.items():
                headers[name] = value
            headers["Content-Security-Policy"] = content_policy(self._nonce)
            if headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"
                self._start = message
                return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._page += message.get("body", b"")
        if not message.get("more_body", False):
            await self._send_page(self._start)

    async def _send_page(self, start: Message) -> None:
        # NiceGUI escapes every "<" of a page's content: what stands here is its own markup.
        body = bytes(self._page).replace(b"<script", f'<script nonce="{self._nonce}"'.encode())
        MutableHeaders(raw=start["headers"])["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
