"""Following a job through cut connections: no line lost, none twice."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictive_client import NotFound
from predictive_client.following import EventReader, ServerEvent
from tests.api.conftest import Service, add_scores
from tests.client.conftest import Both, url_of
from tests.client.cutting import cutting

STREAM = (
    b": a comment\n\nevent: log\ndata: {\xc3\xa9}\nid: 3\n\n"
    b"data: one\ndata: two\r\n\r\nevent:progress\ndata:x\n\nid: 9\n\nevent: end\ndata: \n\n"
)
EVENTS = [
    ServerEvent("log", "{é}", "3"),
    ServerEvent("message", "one\ntwo", None),
    ServerEvent("progress", "x", None),
    ServerEvent("end", "", None),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_events_are_the_same_however_their_bytes_come(places: list[int]) -> None:
    reader, found = EventReader(), []
    bounds = [0, *sorted(places), len(STREAM)]
    for start, end in pairwise(bounds):
        found += reader.feed(STREAM[start:end])
    assert found == EVENTS


@pytest.fixture
def ended_job(service: Service) -> str:
    add_scores(service.workspace)
    jobs = service.workspace.store.jobs
    job_id = jobs.create("build", "churn-28d", {}, requested_by="test")
    for number in range(40):
        jobs.log(job_id, f"Line {number}")
    jobs.finish(job_id, {"train": {"quality": 1}})
    return job_id


def lines_of(service: Service, both: Both, url: str, job_id: str) -> list[dict[str, Any]]:
    key = service.keys["read"]
    events = both.items(url, key, lambda client: client.jobs.follow(job_id))
    assert events[-1]["event"] == "end"
    assert events[-1]["job"]["state"] == "succeeded"
    return [event["line"] for event in events if event["event"] == "log"]


@pytest.mark.parametrize("cuts", [[], [0], [500, 700, 2_000], [450, 1, 900, 450]], ids=str)
def test_a_job_is_followed_to_its_end(
    service: Service, both: Both, ended_job: str, cuts: list[int]
) -> None:
    with cutting(url_of(service), cuts) as proxy:
        lines = lines_of(service, both, proxy.url, ended_job)
    kept = service.workspace.store.jobs.read_log(ended_job)
    assert [line["number"] for line in lines] == [line.number for line in kept]
    assert [line["message"] for line in lines] == [line.message for line in kept]
    assert len(lines) == 40
    assert proxy.connections == len(cuts) + 1


def test_waiting_brings_the_whole_job(service: Service, both: Both, ended_job: str) -> None:
    job = both.call(
        url_of(service), service.keys["read"], lambda client: client.jobs.wait(ended_job)
    )
    assert (job["id"], job["result"]) == (ended_job, {"train": {"quality": 1}})
    assert json.dumps(job)


def test_a_job_that_nobody_knows(service: Service, both: Both) -> None:
    with pytest.raises(NotFound):
        both.items(
            url_of(service), service.keys["read"], lambda client: client.jobs.follow("nothing")
        )
