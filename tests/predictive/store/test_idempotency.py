from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from predictive.store import Store
from predictive.store.idempotency import LEASE, LIFETIME, Answer

AT = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DONE = Answer("sha", 201, [("location", "/v1/jobs/1")], b'{"id": "\xc3\xa9"}')


def test_the_first_goes_on_and_the_others_hear_what_came_of_it(store: Store) -> None:
    kept = store.idempotency
    assert kept.begin("key", "a", "sha", at=AT) is None
    assert kept.begin("key", "a", "other", at=AT) == Answer("sha", None, [], None)
    kept.finish("key", "a", DONE, at=AT)
    assert kept.begin("key", "a", "sha", at=AT + LIFETIME - SECOND) == DONE
    assert kept.begin("another key", "a", "sha", at=AT) is None
    assert kept.begin("key", "A", "sha", at=AT) is None


def test_of_twenty_at_once_one_goes_on(store: Store) -> None:
    together = Barrier(20)

    def ask(_: int) -> Answer | None:
        together.wait()
        return store.idempotency.begin("key", "a", "sha", at=AT)

    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(ask, range(20)))
    assert found.count(None) == 1


def test_a_claim_whose_request_died_is_given_to_one_other(store: Store) -> None:
    kept = store.idempotency
    kept.begin("key", "a", "sha", at=AT)
    later = AT + LEASE
    assert kept.begin("key", "a", "sha", at=later - SECOND) is not None
    together = Barrier(8)

    def ask(_: int) -> Answer | None:
        together.wait()
        return kept.begin("key", "a", "sha", at=later)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))).count(None) == 1


def test_a_request_that_takes_long_keeps_its_claim(store: Store) -> None:
    kept = store.idempotency
    kept.begin("key", "a", "sha", at=AT)
    kept.renew("key", "a", at=AT + LEASE - SECOND)
    assert kept.begin("key", "a", "sha", at=AT + LEASE + SECOND) is not None


def test_what_came_to_nothing_can_begin_anew_but_an_answer_stays(store: Store) -> None:
    kept = store.idempotency
    kept.begin("key", "a", "sha", at=AT)
    kept.abandon("key", "a")
    assert kept.begin("key", "a", "sha", at=AT) is None
    kept.finish("key", "a", DONE, at=AT)
    kept.abandon("key", "a")
    kept.renew("key", "a", at=AT + LIFETIME)
    assert kept.begin("key", "a", "sha", at=AT) == DONE


def test_answers_go_after_a_day_in_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("predictive.store.idempotency._ROWS_AT_ONCE", 2)
    kept = store.idempotency
    for number in range(5):
        kept.begin("key", str(number), "sha", at=AT)
        kept.finish("key", str(number), DONE, at=AT + number * SECOND)
    kept.begin("key", "open", "sha", at=AT + LIFETIME)
    assert kept.forget(at=AT + LIFETIME + 2 * SECOND) == 3
    assert kept.begin("key", "4", "sha", at=AT + LIFETIME) == DONE
    assert kept.begin("key", "2", "sha", at=AT + LIFETIME) is None
    assert kept.begin("key", "open", "sha", at=AT + LIFETIME) is not None
