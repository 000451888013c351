"""Doing what flows say: blocking, or awaiting. Nothing is decided here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from typing import Any, TypeVar

import httpx

from predictive_client.steps import Flow, Give, Lost, Open, Read, Reply, Request, Send, Step, Wait

T = TypeVar("T")

_OK_BELOW = 300


class Address:
    """Where the service is, and the key for it.

    Parameters
    ----------
    url
        For example ``https://predictive.example.com``.
    key
        The API key; goes into a header, and is never shown.
    """

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._key = key

    def build(self, http: httpx.Client | httpx.AsyncClient, request: Request) -> httpx.Request:
        """The request as it is sent."""
        content, headers = request.content()
        headers |= {"Authorization": f"Bearer {self._key}", **request.headers}
        return http.build_request(
            request.method, self._url + request.target, content=content, headers=headers
        )


class Blocking:
    """Runs flows in the caller's thread."""

    def __init__(self, http: httpx.Client, address: Address) -> None:
        self._http, self._address = http, address

    def call(self, flow: Flow[T]) -> T:
        """The one item that a flow gives."""
        (item,) = self.items(flow)
        return item

    def items(self, flow: Flow[T]) -> Iterator[T]:
        """The items that a flow gives, as they come."""
        return _blocking(flow, _Exchange(self._http, self._address))


class Awaiting:
    """Runs flows in the caller's event loop."""

    def __init__(self, http: httpx.AsyncClient, address: Address) -> None:
        self._http, self._address = http, address

    async def call(self, flow: Flow[T]) -> T:
        """The one item that a flow gives."""
        (item,) = [each async for each in self.items(flow)]
        return item

    def items(self, flow: Flow[T]) -> AsyncIterator[T]:
        """The items that a flow gives, as they come."""
        return _awaiting(flow, _AsyncExchange(self._http, self._address))


def _blocking(flow: Flow[T], exchange: _Exchange) -> Generator[T, None, None]:
    advance: Callable[[], Step | Give[T]] = partial(next, flow)
    try:
        while True:
            try:
                step = advance()
            except StopIteration:
                return
            if isinstance(step, Give):
                yield step.item
                advance = partial(next, flow)
                continue
            try:
                advance = partial(flow.send, exchange.do(step))
            except httpx.TransportError as error:
                advance = partial(flow.throw, _lost(error))
    finally:
        flow.close()
        exchange.close()


async def _awaiting(flow: Flow[T], exchange: _AsyncExchange) -> AsyncGenerator[T, None]:
    advance: Callable[[], Step | Give[T]] = partial(next, flow)
    try:
        while True:
            try:
                step = advance()
            except StopIteration:
                return
            if isinstance(step, Give):
                yield step.item
                advance = partial(next, flow)
                continue
            try:
                advance = partial(flow.send, await exchange.do(step))
            except httpx.TransportError as error:
                advance = partial(flow.throw, _lost(error))
    finally:
        flow.close()
        await exchange.close()


class _Exchange:
    """Does single steps; at most one answer is open at a time."""

    def __init__(self, http: httpx.Client, address: Address) -> None:
        self._http, self._address = http, address
        self._opened = ExitStack()
        self._pieces: Iterator[bytes] = iter(())

    def do(self, step: Step) -> Any:
        match step:
            case Send(request):
                return _reply(self._http.send(self._address.build(self._http, request)))
            case Open(request):
                return self._open(request)
            case Read():
                return next(self._pieces, None)
            case Wait(seconds):
                time.sleep(seconds)
        return None

    def close(self) -> None:
        self._opened.close()

    def _open(self, request: Request) -> Reply:
        self._opened.close()
        response = self._http.send(self._address.build(self._http, request), stream=True)
        self._opened.callback(response.close)
        if response.status_code >= _OK_BELOW:
            response.read()
            return _reply(response)
        self._pieces = response.iter_bytes()
        return _head(response)


class _AsyncExchange:
    """The same, awaiting."""

    def __init__(self, http: httpx.AsyncClient, address: Address) -> None:
        self._http, self._address = http, address
        self._opened = AsyncExitStack()
        self._pieces: AsyncIterator[bytes] = _no_pieces()

    async def do(self, step: Step) -> Any:
        match step:
            case Send(request):
                return _reply(await self._http.send(self._address.build(self._http, request)))
            case Open(request):
                return await self._open(request)
            case Read():
                return await anext(self._pieces, None)
            case Wait(seconds):
                await asyncio.sleep(seconds)
        return None

    async def close(self) -> None:
        await self._opened.aclose()

    async def _open(self, request: Request) -> Reply:
        await self._opened.aclose()
        response = await self._http.send(self._address.build(self._http, request), stream=True)
        self._opened.push_async_callback(response.aclose)
        if response.status_code >= _OK_BELOW:
            await response.aread()
            return _reply(response)
        self._pieces = response.aiter_bytes()
        return _head(response)


async def _no_pieces() -> AsyncIterator[bytes]:
    return
    yield b""


def _lost(error: httpx.TransportError) -> Lost:
    return Lost(f"{type(error).__name__}: {error}")


def _head(response: httpx.Response) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers)


def _reply(response: httpx.Response) -> Reply:
    return Reply(response.status_code, _head(response).headers, response.content)
