"""A scoring run that is killed leaves the old scores whole, and the next one publishes."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from predictive import Workspace, apply, score, train

PREDICTIVE = Path(sys.executable).with_name("predictive")
NAME = "buys-7d"
BUYS = f"{{name: {NAME}, kind: event, target: {{within_days: 7, all: [{{did: purchase}}]}}}}"
DAY = timedelta(days=1)
END = datetime(2024, 3, 1, tzinfo=UTC)
TRAINED_AT = END - 20 * DAY
#: The users that a model is made from, and those that make a run long enough to be killed in.
FIRST, ALL = 300, 60_000
USERS = [f"u{number:06d}" for number in range(FIRST)]
Reached = Callable[[sqlite3.Connection], bool]


def rows_at_least(count: int) -> Reached:
    """So many of the new run's rows are in the store."""

    def reached(store: sqlite3.Connection) -> bool:
        found = store.execute("SELECT users FROM runs WHERE state = 'writing'").fetchall()
        return any(users >= count for (users,) in found)

    return reached


def begun(store: sqlite3.Connection) -> bool:
    """The new run is on record, with rows or without."""
    return bool(store.execute("SELECT 1 FROM runs WHERE state = 'writing'").fetchall())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A model, the scores of the first users, and many more users since."""
    with Workspace.create(tmp_path_factory.mktemp("killed") / "workspace", buckets=8) as made:
        random = np.random.default_rng(3)
        customers = random.integers(0, FIRST, 6_000)
        days = random.random(6_000) * 40
        kept = random.random(6_000) < 0.15 + 0.7 * (customers % 2)
        kept[np.unique(customers, return_index=True)[1]] = True
        append(made, [USERS[c] for c in customers[kept]], TRAINED_AT - 40 * DAY, days[kept])
        made.lake.set_complete_through(TRAINED_AT)
        apply(made, BUYS)
        train(made, NAME)
        score(made, NAME)
        more = [f"v{number:06d}" for number in range(ALL)]
        append(made, more, TRAINED_AT, random.random(ALL) * 20)
        made.lake.compact()
        made.lake.set_complete_through(END)
        yield made


def append(workspace: Workspace, users: list[str], start: datetime, days: np.ndarray) -> None:
    times = [start + timedelta(days=float(day)) for day in days]
    columns = {
        "event_id": [f"{start:%d}-{number}" for number in range(len(users))],
        "user_id": users,
        "name": ["purchase"] * len(users),
        "time": pa.array(times, pa.timestamp("us", "UTC")),
    }
    workspace.lake.append_events(pa.table(columns))


@contextmanager
def reading(workspace: Path, old: dict[str, float]) -> Iterator[list[str]]:
    """Read all the old scores over and over, in another thread; what was ever wrong."""
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        with Workspace.open(workspace) as mine:
            while not done.is_set():
                found = mine.store.scores.get_many(NAME, USERS)
                if {user: one.score for user, one in found.items()} != old:
                    wrong.append(f"{len(found)} scores of { ({s.run_id for s in found.values()}) }")
                page = mine.store.scores.page(NAME, limit=1_000)
                if {one.user_id for one in page.scores} != old.keys() or page.next_cursor:
                    wrong.append(f"a page of {len(page.scores)}")
                done.wait(0.01)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield wrong
    finally:
        done.set()
        thread.join()


def kill_when(workspace: Workspace, reached: Reached) -> None:
    """Run ``predictive score`` and kill it at a moment."""
    command = [str(PREDICTIVE), "score", NAME, "--workspace", str(workspace.path)]
    meta = workspace.path / "meta.db"
    with (
        closing(sqlite3.connect(meta, isolation_level=None)) as store,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running,
    ):
        while running.poll() is None and not reached(store):
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL, "it was over before it could be killed"


@pytest.mark.slow
def test_a_killed_run_leaves_the_old_scores_whole(workspace: Workspace) -> None:
    scores = workspace.store.scores
    run = workspace.store.runs.current(NAME)
    assert run is not None
    old = {user: one.score for user, one in scores.get_many(NAME, USERS).items()}
    assert set(old) == set(USERS)
    for reached in (begun, rows_at_least(1), rows_at_least(ALL // 2), rows_at_least(ALL)):
        with reading(workspace.path, old) as wrong:
            kill_when(workspace, reached)
        assert wrong == []
        assert workspace.store.runs.current(NAME) == run
        assert {user: one.score for user, one in scores.get_many(NAME, USERS).items()} == old
        assert sum(batch.num_rows for batch in workspace.lake.read_scores(run.run_id)) == FIRST
    archives = workspace.path / "lake" / "scores"
    assert any(file.name.startswith(".") for file in archives.iterdir())

    finished = subprocess.run(
        [PREDICTIVE, "score", NAME, "--workspace", workspace.path], capture_output=True, check=False
    )

    assert finished.returncode == 0, finished.stderr
    new = workspace.store.runs.current(NAME)
    assert new is not None
    assert (new.users, new.as_of) == (FIRST + ALL, END)
    found = scores.get_many(NAME, [*USERS, "v000000", f"v{ALL - 1:06d}"])
    assert {one.run_id for one in found.values()} == {new.run_id}
    assert len(found) == FIRST + 2
    # What the killed runs left goes: half archives at once, rows with the next clean-up.
    assert not any(file.name.startswith(".") for file in archives.iterdir())
    scores.delete_superseded(timedelta(0))
    with workspace.store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM scores").scalar() == FIRST + ALL
