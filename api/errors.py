"""Every error of the service, as one shape: RFC 9457 problem details.

===========  ======================  ====================================================
status       code                    when
===========  ======================  ====================================================
400          bad_request             the body can't be read at all
401          unauthorized            no key, or one that is unknown, revoked or expired
403          forbidden               the key lacks the scope that the route needs
404          not_found               no such route, prediction, user, build or key
405          method_not_allowed      the route exists, the method does not
406          not_acceptable          no format that the route has is accepted
409          conflict                the state of things forbids it
409          in_progress             the same idempotency key is being answered right now
409          not_repeatable          its answer held a secret, which is told only once
413          too_large               the body is larger than the service takes
415          unsupported_media_type  a definition that is neither JSON nor YAML
422          invalid_input           a given value is wrong; it says which and what is allowed
422          insufficient_data       history holds too little for what was asked
422          idempotency_key_reused  the idempotency key came before with another request
429          rate_limited            too many requests, or too many wrong keys
500          failure                 our side failed; the incident's id is in the log
503          unavailable             the store can't be reached; try again
===========  ======================  ====================================================
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import Scope

from predictive.errors import PredictiveError, shown
from predictive.logs import get_logger

MEDIA_TYPE = "application/problem+json"
#: What a path holds as it is (RFC 3986, `pchar` and the slash); letters and digits do anyway.
_PATH = "/:@!$&'()*+,;=-._~"
TYPE_PREFIX = "urn:problem-type:predictive:"

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    500: "failure",
    503: "unavailable",
}

_log = get_logger("api")


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    instance: str | None = None,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> JSONResponse:
    """One problem-details response.

    Parameters
    ----------
    status
        The HTTP status.
    code
        The machine-readable name of the problem, also the end of its ``type``.
    detail
        What was wrong, the value, what is allowed and the next step.
    instance
        The path that was asked for.
    headers
        Further response headers.
    **members
        Extension members such as ``field``, ``value``, ``allowed``, ``hint``, ``errors``.
    """
    body = {
        "type": TYPE_PREFIX + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": instance,
    }
    return JSONResponse(
        body | members,
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=dict(headers) if headers else None,
    )


def install(app: FastAPI) -> None:
    """Answer every error of the app in this shape."""
    app.add_exception_handler(PredictiveError, _on_predictive_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(OperationalError, _on_store_error)


async def _on_predictive_error(request: Request, error: Exception) -> JSONResponse:
    known = cast(PredictiveError, error)
    details = known.details()
    if known.http_status >= 500:
        details["incident"] = _new_incident()
        # Without the message, which may quote a value.
        _log.error("request failed", incident=details["incident"], exc_info=known)
    code, message = details.pop("code"), details.pop("message")
    return problem(known.http_status, code, message, instance=instance_of(request.scope), **details)


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    found = [_field_error(each) for each in cast(RequestValidationError, error).errors()]
    first = found[0]
    detail = f"{first['field']} is {first['value']}. {first['message']}."
    return problem(
        422,
        "invalid_input",
        detail,
        instance=instance_of(request.scope),
        field=first["field"],
        value=first["value"],
        errors=found,
    )


def _field_error(error: Mapping[str, Any]) -> dict[str, str]:
    place, *path = error["loc"]
    field = ".".join(str(part) for part in path) or str(place)
    if error["type"] == "json_invalid":
        return {"field": "body", "value": "no valid JSON", "message": error["ctx"]["error"]}
    value = "missing" if error["type"] == "missing" else shown(error.get("input"))
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    return {"field": field, "value": value, "message": message}


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    refused = cast(HTTPException, error)
    status = refused.status_code
    code = CODES.get(status, HTTPStatus(status).name.lower())
    detail = refused.detail
    if detail == HTTPStatus(status).phrase:
        detail = f"{detail}: {request.method} {shown(request.url.path)}."
    headers = dict(refused.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(_allowed_methods(request)) or headers["Allow"]
    return problem(status, code, detail, instance=instance_of(request.scope), headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    """All methods of the path; the router itself names those of the first route alone."""
    paths: Mapping[str, Mapping[str, Any]] = request.app.openapi()["paths"]
    return sorted(
        method.upper()
        for template, methods in paths.items()
        if compile_path(template)[0].match(request.url.path)
        for method in methods
    )


async def _on_store_error(request: Request, error: Exception) -> JSONResponse:
    incident = _new_incident()
    _log.error("store out of reach", incident=incident, exc_info=error)
    return problem(
        503,
        "unavailable",
        "The store can't be reached just now. Try again in a moment.",
        instance=instance_of(request.scope),
        headers={"Retry-After": "1"},
        incident=incident,
    )


def unforeseen(scope: Scope, error: Exception) -> JSONResponse:
    """Answer an error that nothing else has answered; the log has it by its incident."""
    incident = _new_incident()
    _log.error("unforeseen", incident=incident, exc_info=error)
    return problem(
        500,
        "failure",
        f"Something failed on our side; the log has it as incident {incident}.",
        instance=instance_of(scope),
        incident=incident,
    )


def instance_of(scope: Scope) -> str:
    """The path as it was asked for: an instance is a URI reference, so no text as it is."""
    return quote(scope["path"], safe=_PATH)


def _new_incident() -> str:
    return uuid.uuid4().hex[:12]
