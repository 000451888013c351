"""Around every request: its id, its line in the log, its figures, and the last resort.

The outermost middleware, so that nothing behind it goes uncounted and no error reaches the
server, which would log it with its message. Neither log nor figures hold a path: ids stand in
paths.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import MutableMapping
from time import perf_counter
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.auth import KEY
from api.templates import template_of
from predictive.logs import request_id
from predictive.store import Key

REQUEST_ID = "X-Request-ID"
_HEADER = REQUEST_ID.lower().encode()
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch
#: What monitors and balancers ask all the time.
_PROBES = frozenset({"/health", "/ready", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Client, method, path, version and status.
_ACCESS_ARGUMENTS = 5
#: Nobody was there any more to be answered.
_GONE = 499

_log = logging.getLogger("predictive.requests")


class Counts(Protocol):
    """Takes the figures of one request after the other."""

    def begun(self) -> None:
        """A request came in."""

    def ended(self, route: str, method: str, status: int, seconds: float) -> None:
        """It was answered."""


class Ending:
    """Whether the service has been told to end; true from then on."""

    begun = False


class BrokenAnswer(Exception):
    """An answer broke off half-way; the log has said why."""


class Telemetry:
    """ASGI middleware that gives a request its id, logs and counts it, and answers any error.

    Parameters
    ----------
    app
        The application behind it.
    counts
        Where figures go.
    ending
        Once it has begun, every answer closes its connection.
    """

    def __init__(self, app: ASGIApp, counts: Counts, ending: Ending) -> None:
        self._app, self._counts, self._ending = app, counts, ending
        # Whoever runs the application under a server of their own has its access log as well.
        logging.getLogger("uvicorn.access").addFilter(_without_path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and see what becomes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        name = _request_id(scope)
        request_id.set(name)
        owner, status, header = scope.get("app"), 0, (_HEADER, name.encode())

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
                if self._ending.begun:
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        self._counts.begun()
        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 — the last resort
            if status:
                _log.error("an answer broke off", exc_info=error)
                raise BrokenAnswer from None
            await errors.unforeseen(scope, error)(scope, receive, answer)
        finally:
            seconds = perf_counter() - began
            route = route_of(scope, owner)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._counts.ended(route, method, status or _GONE, seconds)
            _write(scope, route, method, status or _GONE, seconds)


def _without_path(record: logging.LogRecord) -> bool:
    """Take the path out of a line of uvicorn's access log; lets every line pass."""
    if isinstance(record.args, tuple) and len(record.args) == _ACCESS_ARGUMENTS:
        client, method, _, version, status = record.args
        record.args = (client, method, "-", version, status)
    return True


def route_of(scope: Scope, owner: object) -> str:
    """The template of the route that answered, never the path itself.

    Parameters
    ----------
    owner
        The application to which the scope belonged when it came in; the dashboard is another.
    """
    if scope.get("app") is not owner and owner is not None:
        return "dashboard"
    return template_of(scope) or ("unmatched" if scope.get("route") is None else "dashboard")


def _request_id(scope: MutableMapping[str, Any]) -> str:
    for name, value in scope["headers"]:
        if name == _HEADER and _GIVEN(value):
            return str(value, "ascii")
    return secrets.token_hex(8)


def _write(scope: Scope, route: str, method: str, status: int, seconds: float) -> None:
    level = logging.DEBUG if route in _PROBES else logging.ERROR if status >= 500 else logging.INFO
    if not _log.isEnabledFor(level):
        return
    key: Key | None = scope.get(KEY)
    said = {
        "method": method,
        "route": route,
        "status": status,
        "duration_ms": round(1000 * seconds, 3),
        "key": key and key.id,
    }
    _log.log(level, "request", extra=said)
