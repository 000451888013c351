"""Asking and asking again: retries, idempotency keys, ETags."""

from __future__ import annotations

import random
import threading
import uuid
from collections import OrderedDict
from typing import Any

from predictive_client.errors import (
    Conflict,
    ConnectionLost,
    RateLimited,
    ServiceError,
    Unavailable,
    error_of,
)
from predictive_client.steps import Lost, Open, Part, Reply, Request, Send, Wait

_FIRST_SECONDS = 0.1
_LONGEST_SECONDS = 10.0
#: Who is told to wait longer is told so.
_MOST_PATIENCE_SECONDS = 120.0
#: Answers that are remembered, to be asked for by their ETag.
_REMEMBERED = 128
_MOST_BYTES = 1 << 20
_OK, _NOT_OK, _NOT_MODIFIED = 200, 300, 304
_NOTHING_YET = "in_progress"


class Asking:
    """How a client asks: how often, and what it knows already.

    Parameters
    ----------
    attempts
        How often a request is tried, at least once.
    """

    def __init__(self, attempts: int) -> None:
        if attempts < 1:
            raise ValueError(f"attempts is {attempts}. Allowed: at least 1.")
        self.attempts = attempts
        self._known: OrderedDict[str, Reply] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, request: Request) -> Part[Reply]:
        """Send a request until it is answered.

        Safe for writes: each attempt has the same ``Idempotency-Key``, and the service does once
        what came more than once.

        Raises
        ------
        ServiceError
            The service refused.
        ConnectionLost
            It was not reached.
        """
        if request.writes:
            request = request.saying({"Idempotency-Key": str(uuid.uuid4())})
        known = self._recall(request)
        if known is not None:
            request = request.saying({"If-None-Match": known.headers["etag"]})
        reply = yield from self._answered(Send(request))
        if reply.status == _NOT_MODIFIED and known is not None:
            return known
        self._remember(request, reply)
        return reply

    def open(self, request: Request) -> Part[Reply]:
        """Open an answer that is then read piece by piece."""
        return self._answered(Open(request))

    def patience(self, attempt: int, last: Exception) -> Wait:
        """How long to wait after an attempt that failed, counted from 1.

        Raises
        ------
        ServiceError, ConnectionLost
            It was the last one.
        """
        if attempt >= self.attempts:
            if isinstance(last, Lost):
                raise ConnectionLost(str(last)) from last
            raise last
        told = last.retry_after if isinstance(last, ServiceError) else None
        if told is not None and told > _MOST_PATIENCE_SECONDS:
            raise last
        pause = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** (attempt - 1))
        # Many clients that lost one service do not come back all at once.
        return Wait(max(told or 0.0, pause * random.uniform(0.75, 1.0)))

    def _answered(self, step: Send | Open) -> Part[Reply]:
        attempt = 0
        while True:
            attempt += 1
            try:
                reply: Reply = yield step
            except Lost as lost:
                failed: Exception = lost
            else:
                if reply.status < _NOT_OK or reply.status == _NOT_MODIFIED:
                    return reply
                failed = error_of(reply)
                if not _may_pass(failed):
                    raise failed
            yield self.patience(attempt, failed)

    def _recall(self, request: Request) -> Reply | None:
        with self._lock:
            known = self._known.get(request.target) if request.method == "GET" else None
            if known is not None:
                self._known.move_to_end(request.target)
            return known

    def _remember(self, request: Request, reply: Reply) -> None:
        if request.method != "GET" or reply.status != _OK or "etag" not in reply.headers:
            return
        if len(reply.content) > _MOST_BYTES:
            return
        with self._lock:
            self._known[request.target] = reply
            self._known.move_to_end(request.target)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


def _may_pass(error: Any) -> bool:
    """Whether asking again may help."""
    return isinstance(error, RateLimited | Unavailable) or (
        isinstance(error, Conflict) and error.code == _NOTHING_YET
    )
