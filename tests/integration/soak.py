"""Kills the worker at random moments, round after round, and looks whether anything suffered.

Every round adds a day of events, asks for jobs of every kind, starts the real worker and kills
it with SIGKILL: while it starts, or at a random moment of whatever it does. Meanwhile a reader
looks at the published scores as a client would. At the end a last worker finishes what is
left, and every promise is checked.

``python -m tests.integration.soak`` (``make soak``) does a hundred rounds on each database and
writes what it found to ``build/soak.json`` and, with the commit, to ``docs/soak.md``. After
Ctrl-C it ends with the round and writes down how many there were.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import func, select

from predictive.definitions import Definition
from predictive.jobs.queue import request_job
from predictive.jobs.run import run_job
from predictive.settings import Settings
from predictive.store.database import Unavailable
from predictive.store.jobs import Job, JobKind
from predictive.store.tables import evaluations, predictions, runs, scores
from predictive.workspace import Workspace
from tests.integration.soak_page import soak_page

_log = logging.getLogger("soak")

NAME = "buys-7d"
DEFINITION = f"{{name: {NAME}, kind: event, target: {{within_days: 7, all: [{{did: purchase}}]}}}}"
START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
#: Days of history before the first round, and the days as of which it is scored: some of these
#: runs mature before the first round, the others during the next ones.
HISTORY_DAYS, SCORED_DAYS = 60, (50, 52, 54, 55, 56, 58)
USERS = 300
KINDS: tuple[JobKind, ...] = ("score", "evaluate", "check", "compact", "train", "build")
#: Of the jobs asked for: training takes as long as all the others together.
WEIGHTS = (6, 4, 3, 3, 1, 1)
_FINAL_SECONDS = 900.0
_DATABASES = ("sqlite", "postgresql")


@dataclass
class Found:
    """What a soak did and saw.

    Parameters
    ----------
    killed_in
        How often the worker was killed, by what it was doing then.
    ended
        How the jobs ended, by kind and state.
    violations
        What was promised and did not hold.
    """

    rounds: int = 0
    killed_in: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    reads: int = 0
    violations: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return {
            "rounds": self.rounds,
            "kills": sum(self.killed_in.values()),
            "killed_in": dict(self.killed_in.most_common()),
            "jobs": sum(self.ended.values()),
            "ended": dict(sorted(self.ended.items())),
            "reads_of_published_scores": self.reads,
            "violations": self.violations,
        }


class Soak:
    """A workspace whose worker is killed again and again.

    Parameters
    ----------
    folder
        Where the workspace is made.
    database_url
        PostgreSQL; None for SQLite.
    seed
        What is asked for and when the worker dies.
    """

    def __init__(self, folder: Path, database_url: str | None = None, seed: int = 0) -> None:
        self.workspace = Workspace.create(
            folder / "workspace", settings=Settings(database_url=database_url), buckets=4
        )
        self.found = Found()
        self._environment = os.environ | (
            {"PREDICTIVE_DATABASE_URL": database_url} if database_url else {}
        )
        self._log = folder / "worker.log"
        self._random = random.Random(seed)
        self._numbers = np.random.default_rng(seed)
        self._rates = self._numbers.gamma(2.0, 0.08, USERS)
        self._days = 0
        self._events = 0
        #: Rounds in a row in which no job came to its end: then the worker lives longer.
        self._barren = 0

    def prepare(self) -> None:
        """Two months of events, a first model and runs that mature one after the other."""
        store = self.workspace.store
        store.predictions.create_or_update(Definition.from_text(DEFINITION))
        for _ in range(HISTORY_DAYS):
            self.add_day()
        self._do("train", {"as_of": (START + SCORED_DAYS[0] * DAY).isoformat(), "seed": 0})
        for day in SCORED_DAYS:
            self._do("score", {"as_of": (START + day * DAY).isoformat()})

    def run(self, rounds: int, ending: threading.Event | None = None) -> Found:
        """So many rounds, or as many as there are until ``ending``, and then the end."""
        with self._reading():
            for number in range(1, rounds + 1):
                if ending is not None and ending.is_set():
                    break
                doing = self._round()
                _log.info("round %d of %d: killed in %s", number, rounds, doing)
            self._finish()
        self._check()
        return self.found

    def close(self) -> None:
        self.workspace.close()

    def add_day(self) -> None:
        """Each customer's purchases of one more day."""
        counts = self._numbers.poisson(self._rates)
        buyers = np.repeat(np.arange(USERS), counts)
        start = START + self._days * DAY
        times = [start + float(share) * DAY for share in self._numbers.random(len(buyers))]
        self.workspace.lake.append_events(
            pa.table(
                {
                    "event_id": [f"{self._days}-{number}" for number in range(len(buyers))],
                    "user_id": [f"u{user:03d}" for user in buyers],
                    "name": ["purchase"] * len(buyers),
                    "time": pa.array(times, pa.timestamp("us", "UTC")),
                    "amount": self._numbers.gamma(2.0, 15.0, len(buyers)).round(2),
                }
            )
        )
        self._days += 1
        self._events += len(buyers)
        self.workspace.lake.set_complete_through(START + self._days * DAY)

    def _do(self, kind: JobKind, params: dict[str, Any]) -> None:
        job_id = request_job(self.workspace, kind, NAME, params, by="soak")
        job = run_job(self.workspace, job_id, now=datetime.now(UTC))
        assert job.state == "succeeded", job.error

    # --- a round ---------------------------------------------------------------------------------

    def _round(self) -> str:
        before = len(self._unfinished())
        self.add_day()
        for kind in self._random.choices(KINDS, WEIGHTS, k=2):
            prediction = None if kind in ("check", "compact") else NAME
            job_id = request_job(self.workspace, kind, prediction, {}, by="soak")
            if self._random.random() < 0.1:
                self.workspace.store.jobs.request_cancel(job_id)
        waiting = {job.id for job in self._unfinished()}
        with self._worker() as worker:
            self._wait(worker, waiting)
            doing = self._note_kill()
            worker.kill()
        ended = waiting - {job.id for job in self._unfinished()}
        self._barren = 0 if ended or not before else self._barren + 1
        self.found.rounds += 1
        return doing

    @contextmanager
    def _worker(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "predictive.worker", "--workspace"]
        with (
            self._log.open("ab") as log,
            subprocess.Popen(
                [*command, str(self.workspace.path)],
                env=self._environment,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us
            ) as worker,
        ):
            try:
                yield worker
            finally:
                worker.kill()

    def _wait(self, worker: subprocess.Popen[bytes], waiting: set[str]) -> None:
        """A random time: from the start, or from when a job moved; longer after barren rounds."""
        if self._random.random() < 0.2:
            time.sleep(self._random.uniform(0.0, 6.0))
            return
        began = datetime.now(UTC)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not any(
            self.workspace.store.jobs.get(job_id).updated_at > began for job_id in waiting
        ):
            if worker.poll() is not None:
                self.found.violations.append(f"The worker ended by itself: {worker.returncode}")
                return
            time.sleep(0.05)
        # Usually short, now and then long enough for a training: every stage gets its turn.
        longest = self._random.choice((1.5, 4.0, 12.0)) * 2**self._barren
        deadline = time.monotonic() + self._random.uniform(0.0, longest)
        while time.monotonic() < deadline and (
            not self._barren or waiting <= {job.id for job in self._unfinished()}
        ):
            time.sleep(0.05)

    def _note_kill(self) -> str:
        running = [job for job in self._unfinished() if job.state == "running"]
        doing = f"{running[0].kind}: {running[0].stage}" if running else "between jobs"
        self.found.killed_in[doing] += 1
        return doing

    def _unfinished(self) -> list[Job]:
        return list(self.workspace.store.jobs.list(unfinished=True))

    def _finish(self) -> None:
        """A worker that is left alone until nothing is left to do."""
        deadline = time.monotonic() + _FINAL_SECONDS
        with self._worker() as worker:
            while self._unfinished():
                if time.monotonic() > deadline or worker.poll() is not None:
                    left = [(job.kind, job.state, job.stage) for job in self._unfinished()]
                    self.found.violations.append(f"These jobs never ended: {left}")
                    return
                time.sleep(0.2)

    # --- the reader ------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Look at the published scores all the while: whole, and never going back."""
        ending = threading.Event()
        thread = threading.Thread(target=self._read, args=(ending,))
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()

    def _read(self, ending: threading.Event) -> None:
        newest = datetime.min.replace(tzinfo=UTC)
        rows = select(func.count()).where(scores.c.run_number == runs.c.run_number)
        query = select(runs.c.as_of, runs.c.users, rows.scalar_subquery().label("rows")).where(
            runs.c.run_number == predictions.c.current_run_number
        )
        while not ending.wait(0.1):
            try:
                with self.workspace.store.database.read() as connection:
                    run = connection.execute(query).one()
            except Unavailable as error:
                self.found.violations.append(f"A reader was turned away: {error}")
                continue
            self.found.reads += 1
            if run.rows != run.users or run.users == 0:
                self.found.violations.append(f"A reader saw {run.rows} of {run.users} scores")
            if run.as_of < newest:
                self.found.violations.append(f"A reader saw {run.as_of} after {newest}")
            newest = run.as_of

    # --- what must hold --------------------------------------------------------------------------

    def _check(self) -> None:
        jobs = self.workspace.store.jobs.list()
        self.found.ended.update(f"{job.kind} {job.state}" for job in jobs)
        for each in (*self._jobs(jobs), *self._models(jobs), *self._runs(jobs)):
            self.found.violations.append(each)
        self.found.violations += [*self._evaluations(), *self._lake()]

    def _jobs(self, jobs: list[Job] | Any) -> Iterator[str]:
        for job in jobs:
            over = job.finished_at is not None
            fine = job.state == "succeeded" or (job.state == "cancelled" and job.cancel_requested)
            if not (over and fine):
                yield f"Job {job.id} ({job.kind}) is {job.state}: {job.error}"

    def _models(self, jobs: list[Job] | Any) -> Iterator[str]:
        """One version a training, on disk and in MLflow too, and nothing beside them."""
        store = self.workspace.store
        versions = store.models.list(NAME)
        made = Counter(version.job_id for version in versions)
        trained = {job.id for job in jobs if job.kind in ("train", "build")}
        succeeded = {job.id for job in jobs if job.id in trained and job.state == "succeeded"}
        if set(made.values()) != {1} or not succeeded <= set(made) <= trained:
            yield f"Versions by job: {made}; trainings that succeeded: {succeeded}"
        cancelled = trained - succeeded
        folders = {folder.name for folder in (self.workspace.models_path / NAME).iterdir()}
        expected = {Path(version.folder).name for version in versions}
        if not expected <= folders <= expected | cancelled:
            yield f"Model folders {folders} instead of {expected}"
        tracked = _mlflow_runs(self.workspace)
        kept = {version.mlflow_run_id for version in versions}
        if not kept <= set(tracked) or len(tracked) > len(kept) + len(cancelled):
            yield f"MLflow runs {tracked} instead of {kept}"
        champion = store.models.champion(NAME)
        if champion is None:
            yield "There is no champion"

    def _runs(self, jobs: list[Job] | Any) -> Iterator[str]:
        """One published run a scoring, archived; no others in the archive."""
        found = self.workspace.store.runs.list(NAME)
        published = [run for run in found if run.published_at is not None]
        by_job = Counter(run.job_id for run in published)
        scored = {job.id for job in jobs if job.kind in ("score", "build")}
        succeeded = {job.id for job in jobs if job.id in scored and job.state == "succeeded"}
        if set(by_job.values()) != {1} or not succeeded <= set(by_job) <= scored:
            yield f"Published runs by job: {by_job}; scorings that succeeded: {succeeded}"
        for job in jobs:
            report = (job.result or {}).get("score")
            if report and by_job[job.id] != 1:
                yield f"Job {job.id} reports {report['run_id']}, published {by_job[job.id]} times"
        for run in published:
            if not self.workspace.lake.scores.path(run.run_id).exists():
                yield f"Run {run.run_id} has no archive"
            elif sum(batch.num_rows for batch in self.workspace.lake.read_scores(run.run_id)) != (
                run.users
            ):
                yield f"The archive of run {run.run_id} is not whole"
        current = [run.run_id for run in found if run.state == "published"]
        if len(current) != 1:
            yield f"Runs that are current: {current}"
        of_cancelled = {run.run_id for run in found if run.job_id not in succeeded}
        archives = {file.stem for file in self.workspace.lake.scores.folder.glob("*.parquet")}
        if not archives <= {run.run_id for run in published} | of_cancelled:
            yield f"Archives without a run: {archives}"

    def _evaluations(self) -> Iterator[str]:
        """Each matured run is evaluated, once over the same data."""
        store = self.workspace.store
        with store.database.read() as connection:
            rows = connection.execute(
                select(runs.c.run_id, evaluations.c.report).join(
                    runs, runs.c.run_number == evaluations.c.run_number
                )
            ).all()
        for run_id, times in Counter(row.run_id for row in rows).items():
            if times != 1:
                yield f"Run {run_id} was evaluated {times} times"
        evaluated = {row.run_id for row in rows}
        matured = {run.run_id for run in store.runs.matured(self.workspace.lake.data_end(), NAME)}
        if not evaluated <= matured:
            yield f"Evaluated before their time: {evaluated - matured}"

    def _lake(self) -> Iterator[str]:
        kept = self.workspace.lake.tables().events.count().to_pyarrow().as_py()
        if kept != self._events:
            yield f"The lake has {kept} of {self._events} events"


def _mlflow_runs(workspace: Workspace) -> list[str]:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=workspace.mlflow_tracking_uri)
    experiment = client.get_experiment_by_name(NAME)
    assert experiment is not None
    return [run.info.run_id for run in client.search_runs([experiment.experiment_id])]


def soak(
    folder: Path,
    database_url: str | None,
    rounds: int,
    seed: int = 0,
    ending: threading.Event | None = None,
) -> Found:
    """Prepare a workspace and kill its worker so many times, or until ``ending``."""
    with closing(Soak(folder, database_url, seed)) as made:
        made.prepare()
        return made.run(rounds, ending)


def main() -> int:
    """Soak both databases, write what was found; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("build/soak.json"))
    parser.add_argument("--page", type=Path, default=Path("docs/soak.md"))
    given = parser.parse_args()
    report: dict[str, Any] = {
        "commit": _git("rev-parse", "HEAD") or "unknown",
        "changed_files": len(_git("status", "--porcelain", "--untracked-files=no").splitlines()),
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": given.seed,
    }
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Side by side: a round is mostly waiting for the moment to kill.
    with ProcessPoolExecutor(len(_DATABASES)) as processes:
        found = processes.map(partial(_soaked, given.rounds, given.seed), _DATABASES)
        report["databases"] = dict(zip(_DATABASES, found, strict=True))
    given.out.parent.mkdir(exist_ok=True)
    given.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    given.page.write_text(soak_page(report), encoding="utf-8")
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return int(any(found["violations"] for found in report["databases"].values()))


def _soaked(rounds: int, seed: int, database: str) -> dict[str, Any]:
    """What was found on one of the databases, and how long it took."""
    ending = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: ending.set())
    logging.basicConfig(level=logging.WARNING, format=f"{database}: %(message)s")
    _log.setLevel(logging.INFO)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _url(database) as url:
        found = soak(Path(folder), url, rounds, seed, ending).to_dict()
    return found | {"seconds": round(time.monotonic() - began)}


@contextmanager
def _url(database: str) -> Iterator[str | None]:
    if database == "sqlite":
        yield None
        return
    from tests.postgresql import new_database, running_server

    with running_server() as socket, new_database(socket) as url:
        yield url


def _git(*arguments: str) -> str:
    """What git answers; nothing where there is no repository."""
    return subprocess.run(
        ["git", *arguments], check=False, capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
