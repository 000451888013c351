"""What readers see while runs are written, published, deleted and killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest

from predictive.errors import Conflict
from predictive.store import Store

from .samples import AS_OF, DAY, NAME, add_prediction, publish, write

USERS = 200
PREAMBLE = f"""
import sys
from datetime import datetime, timedelta
from predictive.store import Store

AS_OF = datetime.fromisoformat({AS_OF.isoformat()!r})
NAME = {NAME!r}
users = [f"user-{{index:04}}" for index in range({USERS})]
store = Store(sys.argv[1])
"""
#: Run number i gives every user the score i: a mixture of two runs shows at once.
WRITER = (
    PREAMBLE
    + """
for number in range(1, 16):
    run = store.runs.begin(NAME, 1, AS_OF + timedelta(hours=number))
    for start in range(0, len(users), 50):
        part = users[start : start + 50]
        store.scores.write_batch(run, part, [number / 100] * len(part), [number] * len(part))
    store.runs.finish(run, histogram=b"", users=len(users))
    store.runs.publish(run)
    store.scores.delete_superseded(timedelta(minutes=1), rows_at_once=70)
store.close()
"""
)
READER = (
    PREAMBLE
    + """
seen = []
while True:
    found = store.scores.get_many(NAME, users)
    values = {score.score for score in found.values()}
    runs = {score.run_id for score in found.values()}
    if len(found) != len(users) or len(values) != 1 or len(runs) != 1:
        sys.exit(f"{len(found)} users, scores {values}, runs {runs}")
    page, pages = store.scores.page(NAME, limit=90), []
    while page.next_cursor:
        pages.append(page)
        page = store.scores.page(NAME, cursor=page.next_cursor, limit=90)
    pages.append(page)
    rows = [score for one in pages for score in one.scores]
    if len(rows) != len(users) or len({score.score for score in rows}) != 1:
        sys.exit(f"pages hold {len(rows)} users, scores { {score.score for score in rows} }")
    seen.append(values.pop())
    print(seen[-1], flush=True)
    if seen[-1] == 15:
        break
assert seen == sorted(seen), "scores went back in time"
store.close()
"""
)


@pytest.fixture
def trained(store: Store) -> Store:
    add_prediction(store)
    return store


def all_users(score: float) -> dict[str, float]:
    return {f"user-{index:04}": score for index in range(USERS)}


@contextmanager
def process(code: str, url: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def test_readers_see_whole_runs_while_others_are_published(
    trained: Store, migrated_url: str
) -> None:
    publish(trained, all_users(0.0))
    with process(READER, migrated_url) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "0.0\n"
        with process(WRITER, migrated_url) as writer:
            _, errors = writer.communicate(timeout=120)
            assert writer.returncode == 0, errors
        _, errors = reader.communicate(timeout=120)
        assert reader.returncode == 0, errors


ENDLESS_WRITER = (
    PREAMBLE
    + """
run = store.runs.begin(NAME, 1, AS_OF + timedelta(days=1))
print(run, flush=True)
for number in range(1_000_000):
    part = [f"batch-{number}-{index}" for index in range(1_000)]
    store.scores.write_batch(run, part, [0.5] * 1_000, [99.0] * 1_000)
    print(number, flush=True)
"""
)


def test_a_writer_killed_half_way_leaves_the_old_scores_whole(
    trained: Store, migrated_url: str
) -> None:
    old = publish(trained, all_users(42.0))
    with process(ENDLESS_WRITER, migrated_url) as writer:
        assert writer.stdout is not None
        killed_run = writer.stdout.readline().strip()
        for _ in range(3):
            writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
        assert writer.wait() == -signal.SIGKILL

    run = trained.runs.get(killed_run)
    assert run.state == "writing"
    # What was counted is what is there: a batch is in the store with its count, or not.
    with trained.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT count(*) FROM scores WHERE probability = 0.5"
        ).scalar()
    assert rows == run.users
    assert run.users >= 3_000
    assert run.users % 1_000 == 0
    with pytest.raises(Conflict):
        trained.runs.publish(killed_run)

    found = trained.scores.get_many(NAME, list(all_users(0)))
    assert {score.run_id for score in found.values()} == {old}
    assert len(found) == USERS
    # The next run is not in the way of what was left, and what was left goes.
    publish(trained, all_users(43.0), as_of=AS_OF + DAY)
    assert trained.scores.get(NAME, "user-0000").score == 43.0
    assert trained.scores.delete_superseded(timedelta(0)) == run.users + USERS


def test_of_many_that_publish_at_once_the_newest_moment_stays(trained: Store) -> None:
    made = [write(trained, {"a": float(day)}, as_of=AS_OF + day * DAY) for day in range(8)]
    start = threading.Barrier(len(made))

    def publish_one(run_id: str) -> bool:
        start.wait()
        try:
            trained.runs.publish(run_id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(len(made)) as pool:
        published = list(pool.map(publish_one, made))
    assert published[-1]
    assert trained.scores.get(NAME, "a").score == 7.0
    states = [trained.runs.get(run_id).state for run_id in made]
    assert states.count("published") == 1
    assert [state != "finished" for state in states] == published


def test_what_was_scored_for_an_archived_prediction_is_not_published(trained: Store) -> None:
    old = publish(trained, {"a": 1.0})
    made = write(trained, {"a": 2.0}, as_of=AS_OF + DAY)
    trained.predictions.set_state(NAME, "archived")
    with pytest.raises(Conflict, match="is archived"):
        trained.runs.publish(made)
    trained.runs.publish(old)  # what is published already, stays so
    current = trained.runs.current(NAME)
    assert current is not None
    assert current.run_id == old
    trained.predictions.set_state(NAME, "active")
    trained.runs.publish(made)
    assert trained.scores.get(NAME, "a").score == 2.0


def test_a_cursor_goes_on_while_its_run_is_replaced_and_deleted(trained: Store) -> None:
    publish(trained, all_users(1.0))
    page = trained.scores.page(NAME, limit=50)
    publish(trained, all_users(2.0), as_of=AS_OF + DAY)
    read = [score.score for score in page.scores]
    while page.next_cursor is not None:
        page = trained.scores.page(NAME, cursor=page.next_cursor, limit=50)
        read += [score.score for score in page.scores]
        trained.scores.delete_superseded()
    assert read == [1.0] * USERS


def test_nothing_is_written_into_a_prediction_that_is_being_deleted(trained: Store) -> None:
    run_id = trained.runs.begin(NAME, 1, AS_OF)
    stop = threading.Event()
    written: list[str] = []

    def write_on() -> None:
        number = 0
        while not stop.is_set():
            users = [f"{number}-{index}" for index in range(20)]
            trained.scores.write_batch(run_id, users, [0.5] * 20, [50] * 20)
            written.append(users[0])
            number += 1

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_on)
        while len(written) < 3 and not writing.done():
            stop.wait(0.001)
        trained.predictions.delete(NAME)
        refusal = writing.exception(timeout=30)
        stop.set()
    assert refusal is not None
    assert type(refusal).__name__ in {"Conflict", "NotFound"}
    with trained.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM scores").scalar() == 0
