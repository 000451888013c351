"""Reading whole users in order, from sorted files and from unsorted ones."""

from __future__ import annotations

import tempfile
from hashlib import md5
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictive.lake import Lake, files, snapshot
from predictive.lake.files import is_sorted, whole_users
from tests.predictive.lake.rows import day, events, read

COLUMNS = ["user_id", "name", "time", "event_id", "amount"]

rows_of_events = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.sampled_from(["a", "b", "ä", "c c", "d"]),
            "name": st.sampled_from(["purchase", "session"]),
            "time": st.integers(0, 5).map(day),
            "amount": st.none() | st.floats(-5, 5),
        }
    ),
    max_size=30,
)


@settings(max_examples=25, deadline=None)
@given(rows=rows_of_events, cut=st.integers(0, 30), before=st.none() | st.integers(0, 6).map(day))
@pytest.mark.parametrize("compacted", [True, False])
def test_batches_equal_a_plain_sort(compacted: bool, rows: list, cut: int, before: object) -> None:
    table = events(rows)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # Small row groups, so that users meet their ends.
        patch.setattr(files, "GROUP_ROWS", 3)
        patch.setattr(snapshot, "GROUP_ROWS", 3)
        lake = Lake(Path(folder), 2, memory_mib=128, threads=1)
        lake.create()
        lake.append_events(table.slice(0, cut))
        lake.append_events(table.slice(cut))
        if compacted:
            lake.compact()
        batches = read(lake, COLUMNS, before)

    found = [row for batch in batches for row in batch]
    expected = [
        {name: row[name] for name in COLUMNS}
        for row in table.to_pylist()
        if before is None or row["time"] < before
    ]
    order = lambda row: (row["user_id"], row["time"], row["event_id"])  # noqa: E731
    assert sorted(found, key=order) == sorted(expected, key=order)
    for batch in batches:
        assert batch == sorted(batch, key=order)
    users = [{row["user_id"] for row in batch} for batch in batches]
    assert sum(len(some) for some in users) == len(set().union(*users)), "a user was cut in two"


def test_text_is_delivered_as_codes(lake: Lake) -> None:
    lake.append_events(events([{"user_id": "u", "product_id": "p"}]))
    for _ in ("one sorted file", "two files"):
        (batch,) = [
            batch
            for bucket in range(4)
            for batch in lake.batches(bucket, ["user_id", "product_id", "event_id", "currency"])
        ]
        coded = pa.dictionary(pa.int32(), pa.string())
        assert batch.schema.types == [coded, coded, pa.string(), coded]
        lake.append_events(events([{"user_id": "u", "event_id": "another"}]))


def test_compaction_leaves_one_sorted_file_a_bucket_and_changes_nothing(lake: Lake) -> None:
    for part in range(3):
        rows = [{"user_id": f"u{i}", "event_id": f"{part}-{i}"} for i in range(20)]
        lake.append_events(events(rows))
    before = sorted(str(row) for batch in read(lake, COLUMNS) for row in batch)
    lake.compact()
    live = lake.events.state().files
    assert all(len(files) == 1 and is_sorted(files[0]) for files in live.values())
    assert sorted(str(row) for batch in read(lake, COLUMNS) for row in batch) == before
    version = lake.version
    lake.compact()
    assert lake.version == version


def test_small_files_are_merged_once_many_have_gathered(lake: Lake) -> None:
    ids = [md5(str(i).encode()).hexdigest() for i in range(20_000)]
    lake.append_events(events([{"user_id": "u", "event_id": id_} for id_ in ids]))
    lake.compact()
    rewritten = 0
    for turn in range(20):
        lake.append_events(events([{"user_id": "u", "event_id": f"later-{turn}"}]))
        version = lake.version
        lake.compact(overdue=True)
        rewritten += lake.version > version
        assert sum(len(files) for files in lake.events.state().files.values()) <= 8
    assert rewritten == 2
    assert sum(len(batch) for batch in read(lake, COLUMNS)) == 20_020


def test_a_tail_that_is_large_for_its_bucket_is_merged_at_once(lake: Lake) -> None:
    for part in range(2):
        rows = [{"user_id": "u", "event_id": f"{part}-{i}"} for i in range(500)]
        lake.append_events(events(rows))
        lake.compact(overdue=True)
    assert [len(files) for files in lake.events.state().files.values()] == [1]


def test_a_snapshot_reads_on_while_the_lake_changes(lake: Lake) -> None:
    lake.append_events(events([{"user_id": "u", "event_id": "1"}]))
    pinned = lake.snapshot()
    lake.append_events(events([{"user_id": "u", "event_id": "2"}]))
    lake.compact()
    assert pinned.tables().events.count().to_pyarrow().as_py() == 1
    assert sum(b.num_rows for i in range(4) for b in pinned.batches(i, ["user_id"])) == 1
    assert lake.tables().events.count().to_pyarrow().as_py() == 2


@given(
    runs=st.lists(st.integers(1, 12), max_size=12),
    target=st.integers(1, 8),
    chunk=st.integers(1, 7),
)
def test_whole_users_are_never_cut(runs: list[int], target: int, chunk: int) -> None:
    users = [f"u{i:02}" for i, run in enumerate(runs) for _ in range(run)]
    table = pa.table({"user_id": pa.array(users, pa.string()), "row": range(len(users))})
    parts = list(whole_users(table.to_batches(max_chunksize=chunk), target))
    assert [row for part in parts for row in part["row"].to_pylist()] == list(range(len(users)))
    seen = [set(part["user_id"].to_pylist()) for part in parts]
    assert sum(map(len, seen)) == len(runs)
