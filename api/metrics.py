"""The figures of `/metrics`: requests as they come, the rest as the store has it.

Each service has its own registry: one process may hold several services. What a request costs
is two additions; the store is read when somebody asks, and not more often than `Gauge` allows.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from predictive import figures
from predictive.code_version import code_version
from predictive.workspace import Workspace

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
_JOB_SECONDS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200)


class Requests:
    """Counts requests; the children of a label set are looked up once.

    Parameters
    ----------
    registry
        Where the figures are told.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._total = Counter(
            "predictive_http_requests",
            "Requests answered, by the template of the route.",
            ["route", "method", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "predictive_http_request_duration_seconds",
            "Time until the last byte was sent.",
            ["route", "method"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._open = Gauge(
            "predictive_http_requests_in_progress", "Requests under way.", registry=registry
        )
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def begun(self) -> None:
        """A request came in."""
        self._open.inc()

    def ended(self, route: str, method: str, status: int, seconds: float) -> None:
        """It was answered."""
        self._open.dec()
        children = self._children.get((route, method, status))
        if children is None:
            children = self._children[route, method, status] = (
                self._total.labels(route, method, str(status)),
                self._seconds.labels(route, method),
            )
        children[0].inc()
        children[1].observe(seconds)


class Metrics:
    """All figures of one service over one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._registry = CollectorRegistry()
        self.requests = Requests(self._registry)
        durations = Histogram(
            "predictive_job_duration_seconds",
            "How long jobs ran that ended since this process started.",
            ["kind", "state"],
            buckets=_JOB_SECONDS,
            registry=self._registry,
        )
        Gauge(
            "predictive_build_info",
            "Which code runs.",
            ["version", "python"],
            registry=self._registry,
        ).labels(code_version(), platform.python_version()).set(1)
        self._registry.register(_OfWorkspace(workspace, durations))

    def text(self) -> bytes:
        """The figures in Prometheus' text format.

        Raises
        ------
        Unavailable
            The store does not answer.
        """
        return generate_latest(self._registry)


class _OfWorkspace(Collector):
    """Figures that the store has, read when they are asked for."""

    def __init__(self, workspace: Workspace, durations: Histogram) -> None:
        self._gauge = figures.Gauge(workspace, datetime.now(UTC))
        self._durations = durations

    def describe(self) -> Iterable[Metric]:
        # Without this, registering would read the store.
        return ()

    def collect(self) -> Iterator[Metric]:
        now = datetime.now(UTC)
        read, is_new = self._gauge.read(now)
        if is_new:
            for job in read.ended_jobs:
                self._durations.labels(job.kind, job.state).observe(job.seconds)
        yield from _of_jobs(read, now)
        yield from _of_imports(read, now)
        yield from _of_predictions(read, now)
        yield _family(
            "predictive_open_alerts",
            "Open alerts; prediction is empty where the data of all is concerned.",
            ["prediction", "kind", "severity"],
            read.open_alerts.items(),
        )


def _of_jobs(read: figures.Figures, now: datetime) -> Iterator[Metric]:
    yield _family(
        "predictive_jobs", "Jobs queued and running.", ["kind", "state"], read.jobs.items()
    )
    yield _single(
        "predictive_oldest_queued_job_age_seconds",
        "How long the job at the head of the queue has waited.",
        0.0 if read.oldest_queued is None else _age(read.oldest_queued, now),
    )
    yield _single("predictive_worker_running", "1 while a worker runs.", float(read.worker_running))


def _of_imports(read: figures.Figures, now: datetime) -> Iterator[Metric]:
    imported = CounterMetricFamily(
        "predictive_imported_rows", "Rows of imports.", labels=["kind", "outcome"]
    )
    for labels, rows in read.imported.items():
        imported.add_metric(labels, rows)
    yield imported
    yield _family(
        "predictive_last_import_rows",
        "Rows of the newest import.",
        ["kind", "outcome"],
        (
            ((kind, outcome), rows)
            for kind, (_, by_outcome) in read.last_imports.items()
            for outcome, rows in by_outcome.items()
        ),
    )
    yield _family(
        "predictive_last_import_age_seconds",
        "Time since the newest import.",
        ["kind"],
        (((kind,), _age(at, now)) for kind, (at, _) in read.last_imports.items()),
    )
    yield _single(
        "predictive_newest_event_age_seconds",
        "Time since the newest event.",
        None if read.newest_event is None else _age(read.newest_event, now),
    )


def _of_predictions(read: figures.Figures, now: datetime) -> Iterator[Metric]:
    told = [
        ("score_age_seconds", "Time since the moment of the scores that are served.", "as_of"),
        ("score_published_age_seconds", "Time since they were published.", "published_at"),
        ("scored_users", "Users that have a score.", "users"),
        ("quality_expected", "Prediction Quality of the champion's backtest.", "quality_expected"),
        ("quality_actual", "That of the newest evaluated run.", "quality_actual"),
    ]
    for name, meaning, field in told:
        values = [((each.name,), getattr(each, field)) for each in read.predictions]
        yield _family(
            f"predictive_{name}",
            meaning,
            ["prediction"],
            (
                (labels, _age(value, now) if isinstance(value, datetime) else value)
                for labels, value in values
                if value is not None
            ),
        )


def _family(
    name: str, meaning: str, labels: list[str], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for given, value in values:
        family.add_metric(given, value)
    return family


def _single(name: str, meaning: str, value: float | None) -> Metric:
    family: Any = GaugeMetricFamily(name, meaning)
    if value is not None:
        family.add_metric([], value)
    return family  # type: ignore[no-any-return]


def _age(moment: datetime, now: datetime) -> float:
    return (now - moment).total_seconds()
