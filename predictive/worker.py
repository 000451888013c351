"""The worker: one process that runs the jobs of a workspace, one after the other.

A job is a DBOS workflow of recorded steps. Killed at any moment, it is taken up by the next
worker at the step that was running. On SIGTERM it ends after that step, so that nothing is
done twice. Beside the job that runs, the worker looks what is due, sends the notifications of
alerts and clears away what is past its time.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from predictive.due import enqueue_due
from predictive.errors import PredictiveError
from predictive.jobs.lock import HOLD_SECONDS, only_worker
from predictive.jobs.pruning import prune
from predictive.jobs.queue import APPLICATION, QUEUE, SCHEMA, WORKFLOW, queue_client, reconcile
from predictive.jobs.run import Outcome, conclude, note_resumption, perform, run_step
from predictive.logs import configure
from predictive.notifications import deliver_callbacks, deliver_due
from predictive.stopping import Stopping
from predictive.store.database import Unavailable

if TYPE_CHECKING:
    from predictive.jobs.kinds import Reports
    from predictive.workspace import Workspace

_log = logging.getLogger("predictive.worker")

#: DBOS continues a workflow only under the version that began it. Raise this when the
#: steps of the workflow change, not with every release.
_WORKFLOW_VERSION = "2"
#: A job that took the worker down with it this often is given up.
_MAX_ATTEMPTS = 10
#: The service has the right of way: the worker yields the processor to it.
_NICENESS = 10
_QUEUE_SECONDS = 0.5
_RECONCILE_SECONDS = 1.0
_NOTIFY_SECONDS = 5.0
_DUE_SECONDS = 10.0
_CLEARING_SECONDS = 60.0
_PRUNING_SECONDS = 3600.0
#: Asking a warehouse where its data ends means reading its whole table.
_DUE_SECONDS_WAREHOUSE = 300.0
#: What steps and chores import when they are run.
_LOADED = (
    "predictive.jobs.train",
    "predictive.jobs.score",
    "predictive.jobs.evaluate",
    "predictive.watching.check",
    "predictive.segments.exports",
)
#: A chore that failed is tried again after this long.
_FAILED_SECONDS = 30.0


def work(workspace: Workspace, ready: Callable[[], None] | None = None) -> None:
    """Run jobs until the process is ended.

    Parameters
    ----------
    workspace
        Whose jobs to run.
    ready
        Called once jobs are being taken.

    Raises
    ------
    Conflict
        Another worker of this workspace is running.
    """
    configure(workspace.settings.log_level)
    stopping = Stopping(workspace.settings.shutdown_seconds)
    stopping.listen()
    _load()
    with only_worker(workspace) as holds, queue_client(workspace) as client:
        os.nice(_NICENESS)
        reconcile(workspace, client, _now())
        _launch(workspace, stopping)
        _log.info("ready for jobs of %s", workspace.path)
        if ready is not None:
            ready()
        local = workspace.config.source is None
        _chore(lambda now: reconcile(workspace, client, now), _RECONCILE_SECONDS)
        _chore(partial(enqueue_due, workspace), _DUE_SECONDS if local else _DUE_SECONDS_WAREHOUSE)
        _chore(partial(deliver_due, workspace), _NOTIFY_SECONDS)
        _chore(partial(deliver_callbacks, workspace), _NOTIFY_SECONDS)
        _chore(partial(_remove_expired, workspace), _CLEARING_SECONDS)
        _chore(partial(prune, workspace, client), _PRUNING_SECONDS)
        try:
            while True:
                holds()
                stopping.wait(HOLD_SECONDS)
        except Exception:  # noqa: BLE001 — whatever it was, a fresh worker does better
            # At once: the lock must not be given up while a job still runs in its thread.
            _log.exception("the worker ends")
            os._exit(1)


def _load() -> None:
    """Import what jobs and chores are made of, while there is one thread.

    Of two threads that import the same modules in another order one may be given half of them:
    jobs failed of it just after a start.
    """
    for module in _LOADED:
        import_module(module)


def _remove_expired(workspace: Workspace, now: datetime) -> None:
    # Only in the worker: it brings Arrow and Ibis along.
    from predictive.segments.exports import remove_expired  # noqa: PLC0415

    remove_expired(workspace, now)


def _chore(act: Callable[[datetime], object], seconds: float) -> None:
    """Do something again and again in a thread of its own; a failure is logged, no more."""

    def repeat() -> NoReturn:
        while True:
            pause = seconds
            try:
                act(_now())
            except PredictiveError as error:
                _log.warning("%s", error)
                pause = _FAILED_SECONDS
            except Exception:  # noqa: BLE001 — one chore's failure must not stop the jobs
                _log.exception("a chore failed")
                pause = _FAILED_SECONDS
            time.sleep(pause)

    threading.Thread(target=repeat, daemon=True).start()


def _launch(workspace: Workspace, stopping: Stopping) -> None:
    from dbos import DBOS, DBOSPortableJSONSerializer  # noqa: PLC0415

    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": workspace.jobs_url,
            "dbos_system_schema": SCHEMA,
            "application_version": _WORKFLOW_VERSION,
            # One worker at a time, so all of them may be the same executor: each takes up
            # what the one before it left.
            "executor_id": "worker",
            "log_level": "WARNING",
            # JSON instead of pickles: what is read from a database must not be run.
            "serializer": DBOSPortableJSONSerializer(),
        }
    )
    _register(workspace, stopping)
    DBOS.listen_queues([QUEUE])
    DBOS.launch()
    DBOS.register_queue(QUEUE, global_concurrency=1, polling_interval_sec=_QUEUE_SECONDS)


def _register(workspace: Workspace, stopping: Stopping) -> None:
    """Tell DBOS the workflow and its step, by the names that are kept in the queue."""
    from dbos import DBOS  # noqa: PLC0415

    @DBOS.step(name="step")
    def step(job_id: str, name: str, done: Reports) -> Outcome:
        stopping.boundary()
        with _ending_without_store():
            return run_step(workspace, job_id, name, done, now=_now())

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=_MAX_ATTEMPTS)
    def run(job_id: str, kind: str) -> None:
        with stopping.job():
            with _ending_without_store():
                note_resumption(workspace, job_id)
            outcomes = perform(kind, partial(step, job_id))
            with _ending_without_store():
                conclude(workspace, job_id, outcomes, now=_now())


@contextmanager
def _ending_without_store() -> Iterator[None]:
    """End the worker when the store is lost: DBOS would keep that as how the job ended."""
    try:
        yield
    except Unavailable:
        _log.exception("the worker ends; the next one goes on with its job")
        os._exit(1)


def _now() -> datetime:
    return datetime.now(UTC)


def _end_with_stdin() -> None:
    """End when stdin closes, which it does when the parent is gone, however it went."""

    def watch() -> None:
        # Not by sys.stdin: its lock, held while it waits, makes an interpreter that ends abort.
        while os.read(0, 1):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m predictive.worker``; returns the exit code."""
    from predictive.workspace import Workspace  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m predictive.worker", description=__doc__)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--end-with-stdin", action="store_true")
    given = parser.parse_args(arguments)
    if given.end_with_stdin:
        _end_with_stdin()
    try:
        with Workspace.open(given.workspace) as workspace:
            work(workspace)
    except PredictiveError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
