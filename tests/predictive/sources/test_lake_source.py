"""The lake as a source: names, counts, exclusions, and one state from beginning to end."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from predictive.errors import InsufficientData
from predictive.lake import Lake
from predictive.sources import LakeSource, open_source
from predictive.sources.exclusion import Exclusion
from predictive.tables import Property
from predictive.workspace import Workspace
from tests.predictive.lake.rows import attributes, day, events


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake", 4, memory_mib=256)
    lake.create()
    return lake


ROWS = [
    {"user_id": "u1", "time": day(1)},
    {"user_id": "u1", "time": day(3.5)},
    {"user_id": "test-2", "time": day(2), "name": "session"},
    {"user_id": "bot", "time": day(2)},
]


def test_what_a_source_tells(lake: Lake) -> None:
    import pyarrow as pa

    lake.append_events(events(ROWS, [pa.field("property_x", pa.string())]))
    lake.append_attributes(attributes([{"user_id": "u1", "name": "country", "text": "GB"}]))
    source = LakeSource(lake)
    vocabulary = source.vocabulary()
    assert vocabulary.events == {"purchase", "session"}
    assert vocabulary.properties == {"x": Property("property_x", "text")}
    assert vocabulary.attributes == {"country"}
    assert list(source.attribute_names) == ["country"]
    assert source.history_start() == day(1)
    assert source.data_end() == day(3.5) + timedelta(microseconds=1)
    assert source.event_counts(day(3.5)) == {"purchase": 2, "session": 1}
    assert list(source.partitions) == [0]
    assert count(source, 0) == count(source) == 4


def test_partitions_are_groups_of_buckets_and_answer_alike(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.append_events(events(ROWS))

    def answers() -> list[str]:
        source = LakeSource(lake)
        asked = source.ask(lambda tables: tables.events.select("user_id"))
        told = [row for _, table in asked for row in table["user_id"].to_pylist()]
        read = [
            row
            for partition in source.partitions
            for batch in source.batches(partition, ["user_id"])
            for row in batch.column("user_id").to_pylist()
        ]
        assert sorted(told) == sorted(read)
        return sorted(told)

    together = answers()
    monkeypatch.setattr("predictive.sources.lake._PARTITION_BYTES", 1)
    assert len(LakeSource(lake).partitions) > 1
    assert answers() == together


def test_an_empty_lake_says_what_to_do(lake: Lake) -> None:
    source = LakeSource(lake)
    for ask in (source.data_end, source.history_start):
        with pytest.raises(InsufficientData, match="import events"):
            ask()
    assert source.vocabulary().events == frozenset()


def test_a_source_stays_as_it_was_opened(lake: Lake) -> None:
    lake.append_events(events(ROWS))
    source = LakeSource(lake)
    version = source.version
    lake.append_events(events([{"user_id": "u9", "time": day(9), "event_id": "new"}]))
    assert count(source) == 4
    assert source.version == version != LakeSource(lake).version
    assert source.data_end() == day(3.5) + timedelta(microseconds=1)
    assert source.event_counts(day(20)) == {"purchase": 3, "session": 1}


def test_excluded_users_never_appear(lake: Lake) -> None:
    lake.append_events(events(ROWS))
    lake.append_attributes(attributes([{"user_id": "bot", "name": "country", "text": "GB"}]))
    source = LakeSource(lake, Exclusion(("bot",), ("test-",)))
    assert count(source) == 2
    assert source.tables().attributes.count().to_pyarrow().as_py() == 0
    assert source.event_counts(day(9)) == {"purchase": 2}
    for columns in (["user_id", "time"], ["time"]):
        batches = [b for p in source.partitions for b in source.batches(p, columns)]
        assert [batch.schema.names for batch in batches] == [columns]
        assert sum(batch.num_rows for batch in batches) == 2


def test_a_workspace_without_tables_reads_its_lake(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    toml = tmp_path / "workspace" / "workspace.toml"
    toml.write_text(toml.read_text() + '\n[exclude]\nusers = ["bot"]\n')
    workspace.lake.append_events(events(ROWS))
    source = open_source(Workspace.open(tmp_path / "workspace"))
    assert isinstance(source, LakeSource)
    assert count(source) == 3


def count(source: LakeSource, partition: int | None = None) -> int:
    return source.tables(partition).events.count().to_pyarrow().as_py()
