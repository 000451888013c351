"""What all nouns of the client are made of: methods that are flows, run as the client runs them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from predictive_client.asking import Asking
from predictive_client.drive import Awaiting, Blocking
from predictive_client.steps import Flow, Give, Request, Value, each_of

P = ParamSpec("P")
T = TypeVar("T")
#: How flows are run: :class:`Blocking` or :class:`Awaiting`.
Run = TypeVar("Run", bound=Blocking | Awaiting)


class Noun(Generic[Run]):
    """Methods about one kind of thing.

    Parameters
    ----------
    run
        Runs the flows that the methods are.
    asking
        How requests are tried.
    """

    def __init__(self, run: Run, asking: Asking) -> None:
        self.run: Run = run
        self.asking = asking

    def read(
        self, template: str, query: Mapping[str, Value] | None = None, /, **path: str | int
    ) -> Flow[Any]:
        """Give what a route answers."""
        return self.ask(Request("GET", template, path, query or {}))

    def pose(self, template: str, body: Any, /, **path: str | int) -> Flow[Any]:
        """Give the answer to a question with a body, which changes nothing."""
        return self.ask(Request("POST", template, path, body=body))

    def write(
        self, method: str, template: str, body: Any = None, /, **path: str | int
    ) -> Flow[Any]:
        """Change something, once, and give what the route answers."""
        return self.ask(Request(method, template, path, body=body, writes=True))

    def ask(self, request: Request) -> Flow[Any]:
        """Give what is answered to a request."""
        reply = yield from self.asking.ask(request)
        yield Give(reply.document())

    def listed(
        self,
        key: str,
        template: str,
        query: Mapping[str, Value] | None = None,
        /,
        **path: str | int,
    ) -> Flow[Any]:
        """Give what stands under a key of every page of a list."""
        return each_of(
            self.pages(Request("GET", template, path, query or {})), lambda page: page[key]
        )

    def pages(self, request: Request) -> Flow[Any]:
        """Give every page of a list."""
        cursor = None
        while True:
            reply = yield from self.asking.ask(request.asking(cursor=cursor))
            page = reply.document()
            yield Give(page)
            cursor = page.get("next_cursor")
            if cursor is None:
                return


class call(Generic[P, T]):  # noqa: N801  (a decorator)
    """A method that brings one answer, or, of an async client, an awaitable of it."""

    def __init__(self, flow: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        self._flow = flow
        self.__doc__ = flow.__doc__

    @overload
    def __get__(self, noun: None, owner: type) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Blocking], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, noun: Noun[Awaiting], owner: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, noun: Noun[Any] | None, owner: type) -> Any:
        """Bind it to a noun."""
        if noun is None:
            return self

        def bound(*args: P.args, **kw: P.kwargs) -> Any:
            return noun.run.call(self._flow(noun, *args, **kw))

        return update_wrapper(bound, self._flow)


class items(Generic[P, T]):  # noqa: N801  (a decorator)
    """A method that brings an iterator, or, of an async client, an async iterator."""

    def __init__(self, flow: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        self._flow = flow
        self.__doc__ = flow.__doc__

    @overload
    def __get__(self, noun: None, owner: type) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Blocking], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, noun: Noun[Awaiting], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, noun: Noun[Any] | None, owner: type) -> Any:
        """Bind it to a noun."""
        if noun is None:
            return self

        def bound(*args: P.args, **kw: P.kwargs) -> Any:
            return noun.run.items(self._flow(noun, *args, **kw))

        return update_wrapper(bound, self._flow)
