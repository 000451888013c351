"""What a conversation with the service is made of, without any input or output.

A `Flow` is a generator. It yields steps and is sent what came of each; whatever waits, sends and
reads stands in :mod:`predictive_client.drive`, once for blocking and once for asynchronous code.
All that is decided (retries, pages, resuming) is decided in flows, and so only once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

T = TypeVar("T")
R = TypeVar("R")

#: None: not given.
Value: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True)
class Request:
    """One request.

    Parameters
    ----------
    template
        The route, as the service's documentation writes it: ``/v1/jobs/{job_id}``.
    path
        What stands for its parameters.
    query
        Parameters; those that are None are left out.
    body
        Sent as JSON; as it is when it is a text, which is YAML or JSON then.
    writes
        Whether it changes something: it is then sent with an ``Idempotency-Key``.
    """

    method: str
    template: str
    path: Mapping[str, str | int] = field(default_factory=dict)
    query: Mapping[str, Value] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    writes: bool = False

    @property
    def target(self) -> str:
        """Path and query, as they are sent."""
        quoted = {name: _quoted(str(value)) for name, value in self.path.items()}
        asked = {name: _text(value) for name, value in self.query.items() if value is not None}
        path = self.template.format(**quoted)
        return f"{path}?{urlencode(asked, quote_via=quote)}" if asked else path

    def content(self) -> tuple[bytes | None, dict[str, str]]:
        """The body and its type."""
        if self.body is None:
            return None, {}
        if isinstance(self.body, str):
            return self.body.encode(), {"Content-Type": "application/yaml"}
        return json.dumps(self.body).encode(), {"Content-Type": "application/json"}

    def asking(self, **query: Value) -> Request:
        """The same with further parameters."""
        return replace(self, query={**self.query, **query})

    def saying(self, headers: Mapping[str, str]) -> Request:
        """The same with further headers."""
        return replace(self, headers={**self.headers, **headers})


@dataclass(frozen=True)
class Reply:
    """What the service answered; of an opened stream only its head.

    Parameters
    ----------
    headers
        By their names in small letters.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = b""

    def document(self) -> Any:
        """The body as JSON holds it; None where there is none."""
        return json.loads(self.content) if self.content else None


class Lost(Exception):
    """The connection was lost, or none could be made; thrown into a flow."""


@dataclass(frozen=True)
class Send:
    """Send a request; brings the whole `Reply`."""

    request: Request


@dataclass(frozen=True)
class Open:
    """Send a request and leave the answer open; brings its head, or the whole of an error."""

    request: Request


@dataclass(frozen=True)
class Read:
    """Read on in the open answer; brings bytes, or None at its proper end."""


@dataclass(frozen=True)
class Wait:
    """Let time pass."""

    seconds: float


@dataclass(frozen=True)
class Give(Generic[T]):
    """Hand something to the caller."""

    item: T


Step: TypeAlias = Send | Open | Read | Wait
#: Gives items, one after the other.
Flow: TypeAlias = Generator[Step | Give[T], Any, None]
#: Part of a flow: gives nothing itself, and returns something.
Part: TypeAlias = Generator[Step, Any, R]


def each_of(flow: Flow[T], parts: Callable[[T], Iterable[R]]) -> Flow[R]:
    """Give, one after the other, the parts of each item of another flow; it may have none."""
    reply: Any = None
    lost: Lost | None = None
    while True:
        try:
            step = flow.send(reply) if lost is None else flow.throw(lost)
        except StopIteration:
            return
        reply, lost = None, None
        if isinstance(step, Give):
            for part in parts(step.item):
                yield Give(part)
            continue
        try:
            reply = yield step
        except Lost as error:
            lost = error


def _quoted(text: str) -> str:
    # A dot alone, or two, would be taken for a place in the path.
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
