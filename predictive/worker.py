"""The worker: one process that runs the builds of a workspace, one after the other.

A build is a DBOS workflow of two recorded steps, train and score. Killed at any moment,
it is taken up by the next worker at the step that was running; so a worker is stopped by
simply ending it, and that is all it does on SIGTERM.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from predictive.errors import PredictiveError
from predictive.jobs import build
from predictive.jobs.lock import only_worker
from predictive.jobs.queue import (
    APPLICATION,
    QUEUE,
    SCHEMA,
    WORKFLOW,
    queue_client,
    reconcile,
)

if TYPE_CHECKING:
    from predictive.workspace import Workspace

_log = logging.getLogger("predictive.worker")

#: DBOS continues a workflow only under the version that began it. Raise this when the
#: steps of the workflow change, not with every release.
_WORKFLOW_VERSION = "1"
#: A build that took the worker down with it this often is given up.
_MAX_ATTEMPTS = 5
#: The service has the right of way: the worker yields the processor to it.
_NICENESS = 10
_POLL_SECONDS = 0.5
_RECONCILE_SECONDS = 60.0


def work(workspace: Workspace, ready: Callable[[], None] | None = None) -> None:
    """Run builds until the process is ended.

    Parameters
    ----------
    workspace
        Whose builds to run.
    ready
        Called once builds are being taken.

    Raises
    ------
    Conflict
        Another worker of this workspace is running.
    """
    logging.basicConfig(
        level=workspace.settings.log_level.upper(),
        format="%(asctime)s %(levelname)s worker: %(message)s",
    )
    _end_on_signals()
    with only_worker(workspace) as holds, queue_client(workspace) as client:
        os.nice(_NICENESS)
        reconcile(workspace, client)
        _launch(workspace)
        _log.info("ready for builds of %s", workspace.path)
        if ready is not None:
            ready()
        try:
            while True:
                time.sleep(_RECONCILE_SECONDS)
                holds()
                reconcile(workspace, client)
        except Exception:  # noqa: BLE001 — whatever it was, a fresh worker does better
            # At once: the lock must not be given up while a build still runs in its thread.
            _log.exception("the worker ends")
            os._exit(1)


def _launch(workspace: Workspace) -> None:
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
    _register(workspace)
    DBOS.listen_queues([QUEUE])
    DBOS.launch()
    DBOS.register_queue(QUEUE, global_concurrency=1, polling_interval_sec=_POLL_SECONDS)


def _register(workspace: Workspace) -> None:
    """Tell DBOS the workflow and its steps, by the names that are kept in the queue."""
    from dbos import DBOS  # noqa: PLC0415

    @DBOS.step(name="train")
    def train(build_id: str) -> build.Outcome:
        return build.train_step(workspace, build_id)

    @DBOS.step(name="score")
    def score(build_id: str, as_of: str) -> build.Outcome:
        return build.score_step(workspace, build_id, as_of)

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=_MAX_ATTEMPTS)
    def run(build_id: str) -> None:
        trained = train(build_id)
        scored = score(build_id, trained["report"]["as_of"]) if "report" in trained else None
        build.conclude(workspace, build_id, trained, scored)


def _end_on_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)


def _end(_number: int, _frame: FrameType | None) -> None:
    # At once and without clean-up: a step that is running would hold an orderly exit up,
    # and its transactions roll back by themselves.
    os._exit(0)


def _end_with_stdin() -> None:
    """End when stdin closes, which it does when the parent is gone, however it went."""

    def watch() -> None:
        sys.stdin.buffer.read()
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
