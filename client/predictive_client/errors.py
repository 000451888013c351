"""Errors of the client.

::

    PredictiveError
    ├── ConnectionLost        the service was not reached, or went away, again and again
    └── ServiceError          it answered with a problem document (RFC 9457)
        ├── InvalidInput          422 a value is wrong; it says which, and what is allowed
        ├── InsufficientData      422 history holds too little for what was asked
        ├── Unauthorized          401 no key, or one that is unknown, revoked or expired
        ├── Forbidden             403 the key lacks the scope
        ├── NotFound              404 no such prediction, user, job …
        ├── Conflict              409 the state of things forbids it
        ├── RateLimited           429 too many requests; `retry_after` says how long to wait
        ├── Unavailable           502, 503, 504 the service can't answer just now
        └── Failure               500 its side failed; `incident` finds it in its log
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from predictive_client.steps import Reply


class PredictiveError(Exception):
    """Something did not work."""


class ConnectionLost(PredictiveError):
    """The service was not reached, or went away, as often as was tried."""


class ServiceError(PredictiveError):
    """The service refused, and said why.

    Parameters
    ----------
    reply
        Its answer.

    Attributes
    ----------
    status, code, detail
        HTTP status, the problem's machine-readable name, and what was wrong in words.
    field, value, allowed, hint
        The value that is to blame, where there is one.
    errors
        All wrong fields of a body or a query, each with ``field``, ``value`` and ``message``.
    incident
        Finds a failure in the service's log.
    retry_after
        Seconds to wait before asking again, where the service said so.
    """

    def __init__(self, reply: Reply) -> None:
        problem = _problem(reply)
        self.status = reply.status
        self.code: str = str(problem.get("code", "unknown"))
        self.detail: str = str(problem.get("detail") or problem.get("title") or "no problem told")
        self.field: str | None = problem.get("field")
        self.value: str | None = problem.get("value")
        self.allowed: str | None = problem.get("allowed")
        self.hint: str | None = problem.get("hint")
        self.errors: list[dict[str, str]] = problem.get("errors") or []
        self.incident: str | None = problem.get("incident")
        self.retry_after = _seconds(reply.headers.get("retry-after"))
        super().__init__(f"{self.status} {self.code}: {self.detail}")


class InvalidInput(ServiceError):
    """A given value is wrong."""


class InsufficientData(ServiceError):
    """History holds too little for what was asked."""


class Unauthorized(ServiceError):
    """No key came, or one that is unknown, revoked or expired."""


class Forbidden(ServiceError):
    """The key lacks the scope that the route needs."""


class NotFound(ServiceError):
    """There is no such thing."""


class Conflict(ServiceError):
    """The state of things forbids it."""


class RateLimited(ServiceError):
    """The key has made too many requests."""


class Unavailable(ServiceError):
    """The service can't answer just now."""


class Failure(ServiceError):
    """The service failed."""


_BY_STATUS: Mapping[int, type[ServiceError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: InvalidInput,
    429: RateLimited,
    500: Failure,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def error_of(reply: Reply) -> ServiceError:
    """The error that an answer stands for."""
    kind = _BY_STATUS.get(reply.status, ServiceError)
    found = kind(reply)
    return InsufficientData(reply) if found.code == "insufficient_data" else found


def _problem(reply: Reply) -> dict[str, Any]:
    """The problem document; what stands between may answer with something else."""
    try:
        told = json.loads(reply.content)
    except ValueError:
        told = None
    return told if isinstance(told, dict) else {}


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else max(0.0, float(text))
    except ValueError:
        return None  # a date, which the service does not send
