"""Deleting users, the end of the data, statistics, archives, and what a crash leaves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from predictive.errors import InsufficientData, InvalidInput, NotFound
from predictive.lake import Lake
from predictive.lake.files import write_sorted
from predictive.lake.layout import EVENT_SCHEMA
from tests.predictive.lake.rows import START, attributes, day, events

SECRET = "somebody-to-forget"


def scores(users: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"user_id": users, "score": [50.0] * len(users)})


def test_a_deleted_user_leaves_no_byte_behind(lake: Lake) -> None:
    others = [{"user_id": f"u{i}"} for i in range(20)]
    lake.append_events(events([{"user_id": SECRET}, *others]))
    lake.append_events(events([{"user_id": SECRET, "event_id": "again"}]))
    lake.append_attributes(attributes([{"user_id": SECRET, "name": "country", "text": "GB"}]))
    lake.compact()
    lake.archive_scores("run1", [scores([SECRET, "u1"])])
    lake.archive_scores("run2", [scores(["u1"])])

    assert lake.delete_user(SECRET) == {"events": 2, "attributes": 1, "scores": 1}

    assert lake.tables().events.count().to_pyarrow().as_py() == 20
    assert [row for b in lake.read_scores("run1") for row in b["user_id"].to_pylist()] == ["u1"]
    left = [f for f in lake.path.rglob("*") if f.is_file() and SECRET.encode() in f.read_bytes()]
    assert left == []
    assert lake.delete_user(SECRET) == {"events": 0, "attributes": 0, "scores": 0}


def test_the_last_user_of_a_lake_can_be_deleted(lake: Lake) -> None:
    lake.append_events(events([{"user_id": SECRET}]))
    lake.delete_user(SECRET)
    assert lake.tables().events.count().to_pyarrow().as_py() == 0
    with pytest.raises(InsufficientData):
        lake.data_end()


@pytest.mark.parametrize(
    ("times", "told", "expected"),
    [
        ([day(1.5)], None, day(1.5) + timedelta(microseconds=1)),
        ([day(0), day(1)], None, day(2)),
        ([day(0), day(1)], day(1.25), day(1.25)),
        ([day(0), day(9)], day(5), day(5)),
    ],
    ids=["just after the last", "next midnight", "as told", "as told, stragglers or not"],
)
def test_data_end(lake: Lake, times: list, told: datetime | None, expected: datetime) -> None:
    lake.append_events(events([{"user_id": "u", "time": time} for time in times]))
    lake.set_complete_through(told)
    assert lake.data_end() == expected


def test_later_events_make_a_told_end_outdated(lake: Lake) -> None:
    lake.append_events(events([{"user_id": "u", "time": day(1.5)}]))
    lake.set_complete_through(day(2))
    lake.append_events(events([{"user_id": "u", "time": day(3.5), "event_id": "later"}]))
    assert lake.data_end() == day(3.5) + timedelta(microseconds=1)


def test_midnights_are_those_of_the_files_time_zone(lake: Lake) -> None:
    # Midnights in Berlin: the last before the clocks go forward, so that its day has 23 hours.
    times = [datetime(2024, 3, 29, 23, tzinfo=UTC), datetime(2024, 3, 30, 23, tzinfo=UTC)]
    lake.append_events(events([{"user_id": "u", "time": time} for time in times]))
    assert lake.data_end() == times[1] + timedelta(microseconds=1)
    lake.set_complete_through(None, timezone="Europe/Berlin")
    assert lake.data_end() == datetime(2024, 3, 31, 22, tzinfo=UTC)


def test_an_end_before_the_first_event_is_refused(lake: Lake) -> None:
    lake.append_events(events([{"user_id": "u", "time": day(1)}]))
    with pytest.raises(InvalidInput, match="complete_through"):
        lake.set_complete_through(day(1))


def test_statistics_are_counted_once_per_version(lake: Lake) -> None:
    lake.append_events(
        events([{"user_id": "u", "time": day(1)}, {"user_id": "u", "name": "session"}])
    )
    lake.append_attributes(attributes([{"user_id": "u", "name": "age", "number": 3.0}]))
    figures = lake.statistics()
    assert figures.events["purchase"].first == figures.events["purchase"].last == day(1)
    assert (figures.rows, figures.first, figures.last) == (2, START, day(1))
    assert figures.attributes == {"age": "number"}

    kept = lake.path / "statistics.json"
    changed = json.loads(kept.read_text())
    changed["events"]["purchase"][0] = 99
    kept.write_text(json.dumps(changed))
    assert lake.statistics().events["purchase"].count == 99
    lake.append_events(events([{"user_id": "u", "event_id": "new"}]))
    assert lake.statistics().events["purchase"].count == 2


def test_vacuum_deletes_dead_files_and_orphans_only(lake: Lake) -> None:
    for part in range(2):
        lake.append_events(events([{"user_id": "u", "event_id": str(part)}]))
    table = events([{"user_id": "u"}])
    orphan = lake.events.new_file(0)
    write_sorted(orphan, table.to_batches(), EVENT_SCHEMA)
    lake.compact()
    assert len(list(lake.events.path.glob("*/*.parquet"))) == 4
    lake.vacuum(timedelta(0))
    assert not orphan.exists()
    assert len(list(lake.events.path.glob("*/*.parquet"))) == 1
    assert lake.tables().events.count().to_pyarrow().as_py() == 2


def test_an_append_that_fails_leaves_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(lake.events, "commit", broken)
    with pytest.raises(OSError, match="disk full"):
        lake.append_events(events([{"user_id": f"u{i}"} for i in range(10)]))
    assert list(lake.events.path.glob("*/*.parquet")) == []
    assert lake.tables().events.count().to_pyarrow().as_py() == 0


def test_archives_are_whole_or_not_there(lake: Lake) -> None:
    def dying():
        yield scores(["u1"])
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        lake.archive_scores("run", dying())
    with pytest.raises(NotFound):
        lake.read_scores("run")
    assert list(lake.scores.folder.iterdir()) == []
    assert lake.archive_scores("run", [scores(["u1"]), scores(["u2", "u3"])]) == 3
    assert sum(batch.num_rows for batch in lake.read_scores("run")) == 3


@pytest.mark.parametrize("run_id", ["../run", "", "a/b", ".hidden"])
def test_a_run_id_names_a_file_in_the_archive_only(lake: Lake, run_id: str) -> None:
    with pytest.raises(InvalidInput):
        lake.archive_scores(run_id, [scores(["u1"])])


def test_other_delta_readers_can_read_the_lake(lake: Lake) -> None:
    from deltalake import DeltaTable

    lake.append_events(events([{"user_id": f"u{i}", "time": day(i)} for i in range(9)]))
    table = DeltaTable(str(lake.events.path)).to_pyarrow_table(filters=[("time", ">=", day(7))])
    assert sorted(table["user_id"].to_pylist()) == ["u7", "u8"]
