"""Rows as text and Parquet, against the plain writers and readers of the standard library."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictive.errors import InvalidInput
from predictive.formats import MEDIA_TYPES, Shape, checked_format, encoded, flat, json_lines

SCHEMA = pa.schema([("user_id", pa.string()), ("score", pa.float64())])
#: What a user id may hold: anything but NUL and lone surrogates.
IDS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1)
ROWS = st.lists(st.tuples(IDS, st.none() | st.floats(0, 100)), max_size=20)
HOSTILE = ['"', "\\", "a\nb", "\r", "é", "\u202e", "\u2028", "\x85", "'; --", "=1+1", "\x1f", "a,b"]


def batch_of(rows: Iterable[tuple[str, float | None]]) -> pa.RecordBatch:
    users, scores = zip(*rows, strict=True) if rows else ((), ())
    return pa.record_batch([pa.array(users, pa.string()), pa.array(scores, pa.float64())], SCHEMA)


@given(ROWS)
def test_lines_of_json_read_back_as_they_were(rows: list[tuple[str, float | None]]) -> None:
    text = json_lines(batch_of(rows), flat(SCHEMA)).decode()
    # No id may break a line, not even for those who split at every line break of Unicode.
    read = [json.loads(line) for line in text.splitlines()]
    assert [(row["user_id"], row["score"]) for row in read] == rows


def test_slices_and_dictionaries_are_written_as_their_values() -> None:
    batch = pa.record_batch(
        {
            "user_id": ["a", "b\n", "c", "d"],
            "score": [1.0, 2.5, 3.0, 4.0],
            "category": pa.array(["low", "high", "low", None]).dictionary_encode(),
        }
    ).slice(1, 3)
    lines = json_lines(batch, flat(batch.schema)).decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"user_id": "b\n", "score": 2.5, "category": "high"},
        {"user_id": "c", "score": 3.0, "category": "low"},
        {"user_id": "d", "score": 4.0, "category": None},
    ]


def test_nested_keys() -> None:
    shape = Shape(SCHEMA, ('{"user_id":', ',"scores":{"churn":'), "}}")
    (line,) = json_lines(batch_of([("anna", 7.5)]), shape).decode().splitlines()
    assert json.loads(line) == {"user_id": "anna", "scores": {"churn": 7.5}}


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_every_format_brings_hostile_ids_back(form: str) -> None:
    rows = [(user, float(index)) for index, user in enumerate(HOSTILE)]
    batches = [batch_of(rows[:5]), batch_of([]), batch_of(rows[5:])]
    content = b"".join(encoded(batches, flat(SCHEMA), checked_format(form)))
    assert read(content, form) == rows


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_no_rows_are_a_whole_file_too(form: str) -> None:
    assert read(b"".join(encoded([], flat(SCHEMA), checked_format(form))), form) == []


def test_what_goes_on_a_csv_has_no_second_header() -> None:
    rows = [("a", 1.0), ("b", 2.0)]
    first = b"".join(encoded([batch_of(rows[:1])], flat(SCHEMA), "csv"))
    rest = b"".join(encoded([batch_of(rows[1:])], flat(SCHEMA), "csv", begun=True))
    assert read(first + rest, "csv") == rows


def test_parquet_comes_in_row_groups_while_it_is_made() -> None:
    taken = 0

    def batches() -> Iterable[pa.RecordBatch]:
        nonlocal taken
        for _ in range(12):
            taken += 1
            yield batch_of([("user", 1.0)] * 25_000)

    pieces = encoded(batches(), flat(SCHEMA), "parquet")
    first = next(iter(pieces))
    assert taken == 4
    whole = pq.ParquetFile(io.BytesIO(first + b"".join(pieces)))
    assert [whole.metadata.row_group(i).num_rows for i in range(3)] == [100_000] * 3


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InvalidInput, match="ndjson, csv, parquet"):
        checked_format("xlsx")


def read(content: bytes, form: str) -> list[tuple[str, float | None]]:
    return [(row["user_id"], float(row["score"])) for row in read_rows(content, form)]


def read_rows(content: bytes, form: str) -> list[dict[str, Any]]:
    """By other means than those that wrote it; numbers in CSV are text."""
    if form == "ndjson":
        return [json.loads(line) for line in content.splitlines()]
    if form == "csv":
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    return pq.read_table(io.BytesIO(content)).to_pylist()
