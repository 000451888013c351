from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from predictive.store import Store

SOON = datetime.now(UTC) + timedelta(hours=1)
URL = "https://engine.example.com/?token=secret"


@pytest.mark.parametrize("end", ["finish", "fail", "cancelled", "request_cancel"])
def test_a_callback_is_due_once_its_job_is_over(store: Store, end: str) -> None:
    job_id = store.jobs.create("export", None, {}, callback_url=URL)
    store.jobs.create("export", None, {})
    assert store.callbacks.due(SOON) == []
    arguments = [{}] if end in ("finish", "fail") else []
    getattr(store.jobs, end)(job_id, *arguments)
    (due,) = store.callbacks.due(SOON)
    assert (due.job_id, due.url, due.attempts) == (job_id, URL, 0)
    assert due.next_attempt_at == store.jobs.get(job_id).finished_at
    assert "secret" not in repr(due)
    assert store.callbacks.of_jobs([job_id, "another"]) == {job_id: due}


def test_it_is_tried_until_it_is_taken_or_given_up(store: Store) -> None:
    job_id = store.jobs.create("export", None, {}, callback_url=URL)
    store.jobs.finish(job_id, {})
    (due,) = store.callbacks.due(SOON)
    store.callbacks.failed(due.id, "no answer", SOON)
    assert store.callbacks.due(SOON - timedelta(seconds=1)) == []
    (again,) = store.callbacks.due(SOON)
    assert (again.attempts, again.error) == (1, "no answer")
    store.callbacks.failed(due.id, "no answer", None)
    assert store.callbacks.due(SOON) == []
    store.callbacks.delivered(due.id, SOON)
    told = store.callbacks.of_jobs([job_id])[job_id]
    assert (told.attempts, told.error, told.delivered_at) == (2, None, SOON)


def test_jobs_about_one_segment(store: Store) -> None:
    ids = [store.jobs.create("export", None, {"segment_id": one}) for one in ("a", "b", "a")]
    store.jobs.create("check", None, {})
    assert [job.id for job in store.jobs.list(segment="a")] == [ids[2], ids[0]]
    assert store.jobs.list(segment="c") == []
