"""Which query parameters a route knows: a misspelt one is refused, not ignored.

An ignored ``?min_scor=75`` would answer for everybody, and look right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from api.templates import template_of
from predictive.errors import InvalidInput, nearest_name

#: Probes and monitors ask for what stands elsewhere, and must not fail over a word too many.
_PREFIX = "/v1/"


class Parameters:
    """The query parameters of each route of an app, looked up once.

    Parameters
    ----------
    app
        The app, with all its routes.
    """

    def __init__(self, app: FastAPI) -> None:
        self._known = dict(_parameters(app))

    def check(self, request: Request) -> None:
        """Refuse a request with a parameter that its route does not know.

        Raises
        ------
        InvalidInput
            Naming the parameter, what the route knows, and the nearest name.
        """
        if not request.scope["query_string"]:
            return
        known = self._known.get((request.method, template_of(request.scope) or ""))
        if known is None:
            return
        for name, value in request.query_params.multi_items():
            if name not in known:
                raise _unknown(name, value, known)


def _unknown(name: str, value: str, known: Sequence[str]) -> InvalidInput:
    if not known:
        return InvalidInput(name, value, "no query parameters; this route has none")
    allowed = f"one of the query parameters {', '.join(known)}"
    return InvalidInput(name, value, allowed, nearest_name(name, known))


def _parameters(app: FastAPI) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    # Typed loosely: what a route and its context have in common has no name in FastAPI.
    routes: Iterator[Any] = iter_route_contexts(app.routes)
    for route in routes:
        dependant: Dependant | None = getattr(route, "dependant", None)
        if dependant is None or not route.path_format.startswith(_PREFIX):
            continue
        names = tuple(_names(dependant))
        for method in route.methods:
            yield (method, route.path_format), names


def _names(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            # A model stands for as many parameters as it has fields.
            yield from (field.alias or name for name, field in model.model_fields.items())
        else:
            yield parameter.alias
    for needed in dependant.dependencies:
        yield from _names(needed)
