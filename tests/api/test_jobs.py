"""Jobs as the service tells of them; that a worker runs them is tested with the worker."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.conftest import Service
from tests.api.problems import assert_problem

BUILDS = "/v1/predictions/churn-28d/builds"
JOBS = "/v1/predictions/churn-28d/jobs"
NOW = datetime(2025, 11, 1, tzinfo=UTC)


def build(service: Service, asked: dict[str, Any] | None = None) -> Any:
    return service.client.post(BUILDS, json=asked, headers=service.headers("manage"))


def start(service: Service, asked: Any) -> Any:
    return service.client.post(JOBS, json=asked, headers=service.headers("manage"))


def get(service: Service, path: str, **params: Any) -> Any:
    return service.client.get(path, params=params, headers=service.headers("read")).json()


def test_a_build_waits_under_the_address_that_it_was_given(scored: Service) -> None:
    response = build(scored, {"as_of": "2025-10-04T02:00:00+02:00", "seed": 7})
    assert response.status_code == 202
    job = response.json()
    assert (job["state"], job["prediction"], job["kind"]) == ("queued", "churn-28d", "build")
    assert job["params"] == {"as_of": "2025-10-04T00:00:00+00:00", "seed": 7}
    assert job["requested_by"].startswith("key ")
    assert get(scored, response.headers["location"]) == job
    assert [each["id"] for each in get(scored, BUILDS)["builds"]] == [job["id"]]
    assert build(scored).json()["params"] == {"as_of": None, "seed": 0}


def test_each_kind_is_given_what_it_takes(scored: Service) -> None:
    asked = {
        "build": {"as_of": None, "seed": 0},
        "train": {"as_of": None, "seed": 0},
        "score": {"as_of": None},
        "evaluate": {},
    }
    for kind, params in asked.items():
        job = start(scored, {"kind": kind}).json()
        assert (job["kind"], job["params"]) == (kind, params)
    listed = get(scored, JOBS)["jobs"]
    assert [job["kind"] for job in listed] == ["evaluate", "score", "train", "build"]
    assert "result" not in listed[0]
    (score,) = get(scored, "/v1/jobs", kind="score")["jobs"]
    assert score["prediction"] == "churn-28d"
    assert [job["kind"] for job in get(scored, BUILDS)["builds"]] == ["build"]


def test_one_run_may_be_evaluated_alone(scored: Service) -> None:
    run_id = scored.workspace.store.runs.current("churn-28d").run_id
    job = start(scored, {"kind": "evaluate", "run_id": run_id}).json()
    assert job["params"] == {"run_id": run_id}
    wrong = start(scored, {"kind": "score", "run_id": run_id})
    assert "run_id" in assert_problem(wrong, 422, "invalid_input")["detail"]


def test_jobs_of_the_workspace_are_listed_too(scored: Service) -> None:
    jobs = scored.workspace.store.jobs
    check = jobs.create("check", None, {}, requested_by="schedule")
    done = jobs.create("compact", None, {}, requested_by="schedule")
    jobs.progress(done, "Sorting events")
    jobs.finish(done, {"compact": {}})
    assert [job["id"] for job in get(scored, "/v1/jobs")["jobs"]] == [done, check]
    assert [job["id"] for job in get(scored, "/v1/jobs", limit=1)["jobs"]] == [done]
    (waiting,) = get(scored, "/v1/jobs", unfinished=True)["jobs"]
    assert (waiting["id"], waiting["prediction"]) == (check, None)
    assert get(scored, JOBS)["jobs"] == []


def test_progress_result_and_error_are_shown(scored: Service) -> None:
    jobs = scored.workspace.store.jobs
    first, second = (build(scored).json()["id"] for _ in range(2))
    jobs.progress(first, "Backtesting", 0.25, 90.0)
    running = get(scored, f"/v1/jobs/{first}")
    assert (running["state"], running["stage"]) == ("running", "Backtesting")
    assert (running["share"], running["seconds_left"]) == (0.25, 90.0)
    jobs.finish(first, {"train": {"auc": 0.7}})
    done = get(scored, f"/v1/jobs/{first}")
    assert (done["state"], done["result"]) == ("succeeded", {"train": {"auc": 0.7}})
    jobs.fail(second, {"code": "insufficient_data", "message": "Too little."})
    failed = get(scored, f"/v1/jobs/{second}")
    assert (failed["state"], failed["error"]["code"]) == ("failed", "insufficient_data")


def test_the_log_is_read_on_from_any_line(scored: Service) -> None:
    job_id = build(scored).json()["id"]
    for message in ("one", "two", "three"):
        scored.workspace.store.jobs.log(job_id, message)
    lines = get(scored, f"/v1/jobs/{job_id}/log")["lines"]
    assert [(line["number"], line["message"]) for line in lines] == [
        (1, "one"),
        (2, "two"),
        (3, "three"),
    ]
    assert get(scored, f"/v1/jobs/{job_id}/log", after=2)["lines"] == lines[2:]


def test_a_job_can_be_cancelled_once(scored: Service) -> None:
    path = f"/v1/jobs/{build(scored).json()['id']}/cancel"
    response = scored.client.post(path, headers=scored.headers("manage"))
    assert (response.status_code, response.json()["state"]) == (202, "cancelled")
    assert_problem(scored.client.post(path, headers=scored.headers("manage")), 409, "conflict")


def test_nothing_is_started_for_an_archived_prediction(scored: Service) -> None:
    scored.workspace.store.predictions.set_state("churn-28d", "archived", "test", NOW)
    assert_problem(build(scored), 409, "conflict")
    assert_problem(start(scored, {"kind": "score"}), 409, "conflict")
    assert get(scored, JOBS)["jobs"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"seed": -1},
        {"seed": 1.5},
        {"as_of": "soon"},
        {"as_of": "0001-01-01T00:00:00+14:00"},
        {"sede": 1},
        [],
    ],
)
def test_wrong_builds(shared: Service, asked: Any) -> None:
    assert_problem(build(shared, asked), 422, "invalid_input")
    assert shared.workspace.store.jobs.list("churn-28d") == []


@pytest.mark.parametrize(
    "asked",
    [
        None,
        {},
        {"kind": "check"},
        {"kind": "score", "seed": 1},
        {"kind": "evaluate", "as_of": "2025-11-01"},
        {"kind": "train", "sede": 1},
    ],
)
def test_wrong_jobs(shared: Service, asked: Any) -> None:
    assert_problem(start(shared, asked), 422, "invalid_input")
    assert shared.workspace.store.jobs.list("churn-28d") == []


def test_unknown_jobs(shared: Service) -> None:
    headers = shared.headers()
    for path in ("/v1/jobs/b1", "/v1/jobs/b1/log", "/v1/jobs/b1/events"):
        assert_problem(shared.client.get(path, headers=headers), 404, "not_found")
    assert_problem(shared.client.post("/v1/jobs/b1/cancel", headers=headers), 404, "not_found")
    assert_problem(shared.client.get("/v1/jobs/a%20b", headers=headers), 422, "invalid_input")


# --- the stream of events ------------------------------------------------------------------------


def events(service: Service, job_id: str, **headers: str) -> Iterator[tuple[str, Any]]:
    """Name and data of each event, until the stream ends by itself."""
    given = service.headers("read") | headers
    with service.client.stream("GET", f"/v1/jobs/{job_id}/events", headers=given) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        event = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield event, json.loads(line.removeprefix("data: "))


def test_a_job_is_followed_to_its_end(scored: Service) -> None:
    jobs = scored.workspace.store.jobs
    job_id = build(scored).json()["id"]
    followed = events(scored, job_id)
    assert next(followed)[1]["state"] == "queued"
    jobs.progress(job_id, "Backtesting", 0.5, 9.0)
    name, state = next(followed)
    assert (name, state["stage"], state["share"]) == ("progress", "Backtesting", 0.5)
    jobs.log(job_id, "Backtesting")
    name, line = next(followed)
    assert (name, line["number"], line["message"]) == ("log", 1, "Backtesting")
    jobs.finish(job_id, {"train": {"auc": 0.7}})
    ((name, ended),) = followed
    assert (name, ended["state"], ended["result"]) == ("end", "succeeded", {"train": {"auc": 0.7}})


def test_a_client_that_comes_back_misses_no_line(scored: Service) -> None:
    jobs = scored.workspace.store.jobs
    job_id = build(scored).json()["id"]
    for message in ("one", "two", "three"):
        jobs.log(job_id, message)
    jobs.request_cancel(job_id)
    told = list(events(scored, job_id, **{"Last-Event-ID": "1"}))
    assert [name for name, _ in told] == ["log", "log", "end"]
    assert [line["message"] for _, line in told[:2]] == ["two", "three"]
    assert told[2][1]["state"] == "cancelled"


def test_a_stream_ends_when_the_prediction_is_deleted(scored: Service) -> None:
    job_id = build(scored).json()["id"]
    followed = events(scored, job_id)
    next(followed)
    scored.workspace.store.predictions.delete("churn-28d")
    assert list(followed) == []


def test_many_follow_while_others_ask(scored: Service) -> None:
    """Streams wait without keeping anybody else from an answer."""
    job_id = build(scored).json()["id"]
    ended: list[str] = []
    seen = [threading.Event() for _ in range(60)]

    def follow(begun: threading.Event) -> None:
        for name, _ in events(scored, job_id):
            begun.set()
            ended.extend([name] if name == "end" else [])

    threads = [threading.Thread(target=follow, args=(begun,)) for begun in seen]
    for thread in threads:
        thread.start()
    assert all(begun.wait(30) for begun in seen)
    assert get(scored, f"/v1/jobs/{job_id}")["state"] == "queued"
    scored.workspace.store.jobs.request_cancel(job_id)
    for thread in threads:
        thread.join(30)
    assert ended == ["end"] * len(threads)
