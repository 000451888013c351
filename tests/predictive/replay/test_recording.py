"""What is replayed: nothing lost, nothing of a later day, the ids and properties as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from predictive import EventColumns, Workspace, import_events, import_users
from predictive.errors import InsufficientData, InvalidInput
from predictive.replay.recording import Recording, midnight, record_lake, record_shop
from predictive.replay.shop import SyntheticShop
from tests.shop import START as SHOP_START
from tests.shop import make_shop

START = date(2024, 2, 1)
DAYS = 60


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with 60 days of a shop and facts about its customers."""
    folder = tmp_path_factory.mktemp("source")
    events, facts = make_shop(customers=80, days=DAYS).write(folder / "files")
    columns = EventColumns("customer", "when", "what", amount="total", properties=["colour"])
    with Workspace.create(folder / "workspace", buckets=2) as workspace:
        end = SHOP_START + timedelta(days=DAYS)
        import_events(workspace, [events], columns, complete_through=end)
        import_users(workspace, facts, "customer", "when")
    return folder / "workspace"


def times(file: Path | None, column: str = "replayed:time") -> list[datetime]:
    assert file is not None
    return pq.read_table(file, columns=[column])[column].to_pylist()


def test_a_lake_is_recorded_day_by_day(source, tmp_path):
    with Workspace.open(source) as workspace:
        recording = record_lake(workspace, tmp_path, start=START)
        rows = workspace.lake.statistics().rows
    assert (recording.start, recording.end) == (START, date(2024, 3, 1))
    history = times(recording.history())
    assert max(history) < midnight(START)
    found = len(history)
    for day in recording.dates():
        moments = times(recording.events(day))
        assert moments == sorted(moments)
        assert {moment.astimezone(UTC).date() for moment in moments} == {day}
        found += len(moments)
    assert found == rows


def test_a_recorded_lake_is_imported_as_it_was(source, tmp_path):
    (tmp_path / "days").mkdir()
    with Workspace.open(source) as workspace:
        recording = record_lake(workspace, tmp_path / "days", start=START)
        asked = ["user_id", "time", "event_id", "name", "amount", "property_colour"]
        before = [batch.select(asked) for batch in _batches(workspace, asked)]
    files = [recording.history(), *(recording.events(day) for day in recording.dates())]
    with Workspace.create(tmp_path / "target", buckets=2) as target:
        import_events(target, files, recording.columns, group_orders=False)
        target.lake.compact()
        assert _rows(_batches(target, asked)) == _rows(before)


def _batches(workspace: Workspace, columns: list[str]) -> list[pa.RecordBatch]:
    return [
        batch for bucket in range(2) for batch in workspace.lake.snapshot().batches(bucket, columns)
    ]


def _rows(batches: list[pa.RecordBatch]) -> list[str]:
    return sorted(str(row) for batch in batches for row in batch.to_pylist())


def test_attributes_come_on_the_day_they_became_known(source, tmp_path):
    with Workspace.open(source) as workspace:
        recording = record_lake(workspace, tmp_path, start=START)
    known = recording.facts(None)
    assert known is not None
    assert max(known["time"].to_pylist()) < midnight(START)
    rows = known.num_rows
    for day in recording.dates():
        found = recording.facts(day)
        if found is not None:
            assert {moment.date() for moment in found["time"].to_pylist()} == {day}
            rows += found.num_rows
    assert rows == 80 * 2


@pytest.mark.parametrize(
    ("days", "start"),
    [(10, date(2024, 2, 20)), (365, date(2024, 1, 31)), (None, date(2024, 1, 31))],
)
def test_by_default_a_lake_is_replayed_up_to_its_end(source, tmp_path, days, start):
    with Workspace.open(source) as workspace:
        recording = record_lake(workspace, tmp_path, days=days)
    # Sixty days are less than what usually comes before the first day: half of them.
    assert (recording.start, recording.end) == (start, date(2024, 3, 1))


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2024, 3, 1), date(2023, 1, 1)])
def test_a_first_day_outside_the_data_is_refused(source, tmp_path, day):
    with (
        Workspace.open(source) as workspace,
        pytest.raises(InvalidInput, match="a day after 2024-01-01 and before 2024-03-01"),
    ):
        record_lake(workspace, tmp_path, start=day)


def test_an_empty_lake_can_not_be_replayed(tmp_path):
    with (
        Workspace.create(tmp_path / "empty") as workspace,
        pytest.raises(InsufficientData, match="at least one event"),
    ):
        record_lake(workspace, tmp_path)


def test_a_shop_is_recorded_with_its_history(tmp_path):
    shop = SyntheticShop(START - timedelta(days=20), 30, 100)
    recording = record_shop(shop, tmp_path, START)
    assert (recording.days, recording.start, recording.buckets) == (10, START, 1)
    assert max(times(recording.history(), "time")) < midnight(START)
    assert sum(len(times(recording.events(day), "time")) for day in recording.dates()) > 0
    assert recording.facts(None) is None


def test_a_day_without_events_has_no_file(tmp_path):
    recording = Recording(tmp_path, EventColumns("u", "t", "e"), START, START + timedelta(days=2))
    assert recording.history() is None
    assert [recording.events(day) for day in recording.dates()] == [None, None]
