"""Members as streams, and exports over HTTP."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest

from predictive.jobs.run import run_job
from tests.api.conftest import SCORES, Service, publish
from tests.api.problems import assert_problem
from tests.api.test_segments import AT_RISK, archive, get, save, shop

__all__ = ["shop"]

MEMBERS = ["anna", "ben", "cleo/2 ü", "dora"]


@pytest.fixture
def saved(shop: Service) -> Service:
    assert save(shop, AT_RISK).status_code == 201
    return shop


def export(service: Service, scope: str = "manage", **asked: Any) -> Any:
    path = "/v1/segments/at-risk/exports"
    return service.client.post(path, json=asked, headers=service.headers(scope))


def read(service: Service, path: str, **headers: str) -> Any:
    return service.client.get(path, headers=service.headers("read") | headers)


def test_members_stream_in_each_format(saved: Service) -> None:
    lines = get(saved, "/at-risk/member-stream")
    assert lines.headers["content-type"] == "application/x-ndjson"
    page = get(saved, "/at-risk/members").json()["members"]
    assert [json.loads(line) for line in lines.text.splitlines()] == page
    text = get(saved, "/at-risk/member-stream", format="csv").text
    assert text.splitlines()[:2] == ['"user_id","score:churn-28d"', '"anna",92.5']
    table = pq.read_table(
        io.BytesIO(get(saved, "/at-risk/member-stream", format="parquet").content)
    )
    assert table["user_id"].to_pylist() == MEMBERS


def test_a_stream_of_members_goes_on_in_its_own_moment(saved: Service) -> None:
    snapshot = get(saved, "/at-risk/member-stream").headers["predictive-snapshot-id"]
    scores = [("somebody else", 0.9, 99.0)]
    archive(saved.workspace, publish(saved.workspace, "churn-28d", scores), scores)
    rest = get(saved, "/at-risk/member-stream", cursor=f"{snapshot}:ben")
    assert [json.loads(line)["user_id"] for line in rest.text.splitlines()] == MEMBERS[2:]
    whole = get(saved, "/at-risk/member-stream", cursor=f"{snapshot}:")
    assert len(whole.text.splitlines()) == len(SCORES) - 1
    assert_problem(get(saved, "/at-risk/member-stream", cursor="x:ben"), 409, "conflict")
    assert_problem(get(saved, "/at-risk/member-stream", cursor="ben"), 422, "invalid_input")
    assert_problem(get(saved, "/nobody/member-stream"), 404, "not_found")


def test_an_export_over_http(saved: Service) -> None:
    asked = export(saved, format="csv")
    assert asked.status_code == 202
    address = asked.headers["location"]
    assert asked.json() == read(saved, address).json()
    assert_problem(read(saved, f"{address}/file"), 409, "conflict")
    run_job(saved.workspace, asked.json()["id"], now=datetime.now(UTC))
    done = read(saved, address).json()
    assert (done["state"], done["users"]) == ("succeeded", 4)
    assert get(saved, "/at-risk/exports").json() == {"exports": [done], "next_cursor": None}
    file = read(saved, done["file"])
    assert file.headers["content-type"].startswith("text/csv")
    assert file.headers["content-disposition"].endswith('.csv"')
    assert len(file.content) == done["bytes"]
    assert [line.split(",")[0] for line in file.text.splitlines()[1:]] == [
        f'"{user}"' for user in MEMBERS
    ]
    part = read(saved, done["file"], range="bytes=5-9")
    assert (part.status_code, part.content) == (206, file.content[5:10])
    for senseless in ("bytes=9-5", "bytes=999999-", "lines=1-2", "bytes=-", "bytes=0-1,5-6"):
        assert read(saved, done["file"], range=senseless).content == file.content


def test_what_can_not_be_exported(saved: Service) -> None:
    assert_problem(export(saved, format="xlsx"), 422, "invalid_input")
    assert_problem(export(saved), 422, "invalid_input")
    assert_problem(export(saved, "read", format="csv"), 403, "forbidden")
    refused = export(saved, format="csv", callback_url="http://169.254.169.254/latest")
    body = assert_problem(refused, 422, "invalid_input")
    assert body["field"] == "callback_url"
    assert "169.254" not in refused.text
    assert_problem(read(saved, "/v1/exports/nothing"), 404, "not_found")
    assert_problem(read(saved, "/v1/exports/nothing/file"), 404, "not_found")
    assert get(saved, "/at-risk/exports").json() == {"exports": [], "next_cursor": None}
