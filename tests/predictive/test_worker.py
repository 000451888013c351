"""The worker as a real process, killed for real; mostly with jobs that only take a while."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from predictive.definitions import Definition
from predictive.errors import Conflict, NotFound
from predictive.imports import EventColumns, import_events
from predictive.jobs.lock import only_worker
from predictive.jobs.queue import queue_client, reconcile, request_job
from predictive.jobs.supervisor import WorkerProcess
from predictive.settings import Settings
from predictive.store.jobs import Job, JobKind
from predictive.wording.kept import told
from predictive.workspace import Workspace
from tests.shop import make_shop

DEFINITION = Definition.from_text(
    "name: churn-28d\nkind: churn\ntarget: {within_days: 28, all: [{did_not: purchase}]}\n"
)

NOW = datetime(2024, 3, 1, tzinfo=UTC)

#: The worker with jobs that take a while and leave a line in a file at each stage.
WORKER = """
import importlib, sys, time
from pathlib import Path

log = Path(sys.argv[1])

def said(line):
    with log.open("a") as stream:
        stream.write(line + "\\n")

def train(workspace, name, *, as_of, seed, progress, **_):
    said(f"train begins {name} {as_of} {seed}")
    progress.stage("Training", total=30)
    for _ in range(30):
        time.sleep(0.1)
        progress.advance()
    said("train ends")
    if seed == 99 and "lost" not in log.read_text():
        said("lost")
        from predictive.store.database import Unavailable
        raise Unavailable(None)
    if seed == 13:
        raise RuntimeError("odd")
    return {"model_version": 1, "as_of": "2024-03-01T00:00:00+00:00"}

def score(workspace, name, *, as_of, progress, **_):
    said(f"score begins {as_of}")
    progress.stage("Scoring", total=30)
    for _ in range(30):
        time.sleep(0.1)
        progress.advance()
    said("score ends")
    return {"users": 7}

for name, function in (("train", train), ("score", score)):
    setattr(importlib.import_module("predictive.jobs." + name), name, function)

from predictive.worker import main
sys.exit(main(sys.argv[2:]))
"""

SCORING = "score begins 2024-03-01 00:00:00+00:00"


class Bench:
    """A workspace with one prediction, and workers over it."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace.create(folder / "workspace", settings=Settings())
        self.workspace.store.predictions.create_or_update(DEFINITION)
        self.log = folder / "log"
        self.log.touch()
        self._script = folder / "worker.py"
        self._script.write_text(WORKER)
        self._workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self, *, real: bool = False) -> subprocess.Popen[bytes]:
        program = ["-m", "predictive.worker"] if real else [self._script, self.log]
        command = [sys.executable, *program, "--workspace", self.workspace.path]
        worker = subprocess.Popen([str(part) for part in command])
        self._workers.append(worker)
        return worker

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines()

    def ask(self, name: str, kind: JobKind = "build", **params: Any) -> str:
        return request_job(self.workspace, kind, name, params, by="test")

    def job(self, job_id: str) -> Job:
        return self.workspace.store.jobs.get(job_id)

    def messages(self, job_id: str) -> list[str]:
        return [line.message for line in self.workspace.store.jobs.read_log(job_id)]

    def until(self, true: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, (self.lines(), "waited too long")
            time.sleep(0.1)

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
        self.workspace.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.mark.slow
def test_a_build_killed_half_way_is_finished_by_the_next_worker(bench: Bench) -> None:
    as_of = datetime(2024, 3, 1, tzinfo=UTC)
    build_id = bench.ask("churn-28d", as_of=as_of.isoformat(), seed=5)
    assert bench.job(build_id).state == "queued"

    first = bench.start_worker()
    bench.until(lambda: bench.messages(build_id)[-1:] == ["Scoring"])
    assert bench.job(build_id).state == "running"
    first.send_signal(signal.SIGKILL)
    first.wait()

    bench.start_worker()
    bench.until(lambda: bench.job(build_id).state == "succeeded")
    result = bench.job(build_id).result
    assert result is not None
    assert result["train"]["model_version"] == 1
    assert result["score"] == {"users": 7}
    assert bench.lines() == [
        "train begins churn-28d 2024-03-01 00:00:00+00:00 5",
        "train ends",
        SCORING,
        SCORING,
        "score ends",
    ]
    resumed = "Taken up again after the worker ended."
    assert bench.messages(build_id) == ["Training", "Scoring", resumed, "Scoring", "Done."]


@pytest.mark.slow
def test_told_to_end_it_finishes_its_step_and_the_next_worker_goes_on_after_it(
    bench: Bench,
) -> None:
    build_id = bench.ask("churn-28d", seed=5)
    first = bench.start_worker()
    bench.until(lambda: any(line.startswith("train begins") for line in bench.lines()))
    first.terminate()
    assert first.wait(timeout=60) == 0
    assert [line.split()[:2] for line in bench.lines()] == [["train", "begins"], ["train", "ends"]]
    assert bench.job(build_id).state == "running"

    second = bench.start_worker()
    bench.until(lambda: any(line.startswith("score begins") for line in bench.lines()))
    # A second signal means at once.
    second.terminate()
    time.sleep(0.1)
    second.terminate()
    assert second.wait(timeout=2) == 0
    assert bench.lines()[-1].startswith("score begins")

    bench.start_worker()
    bench.until(lambda: bench.job(build_id).state == "succeeded")
    assert [line.split()[0] for line in bench.lines() if "begins" in line] == [
        *("train", "score", "score")
    ]


@pytest.mark.slow
def test_a_step_that_takes_too_long_is_left_and_a_job_that_ends_is_ended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREDICTIVE_SHUTDOWN_SECONDS", "1")
    build_id = bench.ask("churn-28d", seed=5)
    first = bench.start_worker()
    bench.until(lambda: any(line.startswith("train begins") for line in bench.lines()))
    first.terminate()
    assert first.wait(timeout=30) == 0
    assert len(bench.lines()) == 1

    monkeypatch.setenv("PREDICTIVE_SHUTDOWN_SECONDS", "30")
    second = bench.start_worker()
    bench.until(lambda: any(line.startswith("score begins") for line in bench.lines()))
    second.terminate()
    assert second.wait(timeout=60) == 0
    # The last step was let finish, and with it the job.
    assert bench.job(build_id).state == "succeeded"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
def test_a_real_build_killed_in_its_backtest_ends_in_published_scores(bench: Bench) -> None:
    events, _ = make_shop(250, 120).write(bench.log.parent)
    columns = EventColumns(user="customer", time="when", event="what", amount="total")
    import_events(bench.workspace, [events], columns)
    bench.workspace.store.predictions.create_or_update(
        Definition.from_text(
            "name: churn-14d\nkind: churn\ntarget: {within_days: 14, all: [{did_not: purchase}]}\n"
        )
    )
    build_id = bench.ask("churn-14d", seed=0)
    first = bench.start_worker(real=True)
    bench.until(lambda: bench.job(build_id).stage == "Backtesting", 150)
    first.kill()
    first.wait()

    bench.start_worker(real=True)
    bench.until(lambda: bench.job(build_id).state == "succeeded", 150)
    result = bench.job(build_id).result
    assert result is not None
    assert result["train"]["model_version"] == 1
    prediction = bench.workspace.store.predictions.get("churn-14d")
    assert prediction.current_run_id == result["score"]["run_id"]


@pytest.mark.slow
def test_builds_run_one_after_the_other_and_yield_the_processor(bench: Bench) -> None:
    builds = [bench.ask("churn-28d", seed=seed) for seed in (1, 2)]
    worker = bench.start_worker()
    bench.until(lambda: (bench.job(builds[0]).share or 0) > 0.2)
    assert bench.job(builds[1]).state == "queued"
    assert os.getpriority(os.PRIO_PROCESS, worker.pid) >= 10
    bench.until(lambda: bench.job(builds[1]).state == "succeeded")
    begun = [line for line in bench.lines() if "begins" in line or "ends" in line]
    assert [line.split()[0:2] for line in begun] == [
        *(["train", "begins"], ["train", "ends"], ["score", "begins"], ["score", "ends"]),
    ] * 2


@pytest.mark.slow
def test_a_build_can_be_cancelled_and_a_failed_one_says_why(bench: Bench) -> None:
    waiting = bench.ask("churn-28d", seed=0)
    bench.workspace.store.jobs.request_cancel(waiting)
    running = bench.ask("churn-28d", seed=1)
    failing = bench.ask("churn-28d", seed=13)
    bench.start_worker()
    bench.until(lambda: bench.job(running).state == "running")
    bench.workspace.store.jobs.request_cancel(running)
    bench.until(lambda: bench.job(failing).state == "failed")
    assert bench.job(waiting).state == "cancelled"
    assert bench.job(running).state == "cancelled"
    failed = bench.job(failing).error
    assert failed is not None
    assert (failed["code"], failed["message"]) == ("failure", "Unforeseen: RuntimeError: odd")
    korean = "예상하지 못한 오류: RuntimeError: odd"
    assert told(failed["message"], failed["said"], "ko") == korean
    assert SCORING not in bench.lines()


@pytest.mark.slow
def test_a_worker_that_loses_the_store_ends_and_the_next_goes_on(bench: Bench) -> None:
    job_id = bench.ask("churn-28d", kind="train", seed=99)
    assert bench.start_worker().wait(timeout=60) == 1
    assert bench.job(job_id).state == "running"
    bench.start_worker()
    bench.until(lambda: bench.job(job_id).state == "succeeded")
    assert [line.split()[:2] for line in bench.lines()] == [
        ["train", "begins"],
        ["train", "ends"],
        ["lost"],
        ["train", "begins"],
        ["train", "ends"],
    ]


def test_a_job_waits_in_the_store_until_a_worker_queues_it(bench: Bench) -> None:
    job_id = bench.ask("churn-28d", seed=0)
    with queue_client(bench.workspace) as client:
        assert client.list_workflows() == []
        reconcile(bench.workspace, client, NOW)
        reconcile(bench.workspace, client, NOW)
        assert [queued.workflow_id for queued in client.list_workflows()] == [job_id]


def test_a_job_that_was_given_up_is_marked_as_failed(bench: Bench) -> None:
    job_id = bench.ask("churn-28d", seed=0)
    with queue_client(bench.workspace) as client:
        reconcile(bench.workspace, client, NOW)
        client.cancel_workflow(job_id)
        reconcile(bench.workspace, client, NOW)
    failed = bench.job(job_id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert "memory" in failed.error["message"]
    assert [line.level for line in bench.workspace.store.jobs.read_log(job_id)] == ["error"]
    # Somebody asked for it and sees it: no alert.
    assert bench.workspace.store.alerts.list() == []


def test_a_job_whose_end_the_store_does_not_know_is_run_again(bench: Bench) -> None:
    """As after restoring the two databases from copies made at different moments."""
    job_id = bench.ask("churn-28d", kind="score")
    with queue_client(bench.workspace) as client:
        reconcile(bench.workspace, client, NOW)
        with sqlite3.connect(bench.workspace.path / "jobs.db") as queue:
            queue.execute("UPDATE workflow_status SET status = 'SUCCESS'")
        queue.close()
        reconcile(bench.workspace, client, NOW)
        (again,) = client.list_workflows()
    assert (again.workflow_id, again.status) == (job_id, "ENQUEUED")


def test_nobody_waits_for_an_unknown_prediction(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.ask("churn", seed=0)
    assert bench.workspace.store.jobs.list() == []


def test_one_worker_a_workspace(bench: Bench) -> None:
    worker = bench.start_worker()
    lock = bench.workspace.path / "worker.lock"
    bench.until(lock.exists)

    def taken() -> bool:
        try:
            with only_worker(bench.workspace):
                return False
        except Conflict:
            return True

    bench.until(taken)
    second = bench.start_worker()
    assert second.wait(timeout=60) == 2
    worker.terminate()
    assert worker.wait(timeout=10) == 0
    assert not taken()


def test_a_second_worker_beside_the_service_ends_in_order(bench: Bench) -> None:
    command = [sys.executable, "-m", "predictive.worker", "--end-with-stdin", "--workspace"]
    command.append(str(bench.workspace.path))
    with (
        only_worker(bench.workspace),
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as second,
    ):
        assert second.wait(timeout=60) == 2
        assert second.stderr is not None
        assert second.stderr.read().decode().splitlines() == [
            "Error: A worker of this workspace is running already. One is enough: it runs all jobs."
        ]


def test_the_worker_beside_the_service_is_replaced_and_ends_with_it(bench: Bench) -> None:
    with WorkerProcess(bench.workspace.path) as supervised:
        bench.until(lambda: supervised.child is not None)
        first = supervised.child
        assert first is not None
        first.kill()
        bench.until(lambda: supervised.child is not first)
        second = supervised.child
    assert second is not None
    assert second.poll() is not None


def test_a_worker_whose_parent_is_gone_ends(bench: Bench) -> None:
    command = [sys.executable, "-m", "predictive.worker", "--end-with-stdin", "--workspace"]
    with subprocess.Popen([*command, str(bench.workspace.path)], stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(timeout=30) == 0


#: Imports from two threads at once what a job and a chore import, as they do after a start.
IMPORTS = """
import importlib, threading
from predictive import worker

worker._load()
failed, barrier = [], threading.Barrier(2)

def load(module):
    barrier.wait()
    try:
        importlib.import_module(module)
    except Exception as error:
        failed.append(repr(error))

modules = ("predictive.jobs.evaluate", "predictive.segments.exports")
threads = [threading.Thread(target=load, args=(module,)) for module in modules]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert failed == [], failed
"""


def test_a_job_and_a_chore_that_begin_together_are_given_whole_modules() -> None:
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
