"""The documentation page and the OpenAPI document behind it; both work without a network."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api.schemas.problems import Problem, problems
from predictive.definitions import Definition
from predictive.segments.definition import SegmentDefinition

OPENAPI_URL = "/v1/openapi.json"
DOCS_URL = "/docs"
ASSETS_URL = "/docs/assets"
_REF = "#/components/schemas/{model}"

DESCRIPTION = """\
Predictions of churn and purchases from a brand's own event history: definitions, jobs,
measured quality, scores and simulations.

Every route but the health checks needs a key (`Authorization: Bearer pk_…`) with the scope
named beside it. Every error is a problem document (RFC 9457) that names the field, the value
and what is allowed. Times are ISO 8601, UTC.
"""

TAGS = [
    {"name": "predictions", "description": "What is predicted, for whom."},
    {"name": "jobs", "description": "Training, scoring and evaluating, done by a worker."},
    {"name": "quality", "description": "How good it is: expected at build time, and as it came."},
    {"name": "scores", "description": "How likely each user is."},
    {"name": "simulations", "description": "What reaching a part of the audience would bring."},
    {"name": "segments", "description": "People chosen by scores and conditions, under a name."},
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
    return get_swagger_ui_html(
        openapi_url=OPENAPI_URL,
        title="Predictive API",
        swagger_js_url=f"{ASSETS_URL}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS_URL}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS_URL}/favicon.png",
    )


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
    # Any body may be unreadable or too large.
    for operation in (each for path in document["paths"].values() for each in path.values()):
        if "requestBody" in operation:
            refusals = {str(status): said for status, said in problems(400, 413).items()}
            operation["responses"] |= refusals
    # FastAPI's own shape of a 422 is never sent: problems(422) stands in its place.
    for unsent in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unsent, None)
    return document
