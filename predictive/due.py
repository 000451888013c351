"""What is due: decided from the store, the end of the data and a given moment, nothing else.

An occurrence of a prediction's schedule is served once, however late: by a build when the model
is to be trained, else by a scoring run, and by neither while the data holds nothing new. So a
worker that was off for a week does one job, not seven; and data that comes after the time of
day is scored when it comes. A scheduled job that failed, or that somebody cancelled, is not tried
again before the next occurrence (an evaluation: the next day or import): each job has a key that
names its occasion, and there is one job for a key. A job that was cancelled by archiving gives
its key back.

The worker and the replay both run on these functions; only their clocks differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from predictive.definitions import Definition
from predictive.errors import InsufficientData, NotFound
from predictive.schedules import DEFAULT_SCHEDULE, Schedule, last_due
from predictive.sources import open_source

if TYPE_CHECKING:
    from predictive.store.alerts import Alert
    from predictive.store.jobs import Job
    from predictive.store.models import ModelVersion
    from predictive.store.predictions import Prediction
    from predictive.workspace import Workspace

#: Who asked for a job that the schedule made.
REQUESTED_BY = "schedule"
#: Intervals are counted from here, so that they fall on the same moments for everybody.
ANCHOR = datetime(1970, 1, 1, tzinfo=UTC)
#: The data is checked, and the lake looked at, this often.
_CHECKS = Schedule.parse("daily 03:00")
_HOUSEKEEPING = Schedule.parse("every 1h")
#: Alerts after which a fresh model may do better.
_RETRAINING_ALERTS = frozenset(
    {"quality_fell", "calibration_off", "base_rate_moved", "feature_drift", "score_drift"}
)


@dataclass(frozen=True)
class DueJob:
    """A job that is due.

    Parameters
    ----------
    kind
        evaluate, check, build, score or compact.
    prediction
        What it is about; None for the whole workspace.
    key
        The occasion, for which there is one job at most.
    params
        What the job is given; ``reason`` says in words why it is due.
    """

    kind: str
    prediction: str | None
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


def due_jobs(workspace: Workspace, now: datetime) -> list[DueJob]:
    """The jobs that are due and that nobody has asked for yet, in the order to run them.

    Matured runs are evaluated before the checks that watch their quality, and both before a
    training that may be the answer to them.

    Parameters
    ----------
    workspace
        Whose predictions, data and jobs are looked at; nothing is changed.
    now
        The moment, with a time zone.
    """
    look = _Look.at(workspace, now)
    due = [*_evaluations(look), *_checks(look), *_scores_and_builds(look), *_compactions(look)]
    taken = workspace.store.jobs.of_keys([job.key for job in due])
    return [job for job in due if job.key not in taken]


def enqueue_due(workspace: Workspace, now: datetime) -> list[str]:
    """Ask for every job that is due; returns their ids."""
    return [
        workspace.store.jobs.create(
            job.kind,
            job.prediction,
            job.params,
            key=job.key,
            requested_by=REQUESTED_BY,
            now=now,
        )
        for job in due_jobs(workspace, now)
    ]


@dataclass(frozen=True)
class _Look:
    """The state of things at one moment."""

    workspace: Workspace
    now: datetime
    data_end: datetime | None
    predictions: Sequence[Prediction]
    alerts: Sequence[Alert]
    unfinished: Sequence[Job]

    @classmethod
    def at(cls, workspace: Workspace, now: datetime) -> _Look:
        store = workspace.store
        updating = [p for p in store.predictions.list() if p.state in ("preview", "active")]
        return cls(
            workspace,
            now,
            _data_end(workspace),
            updating,
            store.alerts.list(open_only=True),
            store.jobs.list(unfinished=True),
        )

    def busy(self, prediction: str | None, *kinds: str) -> bool:
        """Whether such a job waits or runs already."""
        return any(job.prediction == prediction and job.kind in kinds for job in self.unfinished)

    def occurrence(self, schedule: Schedule) -> datetime | None:
        """The newest occurrence until now."""
        return last_due(schedule, self.now, self.workspace.config.timezone, ANCHOR)

    @cached_property
    def check_occasion(self) -> str:
        """Names the day and the newest import, after which the data is looked at anew."""
        occurrence = self.occurrence(_CHECKS)
        imports = self.workspace.store.imports.list(limit=1)
        after = imports[0].import_id if imports else "nothing"
        return f"{occurrence.isoformat() if occurrence else 'never'}:{after}"


def _data_end(workspace: Workspace) -> datetime | None:
    try:
        return open_source(workspace).data_end()
    except InsufficientData:
        return None


def _evaluations(look: _Look) -> Iterator[DueJob]:
    if look.data_end is None:
        return
    for prediction in look.predictions:
        run = look.workspace.store.evaluations.awaiting(prediction.name, look.data_end)
        if run is None or look.busy(prediction.name, "evaluate"):
            continue
        subject = run.run_id if run.send is None else f"{run.run_id}:{run.send}"
        key = f"evaluate:{prediction.name}:{subject}@"
        tried = look.workspace.store.jobs.newest_of(key)
        # What succeeded and told nothing would tell nothing again.
        if tried is None or tried.state in ("failed", "cancelled"):
            yield DueJob("evaluate", prediction.name, key + look.check_occasion)


def _checks(look: _Look) -> Iterator[DueJob]:
    if look.data_end is not None and not look.busy(None, "check"):
        yield DueJob("check", None, f"check:{look.check_occasion}")


def _compactions(look: _Look) -> Iterator[DueJob]:
    occurrence = look.occurrence(_HOUSEKEEPING)
    if occurrence is None or look.busy(None, "compact") or not look.workspace.lake.is_overdue():
        return
    yield DueJob("compact", None, f"compact:{occurrence.isoformat()}")


def _scores_and_builds(look: _Look) -> Iterator[DueJob]:
    if look.data_end is None:
        return
    for prediction in look.predictions:
        occurrence = look.occurrence(_cadence(prediction.definition_yaml).due)
        if occurrence is None or look.busy(prediction.name, "build", "train", "score"):
            continue
        job = _for_occurrence(look, look.data_end, prediction, occurrence)
        if job is not None:
            yield job


def _for_occurrence(
    look: _Look, data_end: datetime, prediction: Prediction, occurrence: datetime
) -> DueJob | None:
    """The job that serves an occurrence of a prediction's schedule, if one still has to."""
    name, moment = prediction.name, occurrence.isoformat()
    build, score = f"build:{name}:{moment}", f"score:{name}:{moment}"
    tried = look.workspace.store.jobs.of_keys([build, score])
    if score in tried or (build in tried and tried[build].state == "succeeded"):
        return None
    if build not in tried:
        reason = _reason_to_train(look, data_end, prediction)
        if reason is not None:
            return DueJob("build", name, build, {"reason": reason})
    # Also after a training that failed: the champion goes on scoring.
    new = prediction.current_as_of is None or prediction.current_as_of < data_end
    if prediction.champion_version is not None and new:
        return DueJob("score", name, score, {"reason": "new data"})
    return None


def _reason_to_train(look: _Look, data_end: datetime, prediction: Prediction) -> str | None:
    """Why the model is to be trained, in words; None when it is not."""
    newest = look.workspace.store.models.newest(prediction.name)
    if newest is None:
        return "first model"
    if _is_outdated(look, newest, prediction):
        return "new definition"
    if newest.as_of >= data_end:
        return None
    every = _cadence(prediction.definition_yaml).retrained_every
    if data_end - newest.as_of >= every:
        return f"{every.days} days since the last training"
    trained_at = _trained_at(look, newest)
    for alert in look.alerts:
        concerned = alert.prediction == prediction.name and alert.kind in _RETRAINING_ALERTS
        if concerned and alert.opened_at > trained_at:
            return f"alert {alert.id}: {alert.kind}"
    return None


def _is_outdated(look: _Look, newest: ModelVersion, prediction: Prediction) -> bool:
    """Whether the definition has changed since, in more than its schedule."""
    if newest.definition_version >= prediction.definition_version:
        return False
    texts = look.workspace.store.predictions
    trained = texts.definition_yaml(prediction.name, newest.definition_version)
    return _asks_otherwise(prediction.definition_yaml, trained)


def _trained_at(look: _Look, version: ModelVersion) -> datetime:
    """When a version was trained, by the clock that its job went by."""
    try:
        job = look.workspace.store.jobs.get(version.job_id or "")
    except NotFound:
        # No job trained it, or one that is forgotten by now.
        return version.created_at
    return job.created_at


@dataclass(frozen=True)
class _Cadence:
    """How often a prediction is scored and trained."""

    due: Schedule
    retrained_every: timedelta


@lru_cache(maxsize=1_000)
def _cadence(yaml: str) -> _Cadence:
    definition = Definition.from_text(yaml)
    return _Cadence(
        Schedule.parse(definition.schedule or DEFAULT_SCHEDULE),
        timedelta(days=definition.retraining.every_days),
    )


@lru_cache(maxsize=1_000)
def _asks_otherwise(yaml: str, trained: str) -> bool:
    return Definition.from_text(yaml).needs_another_model(Definition.from_text(trained))
