"""Which requests change something: those are written down, and can be repeated safely."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from api.auth import HoldsScope

_METHODS = ("POST", "PUT", "PATCH", "DELETE")
#: What these scopes allow changes nothing, also where it is asked for by POST.
_READING_SCOPES = frozenset({"read", "simulate"})
#: Asked for by POST and by who manages, and yet changing nothing.
_READING = frozenset(
    {
        ("POST", "/v1/predictions/validate"),
        ("POST", "/v1/predictions/estimate"),
        ("POST", "/v1/predictions/{name}/estimate"),
    }
)


class Write(NamedTuple):
    """A request that changes something.

    Parameters
    ----------
    action
        The method and the route: ``POST /v1/predictions/{name}/state``.
    target
        The path that was asked for, without ids of users.
    scope
        What the key must allow.
    """

    action: str
    target: str
    scope: str


class WritingRoute(NamedTuple):
    """A route of which each request is a write.

    Parameters
    ----------
    path
        Template of its path.
    pattern
        What paths it takes.
    scope
        What a key must allow.
    """

    method: str
    path: str
    pattern: re.Pattern[str]
    scope: str


class Writes:
    """The writing routes of an app, found by method and path.

    Parameters
    ----------
    app
        The app, with all its routes.
    """

    def __init__(self, app: FastAPI) -> None:
        self._routes: dict[str, list[WritingRoute]] = {method: [] for method in _METHODS}
        for route in writing_routes(app):
            self._routes[route.method].append(route)

    def find(self, method: str, path: str) -> Write | None:
        """The write that a request asks for; None when it asks for none."""
        for route in self._routes.get(method, ()):
            if found := route.pattern.match(path):
                return Write(f"{method} {route.path}", _target(path, found), route.scope)
        return None


def writing_routes(app: FastAPI) -> Iterator[WritingRoute]:
    """The routes that need a key which may do more than look."""
    # Typed loosely: what a route and its context have in common has no name in FastAPI.
    routes: Iterator[Any] = iter_route_contexts(app.routes)
    for route in routes:
        scope = _scope(getattr(route, "dependant", None))
        if scope is None or scope in _READING_SCOPES:
            continue
        for method in _METHODS:
            if method in route.methods and (method, route.path_format) not in _READING:
                yield WritingRoute(method, route.path_format, route.path_regex, scope)


def _scope(dependant: Dependant | None) -> str | None:
    """The scope that a route needs."""
    for each in dependant.dependencies if dependant is not None else ():
        if isinstance(each.call, HoldsScope):
            return each.call.scope
    return None


def _target(path: str, found: re.Match[str]) -> str:
    if "user_id" not in found.re.groupindex:
        return path
    start, end = found.span("user_id")
    return path[:start] + "{user_id}" + path[end:]
