"""The documentation page and the OpenAPI document behind it; both work without a network."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import as_file, files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api.etags import Tagged
from api.examples import spread_examples
from api.idempotency import HEADER, PATTERN
from api.schemas.problems import Problem, problems
from api.writes import writing_routes
from predictive.definitions import Definition
from predictive.segments.definition import SegmentDefinition

OPENAPI_URL = "/v1/openapi.json"
DOCS_URL = "/docs"
ASSETS_URL = "/docs/assets"
_REF = "#/components/schemas/{model}"

_IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Makes the request safe to repeat: the same key and request are answered "
    "again, and nothing is done twice. Kept for a day.",
    "schema": {"type": "string", "pattern": PATTERN, "minLength": 1, "maxLength": 255},
    "example": "b7e2f0c4-9a51-4f0e-8d43-2c9d3f1a6e75",
}

DESCRIPTION = """\
Predictions of churn and purchases from a brand's own event history: definitions, jobs,
measured quality, scores and simulations.

Every route but the health checks needs a key (`Authorization: Bearer pk_…`) with the scope
named beside it. Every error is a problem document (RFC 9457) that names the field, the value
and what is allowed. A query parameter that a route does not know is such an error, never ignored.
Times are ISO 8601, UTC.
"""

TAGS = [
    {"name": "predictions", "description": "What is predicted, for whom."},
    {"name": "jobs", "description": "Training, scoring and evaluating, done by a worker."},
    {"name": "quality", "description": "How good it is: expected at build time, and as it came."},
    {"name": "scores", "description": "How likely each user is."},
    {"name": "simulations", "description": "What reaching a part of the audience would bring."},
    {"name": "segments", "description": "People chosen by scores and conditions, under a name."},
    {"name": "users", "description": "Customers: remove one everywhere."},
    {"name": "keys", "description": "API keys and their scopes."},
    {"name": "health", "description": "For probes; no key needed."},
]


def install(app: FastAPI) -> None:
    """Serve the page, its assets, and an OpenAPI document that tells the whole truth."""
    # The page's script and style come from a package, never from a content delivery network.
    with as_file(files("fastapi_offline") / "static") as assets:
        app.mount(ASSETS_URL, StaticFiles(directory=assets), name="docs-assets")
    app.add_api_route(DOCS_URL, _page, include_in_schema=False)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


async def _page() -> HTMLResponse:
    page = get_swagger_ui_html(
        openapi_url=OPENAPI_URL,
        title="Predictive API",
        swagger_js_url=f"{ASSETS_URL}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS_URL}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS_URL}/favicon.png",
    )
    page.headers["Content-Security-Policy"] = _content_policy(bytes(page.body))
    return page


def _content_policy(page: bytes) -> str:
    """Nothing from outside, and no script but the files and the one that stands in the page."""
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in scripts)
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _tell_of_all(app: FastAPI, paths: dict[str, dict[str, Any]]) -> None:
    """Add to the operations what happens before and after their routes."""
    writes = {(route.method.lower(), route.path) for route in writing_routes(app)}
    for template, methods in paths.items():
        for method, operation in methods.items():
            answers = operation["responses"]
            if "requestBody" in operation:
                # Any body may be unreadable or too large.
                answers |= _refusals(400, 413)
            if operation.get("security"):
                answers |= _refusals(429)
            if (method, template) in writes:
                answers |= _refusals(409, 422)
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
            if Tagged.applies({"method": method.upper(), "path": template}) and _is_json(answers):
                answers["304"] = {"description": "The client has it already: see `If-None-Match`."}


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): said for status, said in problems(*statuses).items()}


def _is_json(answers: dict[str, Any]) -> bool:
    return "application/json" in answers.get("200", {}).get("content", {})


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        tags=TAGS,
        routes=app.routes,
    )
    schemas = document["components"]["schemas"]
    for model in (Problem, Definition, SegmentDefinition):
        schema = model.model_json_schema(by_alias=True, ref_template=_REF)
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    _tell_of_all(app, document["paths"])
    spread_examples(document)
    # FastAPI's own shape of a 422 is never sent: problems(422) stands in its place.
    for unsent in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unsent, None)
    return document
