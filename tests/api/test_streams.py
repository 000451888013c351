"""Streams of scores over a real server: cut off and gone on, whole in each format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pyarrow.parquet as pq
import pytest

from predictive.store.stream import ScoreStream
from tests.api.conftest import SCORES, Service, add_scores, publish, running
from tests.api.problems import assert_problem

STREAM = "/v1/predictions/churn-28d/score-stream"
#: Three reads of the store.
USERS = 50_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("large") / "workspace") as built:
        add_scores(built.workspace)
        values = np.random.default_rng(3).integers(0, 10_001, USERS) / 100
        # Ids of all kinds: a cursor is text, and a cut may fall into any of them.
        ends = 'é\n":,'
        ids = [f"user {number:05d}{ends[number % 5]}" for number in range(USERS)]
        publish(
            built.workspace,
            "churn-28d",
            [(user, value / 100, value) for user, value in zip(ids, values.tolist(), strict=True)],
        )
        yield built


def get(service: Service, **asked: Any) -> httpx.Response:
    headers = service.headers("read") | asked.pop("headers", {})
    return service.client.get(STREAM, params=asked, headers=headers)


def rows(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def cut_off(service: Service, size: int, **asked: Any) -> tuple[str, bytes]:
    """The run's id and the first bytes of a stream whose connection then breaks."""
    content = b""
    with (
        httpx.Client(base_url=service.client.base_url, timeout=60) as client,
        client.stream("GET", STREAM, params=asked, headers=service.headers("read")) as response,
    ):
        for piece in response.iter_raw(4_096):
            content += piece
            if len(content) >= size:
                break
        run_id = response.headers["predictive-run-id"]
    return run_id, content[:size]


@pytest.mark.parametrize("size", [0, 1, 20_000, 1_700_000, 3_000_000])
def test_a_stream_that_is_cut_goes_on_with_every_row_once(large: Service, size: int) -> None:
    run_id, text = cut_off(large, size, min_score=10)
    whole = text[: text.rfind(b"\n") + 1]
    seen = [json.loads(line) for line in whole.splitlines()]
    last = seen[-1]["user_id"] if seen else ""
    rest = rows(get(large, min_score=10, cursor=f"{run_id}:{last}"))
    together = [row["user_id"] for row in seen + rest]
    assert together == sorted(set(together), key=str.encode)
    everyone = rows(get(large, min_score=10))
    assert seen + rest == everyone
    assert 0.85 * USERS < len(everyone) < 0.95 * USERS


def test_the_parts_of_a_csv_are_one_file(large: Service) -> None:
    run_id, text = cut_off(large, 100_000, format="csv")
    # A line break in an id is no end of a row: what is left over by the parser is cut off.
    complete = text[: text.rfind(b'"\n') + 2]
    seen = list(csv.reader(io.StringIO(complete.decode(), newline="")))
    last = seen[-1][0]
    rest = get(large, format="csv", cursor=f"{run_id}:{last}")
    assert rest.headers["content-type"] == "text/csv; charset=utf-8"
    together = list(csv.DictReader(io.StringIO((complete + rest.content).decode(), newline="")))
    assert [row["user_id"] for row in together] == [row["user_id"] for row in rows(get(large))]


def test_a_run_that_was_replaced_goes_on(scored: Service) -> None:
    run_id = get(scored).headers["predictive-run-id"]
    publish(scored.workspace, "churn-28d", [("somebody else", 0.9, 99.0)])
    rest = rows(get(scored, cursor=f"{run_id}:ben"))
    assert [row["user_id"] for row in rest] == ["cleo/2 ü", "dora", "emil"]
    assert [row["user_id"] for row in rows(get(scored))] == ["somebody else"]
    scored.workspace.store.scores.delete_superseded(timedelta(0))
    assert_problem(get(scored, cursor=f"{run_id}:ben"), 409, "conflict")


def test_a_run_deleted_while_it_is_read_does_not_look_whole(
    scored: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, store = ScoreStream._next, scored.workspace.store
    monkeypatch.setattr(ScoreStream.batches, "__defaults__", (2,))

    def deleted_after_the_first(stream: ScoreStream, after: str, count: int) -> Any:
        if after:
            publish(scored.workspace, "churn-28d", [("somebody else", 0.9, 99.0)])
            store.scores.delete_superseded(timedelta(0))
        return read(stream, after, count)

    monkeypatch.setattr(ScoreStream, "_next", deleted_after_the_first)
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
        get(scored)


def test_rows_are_those_of_the_look_up(shared: Service) -> None:
    stream = get(shared)
    found = rows(stream)
    assert [row["user_id"] for row in found] == [user for user, *_ in SCORES]
    for row in found:
        path = f"/v1/predictions/churn-28d/scores/{quote(row['user_id'], safe='')}"
        one = shared.client.get(path, headers=shared.headers("read")).json()
        assert row == {key: one[key] for key in row}
        assert stream.headers["predictive-run-id"] == one["run_id"]
        assert stream.headers["predictive-model-version"] == str(one["model_version"])


def test_a_range_and_a_category(shared: Service) -> None:
    assert [row["user_id"] for row in rows(get(shared, min_score=75))] == [
        "anna",
        "ben",
        "cleo/2 ü",
    ]
    assert [row["user_id"] for row in rows(get(shared, category="medium"))] == ["dora"]
    assert rows(get(shared, category="low", min_score=50)) == []


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/x-ndjson"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/json, text/*;q=0.5", "text/csv; charset=utf-8"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("text/csv;q=0.1, application/x-ndjson;q=0.9", "application/x-ndjson"),
        ("application/*, text/csv;q=0", "application/x-ndjson"),
    ],
)
def test_the_format_that_is_accepted(shared: Service, accept: str, content_type: str) -> None:
    answer = get(shared, headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert "Accept" in answer.headers["vary"]


def test_parquet_reads_back(shared: Service) -> None:
    answer = get(shared, format="parquet", headers={"accept": "text/csv"})
    assert pq.read_table(io.BytesIO(answer.content)).to_pylist() == rows(get(shared))


def test_a_format_that_we_do_not_have(shared: Service) -> None:
    accept = {"accept": "application/json, text/csv;q=0"}
    assert_problem(get(shared, headers=accept), 406, "not_acceptable")
    assert_problem(get(shared, format="xlsx"), 422, "invalid_input")


@pytest.mark.parametrize(
    "asked",
    [
        {"min_score": 60, "max_score": 50},
        {"min_score": "nan"},
        {"category": "highest"},
        {"cursor": "anna"},
        {"cursor": "norun:anna"},
        {"limit": 5},
    ],
)
def test_a_wrong_wish_is_refused(shared: Service, asked: dict[str, Any]) -> None:
    assert_problem(get(shared, **asked), 422, "invalid_input")


def test_a_user_called_like_the_stream_is_found(scored: Service) -> None:
    publish(scored.workspace, "churn-28d", [("score-stream", 0.5, 60.0), ("stream", 0.5, 61.0)])
    for user in ("score-stream", "stream"):
        path = f"/v1/predictions/churn-28d/scores/{user}"
        one = scored.client.get(path, headers=scored.headers("read"))
        assert one.json()["user_id"] == user
