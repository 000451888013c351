"""The shortest way to an answer, for what is asked by the thousand.

FastAPI works out the arguments of every request anew, which takes longer than the query
of a look-up. A quick route stands before the usual one, answers what is plainly right through
the same functions, and leaves all else to it: whatever is wrong, and the documentation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Answers a request, or gives None, before anything was done, for the usual route to answer.
Answer = Callable[[Request], Awaitable[Response | None]]

#: Answers a request that ended in an error.
Handler = Callable[[Request, Exception], Awaitable[Response]]


class QuickRoute:
    """Answers in place of the usual route of the same path.

    Parameters
    ----------
    method, path
        Of the usual route.
    answer
        What to do.
    """

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        self.method, self.answer = method, answer
        self.pattern, self.path_format, _ = compile_path(path)


class Quick:
    """ASGI middleware with the quick routes, before the layers of FastAPI and its router.

    Parameters
    ----------
    app
        The application behind it, with all usual routes.
    routes
        The quick ones.
    handlers
        What the application makes of errors, by their classes; all asynchronous.
    """

    def __init__(
        self, app: ASGIApp, routes: Sequence[QuickRoute], handlers: Mapping[Any, Handler]
    ) -> None:
        self._app, self._routes, self._handlers = app, routes, handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on; with a query it is one for the usual route."""
        route = self._route(scope)
        if route is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await route.answer(request)
        except Exception as error:
            handler = self._handler(error)
            if handler is None:
                raise
            response = await handler(request, error)
        if response is None:
            del scope["path_params"], scope["route"]
            await self._app(scope, _once_more(request, receive), send)
        else:
            await response(scope, receive, send)

    def _route(self, scope: Scope) -> QuickRoute | None:
        """The quick route for a request, which is told the parameters in its path."""
        if scope["type"] != "http" or scope["query_string"]:
            return None
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        for route in self._routes:
            found = route.pattern.match(path) if route.method == scope["method"] else None
            if found is not None:
                scope["path_params"], scope["route"] = found.groupdict(), route
                return route
        return None

    def _handler(self, error: Exception) -> Handler | None:
        """What answers an error: the handler of its nearest class."""
        return next(
            (self._handlers[kind] for kind in type(error).__mro__ if kind in self._handlers), None
        )


def _once_more(request: Request, receive: Receive) -> Receive:
    """Gives the body again, where it was read already."""
    body = getattr(request, "_body", None)
    if body is None:
        return receive
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
