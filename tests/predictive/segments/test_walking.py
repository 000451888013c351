"""Walks through all members: whole, of one moment, resumable; and files of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.formats import MEDIA_TYPES, checked_format, encoded
from predictive.segments import membership, service
from predictive.segments.definition import SegmentDefinition
from predictive.segments.walking import MemberStream, export, walk
from predictive.workspace import Workspace
from tests.predictive.segments.conftest import Publish
from tests.predictive.test_formats import read_rows

NOW = datetime(2025, 11, 2, tzinfo=UTC)
LIKELY = "{name: likely, all: [{prediction: churn-28d, gte: 50}]}"
SCORES = {f"user {number}": 50.0 + number for number in range(10)}


@pytest.fixture
def likely(workspace: Workspace, publish: Publish) -> Workspace:
    publish(SCORES | {"unlikely": 1.0})
    service.save(workspace, SegmentDefinition.from_text(LIKELY), by="", now=NOW)
    return workspace


def users(stream: MemberStream) -> list[str]:
    return [user for batch in stream.batches() for user in batch["user_id"].to_pylist()]


def test_a_walk_goes_on_after_any_member(
    monkeypatch: pytest.MonkeyPatch, likely: Workspace, publish: Publish
) -> None:
    first = walk(likely, "likely", cursor=None, now=NOW)
    everyone = users(first)
    assert everyone == sorted(SCORES)
    publish({"somebody else": 99.0})
    for index, user in enumerate(everyone, start=1):
        cursor = f"{first.snapshot.snapshot_id}:{user}"
        assert users(walk(likely, "likely", cursor=cursor, now=NOW)) == everyone[index:]
    assert users(walk(likely, "likely", cursor=None, now=NOW)) == ["somebody else"]


def test_groups_of_rows_before_the_position_are_not_read(
    monkeypatch: pytest.MonkeyPatch, likely: Workspace
) -> None:
    # DuckDB writes no smaller groups than 2,048 rows.
    scores = {f"user {number:05d}": 60.0 for number in range(10_000)}
    monkeypatch.setattr(membership, "_GROUP_ROWS", 2_048)
    publish_many(likely, scores)
    stream = walk(likely, "likely", cursor=None, now=NOW)
    file = likely.segments_path / f"{stream.snapshot.snapshot_id}.parquet"
    assert pq.read_metadata(file).num_row_groups > 3
    for last in (0, 2_046, 2_047, 2_048, 5_000, 9_998, 9_999):
        cursor = f"{stream.snapshot.snapshot_id}:user {last:05d}"
        rest = walk(likely, "likely", cursor=cursor, now=NOW)
        assert users(rest) == sorted(scores)[last + 1 :]
    reads: list[int] = []
    read_groups = pq.ParquetFile.iter_batches

    def noted(file: pq.ParquetFile, size: int, row_groups: list[int]) -> object:
        reads.extend(row_groups)
        return read_groups(file, size, row_groups=row_groups)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", noted)
    assert users(rest) == []
    assert len(reads) == 1


def publish_many(workspace: Workspace, scores: dict[str, float]) -> None:
    """A run later than those of the fixture, written like them."""
    import pyarrow as pa

    from predictive.jobs.score import SCORES_SCHEMA

    store, values = workspace.store, list(scores.values())
    run_id = store.runs.begin("churn-28d", 1, datetime(2026, 1, 1, tzinfo=UTC))
    store.scores.write_batch(run_id, list(scores), [0.5] * len(values), values)
    columns = [list(scores), [0.5] * len(values), values, ["high"] * len(values)]
    batch = pa.record_batch([pa.array(each) for each in columns], SCORES_SCHEMA)
    workspace.lake.archive_scores(run_id, [batch])
    store.runs.finish(run_id, histogram=b"", users=len(values))
    store.runs.publish(run_id)


def test_rows_look_like_those_of_a_page(likely: Workspace) -> None:
    stream = walk(likely, "likely", cursor=None, now=NOW)
    text = b"".join(encoded(stream.batches(), stream.shape, "ndjson")).decode()
    page = service.page(likely, "likely", cursor=None, limit=100, now=NOW)
    assert [json.loads(line) for line in text.splitlines()] == page["members"]


def test_a_segment_without_scores_streams_too(workspace: Workspace) -> None:
    visitors = "{name: visitors, all: [{did: visit}]}"
    service.save(workspace, SegmentDefinition.from_text(visitors), by="", now=NOW)
    stream = walk(workspace, "visitors", cursor=None, now=NOW)
    text = b"".join(encoded(stream.batches(), stream.shape, "ndjson")).decode()
    assert [json.loads(line) for line in text.splitlines()] == [
        {"user_id": "anna", "scores": {}},
        {"user_id": "ben", "scores": {}},
    ]


def test_cursors_that_lead_nowhere(likely: Workspace) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        walk(likely, "likely", cursor="anna", now=NOW)
    with pytest.raises(Conflict, match="no longer kept"):
        walk(likely, "likely", cursor="0198c6b0:anna", now=NOW)
    with pytest.raises(NotFound):
        walk(likely, "likly", cursor=None, now=NOW)


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_a_file_of_all_members(likely: Workspace, tmp_path: Path, form: str) -> None:
    out = tmp_path / "members"
    report = export(likely, "likely", out, checked_format(form), now=NOW)
    assert (report["users"], report["out"], report["format"]) == (10, str(out), form)
    assert [row["user_id"] for row in read_rows(out.read_bytes(), form)] == sorted(SCORES)
