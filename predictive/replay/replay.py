"""The loop: a day's events come in, then the worker's own functions do whatever is due.

Nothing here decides anything: what is due, how a job runs and what is an alert are decided by
the functions that the worker calls. Only the clock is another one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from predictive.definitions import Definition
from predictive.due import enqueue_due
from predictive.errors import Failure
from predictive.imports import import_events
from predictive.jobs.run import run_job
from predictive.lifecycle import set_state
from predictive.predictions import apply, read_definition
from predictive.progress import NoProgress, Progress
from predictive.replay.incidents import Incident
from predictive.replay.recording import Recording, midnight
from predictive.replay.report import replay_report
from predictive.workspace import Workspace

#: A day's events are imported so long after it is over, and the jobs run so long after it.
IMPORTED_AFTER, WORKED_AFTER = timedelta(hours=2), timedelta(hours=4)
#: Who changes predictions in a replay, as their history has it.
ACTOR = "replay"
#: Jobs make others due (runs to evaluate make checks); so many turns are never needed.
_MOST_TURNS = 20


def replay(
    workspace: Workspace,
    recording: Recording,
    definitions: Sequence[Definition | Path | str],
    *,
    incidents: Sequence[Incident] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Live through a recording day by day, under a simulated clock.

    What was before the first day is imported at once; the predictions are made and set active.
    Then, day by day, its events are imported two hours after its end and everything that is due
    four hours after its end is done: training, scoring, evaluation, checks.

    Parameters
    ----------
    workspace
        A new workspace.
    recording
        What happens.
    definitions
        The predictions to live with.
    incidents
        What goes wrong in the recording, to be looked for among the alerts.
    progress
        Told of every day.

    Returns
    -------
    dict
        See :func:`predictive.replay.report.replay_report`.

    Raises
    ------
    InvalidInput
        A definition is wrong, or the time before the first day holds no event.
    """
    listener = progress or NoProgress()
    listener.stage("Importing the history")
    clock = _Clock()
    parsed = [read_definition(definition) for definition in definitions]
    with clock.counting("import"):
        _import(workspace, recording, None)
    begin = midnight(recording.start)
    for definition in parsed:
        apply(workspace, definition)
        set_state(workspace, definition.name, "active", by=ACTOR, now=begin)
    _work(workspace, begin + WORKED_AFTER, clock)
    listener.stage("Replaying", total=recording.days)
    for day in recording.dates():
        with clock.counting("import"):
            _import(workspace, recording, day)
        _work(workspace, midnight(day) + timedelta(days=1) + WORKED_AFTER, clock)
        listener.advance()
    return replay_report(
        workspace,
        [definition.name for definition in parsed],
        recording,
        incidents,
        clock.seconds,
    )


class _Clock:
    """Adds up how long each kind of work takes, in real seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def counting(self, kind: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[kind] = self.seconds.get(kind, 0.0) + time.monotonic() - began


def _import(workspace: Workspace, recording: Recording, day: date | None) -> None:
    """Import the events and attributes of a day, or of all the time before the first one."""
    over = midnight(recording.start) if day is None else midnight(day) + timedelta(days=1)
    received = over + IMPORTED_AFTER
    facts = recording.facts(day)
    if facts is not None:
        moments = pa.repeat(pa.scalar(received, pa.timestamp("us", "UTC")), facts.num_rows)
        workspace.lake.append_attributes(facts.append_column("received_at", moments))
    file = recording.history() if day is None else recording.events(day)
    if file is None:
        workspace.lake.set_complete_through(over)
        return
    import_events(
        workspace,
        [file],
        recording.columns,
        complete_through=over,
        group_orders=False,
        now=received,
    )


def _work(workspace: Workspace, now: datetime, clock: _Clock) -> None:
    """Run jobs until nothing is due."""
    jobs = workspace.store.jobs
    for _ in range(_MOST_TURNS):
        due = enqueue_due(workspace, now)
        if not due:
            return
        for job_id in due:
            with clock.counting(jobs.get(job_id).kind):
                run_job(workspace, job_id, now=now)
    raise Failure(f"Jobs are still due after {_MOST_TURNS} turns at {now.isoformat()}.")
