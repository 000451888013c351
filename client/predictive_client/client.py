"""The two clients: :class:`Client` blocks, :class:`AsyncClient` is awaited."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Generic, Self

import httpx

from predictive_client.answers import Readiness
from predictive_client.asking import Asking
from predictive_client.drive import Address, Awaiting, Blocking
from predictive_client.nouns.access import Keys, Users
from predictive_client.nouns.exports import Exports
from predictive_client.nouns.jobs import Jobs
from predictive_client.nouns.models import Models
from predictive_client.nouns.noun import Noun, Run, call
from predictive_client.nouns.predictions import Predictions
from predictive_client.nouns.quality import Quality
from predictive_client.nouns.scores import Scores
from predictive_client.nouns.segments import Segments
from predictive_client.nouns.sends import Sends
from predictive_client.nouns.simulations import Simulations
from predictive_client.nouns.watch import Alerts, Checks
from predictive_client.steps import Flow

#: Outlasts a restart of the service, and the half minute for which it holds a write whose process
#: has died.
ATTEMPTS = 12
#: A stream is silent for 15 seconds at most; a first reading of a segment may take a while.
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)


class _Service(Noun[Run], Generic[Run]):
    """All nouns, run in one way."""

    def __init__(self, run: Run, asking: Asking) -> None:
        super().__init__(run, asking)
        self.predictions: Predictions[Run] = Predictions(run, asking)
        self.models: Models[Run] = Models(run, asking)
        self.jobs: Jobs[Run] = Jobs(run, asking)
        self.quality: Quality[Run] = Quality(run, asking)
        self.scores: Scores[Run] = Scores(run, asking)
        self.simulations: Simulations[Run] = Simulations(run, asking)
        self.segments: Segments[Run] = Segments(run, asking)
        self.exports: Exports[Run] = Exports(run, asking)
        self.sends: Sends[Run] = Sends(run, asking)
        self.alerts: Alerts[Run] = Alerts(run, asking)
        self.checks: Checks[Run] = Checks(run, asking)
        self.users: Users[Run] = Users(run, asking)
        self.keys: Keys[Run] = Keys(run, asking)

    @call
    def ready(self) -> Flow[Readiness]:
        """Whether the service can serve, and whether a worker runs."""
        return self.read("/ready")


class Client(_Service[Blocking]):
    """A client for code that blocks.

    Parameters
    ----------
    url
        Where the service is, such as ``https://predictive.example.com``.
    key
        An API key.
    attempts
        How often a request is tried that did not get through, or that the service could not
        take just then.
    http
        An HTTP client of your own, with proxies and certificates; it is not closed.

    Examples
    --------
    >>> with Client("https://predictive.example.com", key) as client:  # doctest: +SKIP
    ...     client.scores.get("churn-28d", "anna-1138")["score"]
    """

    def __init__(
        self, url: str, key: str, *, attempts: int = ATTEMPTS, http: httpx.Client | None = None
    ) -> None:
        self._own = None if http else httpx.Client(timeout=_TIMEOUT)
        used: Any = http or self._own
        super().__init__(Blocking(used, Address(url, key)), Asking(attempts))

    def close(self) -> None:
        """Close its connections."""
        if self._own is not None:
            self._own.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncClient(_Service[Awaiting]):
    """The same for asynchronous code: calls are awaited, lists and streams iterated.

    Parameters
    ----------
    url, key, attempts
        As for :class:`Client`.
    http
        An asynchronous HTTP client of your own; it is not closed.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        attempts: int = ATTEMPTS,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._own = None if http else httpx.AsyncClient(timeout=_TIMEOUT)
        used: Any = http or self._own
        super().__init__(Awaiting(used, Address(url, key)), Asking(attempts))

    async def close(self) -> None:
        """Close its connections."""
        if self._own is not None:
            await self._own.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
