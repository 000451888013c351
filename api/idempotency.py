"""The header ``Idempotency-Key``: a write that is asked for twice is done once.

After draft-ietf-httpapi-idempotency-key-header. The first request claims the key, in the store,
so that all processes see it, and its answer is kept for a day. While it is being answered, it
says so every few seconds; when it stops saying so, its process is taken for dead, and the next
request with the key begins anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import ParamSpec

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auditing import WRITE
from api.auth import address_of, bearer
from api.errors import instance_of, problem
from api.rates import RATE, Limits
from api.writes import Write
from predictive.errors import Failure, shown
from predictive.logs import get_logger
from predictive.store import Key
from predictive.store.idempotency import LEASE, Answer
from predictive.workspace import Workspace

P = ParamSpec("P")

HEADER = "Idempotency-Key"
PATTERN = r"^[!-~]{1,255}$"
_ALLOWED = re.compile(PATTERN)
#: Refused for who asks or how often, not for what is asked: not the request's own answer.
_PASSING = frozenset({401, 403, 408, 413, 429})
_RENEW_SECONDS = LEASE.total_seconds() / 3

_log = get_logger("api")


class Idempotent:
    """ASGI application that answers a write with an ``Idempotency-Key`` once.

    Parameters
    ----------
    app
        The application behind it, which does what is asked.
    workspace
        Where answers are kept.
    limits
        How often a key may ask.
    """

    def __init__(self, app: ASGIApp, workspace: Workspace, limits: Limits) -> None:
        self._app, self._workspace, self._limits = app, workspace, limits
        self._kept = workspace.store.idempotency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do what is asked, or tell what came of it before."""
        request = Request(scope)
        given = request.headers.get(HEADER)
        key = None if given is None else await self._key(request)
        if given is None or key is None:
            # Without a valid key nothing is done, and so nothing is kept.
            await self._app(scope, receive, send)
            return
        answer = await self._answer(request, key, given, receive, send)
        if answer is not None:
            await answer(scope, receive, send)

    async def _key(self, request: Request) -> Key | None:
        secret = bearer(request)
        if secret is None or not self._limits.may_try(secret, address_of(request)):
            return None
        return await run_in_threadpool(self._workspace.store.keys.verify, secret)

    async def _answer(
        self, request: Request, key: Key, given: str, receive: Receive, send: Send
    ) -> Response | None:
        """The answer, unless the application behind has sent it."""
        scope, write = request.scope, request.scope[WRITE]
        if not key.allows(write.scope):
            await self._app(scope, receive, send)
            return None
        if _ALLOWED.match(given) is None:
            return _refused(request, given)
        name = unquoted(given)
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            # Part of a request is none: nothing is done.
            return None
        sha256 = _sha256(request, body)
        before = await run_in_threadpool(self._kept.begin, key.id, name, sha256, at=_now())
        if before is None:
            await self._first(scope, body, receive, send, key.id, name, sha256)
            return None
        return self._limited(request, key, write) or _again(request, before, sha256)

    def _limited(self, request: Request, key: Key, write: Write) -> Response | None:
        taken = request.scope[RATE] = self._limits.take(key.id, write.scope)
        if taken is None or taken.allowed:
            return None
        return problem(
            429,
            "rate_limited",
            taken.refusal(),
            instance=instance_of(request.scope),
            headers=taken.wait(),
        )

    async def _first(
        self,
        scope: Scope,
        body: bytes,
        receive: Receive,
        send: Send,
        key_id: str,
        name: str,
        sha256: str,
    ) -> None:
        held = _Held(receive, body)
        answer = None
        try:
            async with self._renewed(key_id, name):
                await self._app(scope, held.receive, held.send)
            answer = held.answer(sha256)
        finally:
            if answer is None:
                await self._settle(self._kept.abandon, key_id, name)
            else:
                await self._settle(self._kept.finish, key_id, name, answer, at=_now())
        for message in held.messages:
            await send(message)

    async def _settle(self, function: Callable[P, None], *args: P.args, **kw: P.kwargs) -> None:
        """Tell the store how it ended; when it can't hear, the claim ends by itself."""
        try:
            await run_in_threadpool(function, *args, **kw)
        except Failure as error:
            # What was asked for has happened, or has failed: the client must hear which.
            _log.error("answer not kept", error=type(error).__name__)

    @asynccontextmanager
    async def _renewed(self, key_id: str, name: str) -> AsyncIterator[None]:
        """Say that the request is being answered, for as long as the block lasts."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(_RENEW_SECONDS)
                with suppress(Exception):  # the next one may get through; else the claim ends
                    await run_in_threadpool(self._kept.renew, key_id, name, at=_now())

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


class _Held:
    """Gives an application a body that was read before, and holds its answer back."""

    def __init__(self, receive: Receive, body: bytes) -> None:
        self._receive, self._body = receive, body
        self._given = False
        self.messages: list[Message] = []

    async def receive(self) -> Message:
        """The body, then whatever the server says."""
        if self._given:
            return await self._receive()
        self._given = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Keep a message of the answer."""
        self.messages.append(message)

    def answer(self, sha256: str) -> Answer | None:
        """The answer as it is kept; None for one that must not be."""
        if not self.messages:
            return None
        start, *rest = self.messages
        status = start["status"]
        if status >= 500 or status in _PASSING:
            return None
        headers = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]
        ]
        secret = any(
            name.lower() == "cache-control" and "no-store" in value for name, value in headers
        )
        body = None if secret else b"".join(message.get("body", b"") for message in rest)
        return Answer(sha256, status, headers, body)


def unquoted(given: str) -> str:
    """The key in a header, which the draft wants quoted and many clients do not quote."""
    quoted = len(given) > 2 and given[0] == given[-1] == '"'
    return given[1:-1] if quoted else given


def _sha256(request: Request, body: bytes) -> str:
    """Of all that makes a request another one."""
    kind = request.headers.get("content-type", "")
    asked = f"{request.method}\n{request.url.path}\n{request.url.query}\n{kind}\n"
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass") + body).hexdigest()


def _again(request: Request, before: Answer, sha256: str) -> Response:
    """The answer to a request whose key was used before."""
    path = instance_of(request.scope)
    if before.request_sha256 != sha256:
        return problem(
            422,
            "idempotency_key_reused",
            f"This {HEADER} came before with another request. Take a new key for each request.",
            instance=path,
            field=HEADER,
        )
    if before.status is None:
        return problem(
            409,
            "in_progress",
            f"A request with this {HEADER} is being answered. Ask again in a moment.",
            instance=path,
            headers={"Retry-After": "1"},
        )
    if before.body is None:
        return problem(
            409,
            "not_repeatable",
            f"A request with this {HEADER} was answered with status {before.status}; its answer "
            "held a secret, which is told only once. If it was lost, revoke what was made, and "
            f"ask anew with another {HEADER}.",
            instance=path,
        )
    answer = Response(before.body, before.status)
    answer.raw_headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in before.headers
    ]
    answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _refused(request: Request, given: str) -> Response:
    allowed = "1 to 255 printable ASCII characters without spaces"
    return problem(
        422,
        "invalid_input",
        f"{HEADER} is {shown(given)}. Allowed: {allowed}.",
        instance=instance_of(request.scope),
        field=HEADER,
        value=shown(given),
        allowed=allowed,
    )


def _now() -> datetime:
    return datetime.now(UTC)
