"""The shortest way to an answer, for what is asked by the thousand.

FastAPI works out the arguments of every request anew, which takes longer than the query
of a look-up. A quick route stands before the usual one, answers what is plainly right through
the same functions, and leaves all else to it: whatever is wrong, and the documentation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound, compile_path
from starlette.types import Message, Receive, Scope, Send

#: Answers a request, or gives None, before anything was done, for the usual route to answer.
Answer = Callable[[Request], Awaitable[Response | None]]

#: Marks the scope of a request that is left to the usual route.
_LEFT = "predictive.left-to-the-usual-route"


class QuickRoute(BaseRoute):
    """Stands before the usual route of the same path.

    Parameters
    ----------
    method, path
        Of the usual route.
    answer
        What to do.
    """

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        self._method, self._answer = method, answer
        self._pattern, self.path_format, _ = compile_path(path)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this is such a request, and was not left to the usual route yet."""
        if scope["type"] != "http" or scope["method"] != self._method or _LEFT in scope:
            return Match.NONE, {}
        found = self._pattern.match(scope["path"].removeprefix(scope.get("root_path", "")))
        if found is None:
            return Match.NONE, {}
        return Match.FULL, {"path_params": found.groupdict(), "route": self}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or leave it to the usual route, which knows its query parameters."""
        request = Request(scope, receive)
        response = None if scope["query_string"] else await self._answer(request)
        if response is None:
            scope[_LEFT] = True
            await scope["router"](scope, _once_more(request, receive), send)
        else:
            await response(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """The usual route has the name."""
        raise NoMatchFound(name, path_params)


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
