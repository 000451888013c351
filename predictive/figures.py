"""What a monitor asks again and again: read cheaply, and from the store alone.

A reading costs a few indexed queries. What grows without end (imports, evaluations, jobs that
are over) is read from where the reading before left off.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, func, select

from predictive.errors import InsufficientData
from predictive.jobs.lock import is_worker_running
from predictive.store.tables import evaluations, jobs, models, predictions, runs
from predictive.store.watch_tables import alerts, imports

if TYPE_CHECKING:
    from predictive.workspace import Workspace

#: A reading is given again for this long.
KEPT = timedelta(seconds=10)
_OPEN = ("queued", "running")


class PredictionFigures(NamedTuple):
    """One prediction: its current scores, and its quality on the scale up to 100."""

    name: str
    as_of: datetime | None
    published_at: datetime | None
    users: int | None
    quality_expected: float | None
    quality_actual: float | None


class EndedJob(NamedTuple):
    """A job that is over, and how long it ran, in seconds."""

    kind: str
    state: str
    seconds: float


@dataclass(frozen=True)
class Figures:
    """One reading.

    Parameters
    ----------
    jobs
        How many are open, by kind and state.
    oldest_queued
        Since when the job at the head of the queue has waited; None when none does.
    ended_jobs
        Those that ended since the reading before.
    imported
        Rows of all imports, by kind and outcome (new, duplicate, rejected).
    last_imports
        The newest import of each kind: when, and its rows by outcome.
    newest_event
        Its time; None without events, or when they stand in tables of others.
    open_alerts
        How many, by prediction (empty for the data of all), kind and severity.
    """

    at: datetime
    jobs: Mapping[tuple[str, str], int]
    oldest_queued: datetime | None
    ended_jobs: Sequence[EndedJob]
    worker_running: bool
    imported: Mapping[tuple[str, str], int]
    last_imports: Mapping[str, tuple[datetime, Mapping[str, int]]]
    newest_event: datetime | None
    predictions: Sequence[PredictionFigures]
    open_alerts: Mapping[tuple[str, str, str], int]


@dataclass
class _Seen:
    """What readings before have read and need not read again."""

    newest_job: str = ""
    open_jobs: frozenset[str] = frozenset()
    newest_import: int = 0
    imported: Counter[tuple[str, str]] = field(default_factory=Counter)
    last_imports: dict[str, tuple[datetime, Mapping[str, int]]] = field(default_factory=dict)
    newest_evaluation: int = 0
    actual: dict[int, tuple[datetime, float | None]] = field(default_factory=dict)
    expected: dict[tuple[int, int], float | None] = field(default_factory=dict)
    predictions: frozenset[int] = frozenset()


class Gauge:
    """Reads a workspace's figures, at most every ten seconds.

    Parameters
    ----------
    workspace
        Whose figures.
    now
        Jobs that ended before are not counted.
    """

    def __init__(self, workspace: Workspace, now: datetime) -> None:
        self._workspace, self._since = workspace, now
        self._seen = _Seen()
        self._kept: Figures | None = None
        self._lock = threading.Lock()

    def read(self, now: datetime) -> tuple[Figures, bool]:
        """The figures, and whether they are new or those of the reading before.

        Raises
        ------
        Unavailable
            The store does not answer.
        """
        with self._lock:
            if self._kept is not None and now - self._kept.at < KEPT:
                return self._kept, False
            with self._workspace.store.database.read() as connection:
                self._kept = self._read(connection, now)
            return self._kept, True

    def _read(self, connection: Connection, now: datetime) -> Figures:
        open_jobs = _open_jobs(connection)
        ended = self._ended(connection, frozenset(job.id for job in open_jobs))
        self._read_imports(connection)
        queued = [job.created_at for job in open_jobs if job.state == "queued"]
        return Figures(
            now,
            Counter((job.kind, job.state) for job in open_jobs),
            min(queued, default=None),
            ended,
            is_worker_running(self._workspace),
            dict(self._seen.imported),
            dict(self._seen.last_imports),
            self._newest_event(),
            self._predictions(connection),
            _open_alerts(connection),
        )

    def _ended(self, connection: Connection, still_open: frozenset[str]) -> list[EndedJob]:
        """Jobs that were open and no longer are, or came and went between two readings."""
        seen = self._seen
        columns = (jobs.c.id, jobs.c.kind, jobs.c.state, jobs.c.started_at, jobs.c.finished_at)
        gone = sorted(seen.open_jobs - still_open)
        fresh = (
            jobs.c.id > seen.newest_job if seen.newest_job else jobs.c.finished_at >= self._since
        )
        query = select(*columns).where(fresh | jobs.c.id.in_(gone)).order_by(jobs.c.id)
        rows = [row for row in connection.execute(query) if row.id not in still_open]
        newest = connection.execute(select(func.max(jobs.c.id))).scalar()
        seen.newest_job, seen.open_jobs = max(newest or "", seen.newest_job), still_open
        return [
            EndedJob(row.kind, row.state, (row.finished_at - row.started_at).total_seconds())
            for row in rows
            if row.started_at is not None and row.finished_at is not None
        ]

    def _read_imports(self, connection: Connection) -> None:
        seen = self._seen
        query = select(imports).where(imports.c.id > seen.newest_import).order_by(imports.c.id)
        for row in connection.execute(query):
            rows = {
                "new": int(row.report["imported"]),
                "duplicate": int(row.report["duplicates"]),
                "rejected": sum(row.report["rejected"].values()),
            }
            seen.newest_import = row.id
            seen.last_imports[row.kind] = (row.at, rows)
            seen.imported.update({(row.kind, outcome): n for outcome, n in rows.items()})

    def _newest_event(self) -> datetime | None:
        if self._workspace.config.source is not None:
            return None
        try:
            # Counted once for each version of the lake, and kept in a file beside it.
            return self._workspace.lake.statistics().last
        except InsufficientData:
            return None

    def _predictions(self, connection: Connection) -> list[PredictionFigures]:
        query = (
            select(
                predictions.c.id,
                predictions.c.name,
                predictions.c.champion_version,
                predictions.c.current_as_of,
                runs.c.published_at,
                runs.c.users,
            )
            .outerjoin(runs, runs.c.run_number == predictions.c.current_run_number)
            .order_by(predictions.c.name)
        )
        rows = connection.execute(query).all()
        self._read_evaluations(connection, frozenset(row.id for row in rows))
        return [
            PredictionFigures(
                row.name,
                row.current_as_of,
                row.published_at,
                row.users,
                self._expected(connection, row.id, row.champion_version),
                self._seen.actual.get(row.id, (None, None))[1],
            )
            for row in rows
        ]

    def _expected(self, connection: Connection, number: int, version: int | None) -> float | None:
        if version is None:
            return None
        known = self._seen.expected
        if (number, version) not in known:
            of_version = (models.c.prediction_id == number) & (models.c.version == version)
            report = connection.execute(select(models.c.report).where(of_version)).scalar_one()
            known[number, version] = _quality(report)
        return known[number, version]

    def _read_evaluations(self, connection: Connection, known: frozenset[int]) -> None:
        seen = self._seen
        if known != seen.predictions:
            # A deletion takes evaluations along, whose numbers may be given again.
            seen.predictions, seen.newest_evaluation, seen.actual = known, 0, {}
        query = (
            select(evaluations.c.id, runs.c.prediction_id, runs.c.as_of)
            .join(runs, runs.c.run_number == evaluations.c.run_number)
            .where(evaluations.c.id > seen.newest_evaluation)
            .order_by(evaluations.c.id)
        )
        newest: dict[int, tuple[datetime, int]] = {}
        for row in connection.execute(query):
            seen.newest_evaluation = row.id
            before = newest.get(row.prediction_id) or seen.actual.get(row.prediction_id)
            if before is None or row.as_of >= before[0]:
                newest[row.prediction_id] = (row.as_of, row.id)
        for prediction, (as_of, evaluation) in newest.items():
            report = connection.execute(
                select(evaluations.c.report).where(evaluations.c.id == evaluation)
            ).scalar_one()
            seen.actual[prediction] = (as_of, _quality(report.get("actual", {})))


def _open_jobs(connection: Connection) -> Sequence[Any]:
    columns = (jobs.c.id, jobs.c.kind, jobs.c.state, jobs.c.created_at)
    return connection.execute(select(*columns).where(jobs.c.state.in_(_OPEN))).all()


def _open_alerts(connection: Connection) -> Mapping[tuple[str, str, str], int]:
    query = (
        select(predictions.c.name, alerts.c.kind, alerts.c.severity)
        .outerjoin(predictions, predictions.c.id == alerts.c.prediction_id)
        .where(alerts.c.open_key.is_not(None))
    )
    counted: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for name, kind, severity in connection.execute(query):
        counted[name or "", kind, severity] += 1
    return counted


def _quality(report: Mapping[str, Any]) -> float | None:
    value = report.get("quality", {}).get("value")
    return None if value is None else float(value)
