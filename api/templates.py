"""Which route answers a request, told by the template of its path and never the path itself."""

from __future__ import annotations

from typing import Any

from starlette.types import Scope


def template_of(scope: Scope) -> str | None:
    """Such as ``/v1/predictions/{name}``; None before a route was found, or where it has none."""
    route: Any = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return getattr(route, "path_format", None) or getattr(route, "path", None)
