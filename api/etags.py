"""ETags: whoever asks again whether something has changed hears so in a few bytes."""

from __future__ import annotations

import hashlib

from starlette.types import Message, Scope, Send

_TAG_BYTES = 16


class Tagged:
    """Sends an answer with an ETag made of its body; as a 304 when the client has that body.

    An answer that comes in pieces is passed on as it is, without one.

    Parameters
    ----------
    send
        Where the answer goes.
    scope
        Of the request, with the tags that the client has.
    """

    __slots__ = ("_known", "_send", "_start")

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._start: Message | None = None
        self._known = _header(scope, b"if-none-match")

    @staticmethod
    def applies(scope: Scope) -> bool:
        """Whether a request reads something that clients poll.

        Scores are not: each is asked for when it is needed, and changes with each run.
        """
        path = scope["path"]
        return scope["method"] == "GET" and path.startswith("/v1/") and "/scores" not in path

    async def __call__(self, message: Message) -> None:
        """Hold back the start until the body tells its tag."""
        if message["type"] == "http.response.start" and _may_be_tagged(message):
            self._start = message
            return
        start, self._start = self._start, None
        if start is None:
            await self._send(message)
        elif message["type"] != "http.response.body" or message.get("more_body", False):
            await self._send(start)
            await self._send(message)
        else:
            await self._send_tagged(start, message)

    async def _send_tagged(self, start: Message, message: Message) -> None:
        tag = tag_of(message.get("body", b""))
        headers = [*start["headers"], (b"etag", tag), (b"cache-control", b"private, no-cache")]
        if not _is_known(tag, self._known):
            await self._send({**start, "headers": headers})
            await self._send(message)
            return
        of_body = (b"content-length", b"content-type")
        kept = [header for header in headers if header[0] not in of_body]
        await self._send({**start, "status": 304, "headers": kept})
        await self._send({"type": "http.response.body", "body": b""})


def _may_be_tagged(start: Message) -> bool:
    # A file comes with a tag of its own.
    return start["status"] == 200 and all(name != b"etag" for name, _ in start["headers"])


def tag_of(body: bytes) -> bytes:
    """The ETag of a body: the same bytes, the same tag."""
    return b'"%s"' % hashlib.blake2b(body, digest_size=_TAG_BYTES).hexdigest().encode()


def _is_known(tag: bytes, known: bytes) -> bool:
    # A proxy that compresses makes our tags weak ones; a read compares weakly (RFC 9110).
    listed = [each.strip().removeprefix(b"W/") for each in known.split(b",")]
    return tag in listed or b"*" in listed


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")
