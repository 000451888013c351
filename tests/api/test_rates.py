"""Rate limits: the bucket against a plain reference, and over HTTP as a client meets them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rates import Limits
from tests.api.conftest import Service, add_scores, running
from tests.api.problems import assert_problem

SCORE = "/v1/predictions/churn-28d/scores/anna"
WRONG = {"Authorization": "Bearer pk_0123456789ab_" + "x" * 43}


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(
    quota=st.integers(1, 500),
    # Quarters of a second add up without rounding, and so do the reference's fractions.
    waits=st.lists(st.integers(0, 200).map(lambda quarters: quarters / 4), max_size=120),
)
def test_a_bucket_is_a_minutes_quota_that_fills_evenly(quota: int, waits: list[float]) -> None:
    clock = Clock()
    limits = Limits({"read": quota}, 0, clock)
    level = Fraction(quota)
    for wait in waits:
        clock.now += wait
        level = min(Fraction(quota), level + Fraction(wait) * quota / 60)
        if abs(level - 1) < Fraction(1, 10**6) and level != 1:
            return  # where rounding may decide
        taken = limits.take("key", "read")
        assert taken is not None
        assert taken.allowed == (level >= 1)
        if taken.allowed:
            level -= 1
            assert abs(taken.remaining - level) < 1 + Fraction(1, 10**6)
        else:
            assert taken.remaining == 0
            # Whoever waits as long as told is let in.
            assert level + taken.reset_seconds * Fraction(quota, 60) >= 1 - Fraction(1, 10**6)
        assert taken.quota == quota


def test_keys_and_kinds_of_work_have_buckets_of_their_own() -> None:
    limits = Limits({"read": 1, "simulate": 1, "manage": 0}, 0, Clock())
    assert limits.take("a", "read").allowed  # type: ignore[union-attr]
    assert not limits.take("a", "read").allowed  # type: ignore[union-attr]
    assert limits.take("b", "read").allowed  # type: ignore[union-attr]
    assert limits.take("a", "simulate").allowed  # type: ignore[union-attr]
    assert limits.take("a", "manage") is None
    assert limits.take("a", "none") is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "::ffff:10.0.0.1", True),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("unix", "unix", True),
    ],
)
def test_wrong_keys_are_counted_by_address_or_network(one: str, other: str, same: bool) -> None:
    clock = Clock()
    limits = Limits({}, 2, clock)
    limits.note_right("right")
    for _ in range(2):
        assert limits.may_try("wrong", one)
        limits.note_wrong(one)
    assert not limits.may_try("wrong", one)
    assert limits.may_try("right", one)
    assert limits.may_try("wrong", other) is not same
    clock.now += 60
    assert limits.may_try("wrong", one)


def test_the_addresses_remembered_are_limited_and_the_newest_stay() -> None:
    limits = Limits({}, 1, Clock())
    for number in range(10_050):
        limits.note_wrong(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert limits.may_try("wrong", "10.0.0.0")
    assert not limits.may_try("wrong", f"10.0.{10_049 >> 8}.{10_049 & 255}")


@pytest.fixture
def strict(tmp_path: Path) -> object:
    limits = {"rate_limit_read": 3, "rate_limit_manage": 0, "rate_limit_wrong_keys": 2}
    with running(tmp_path / "workspace", **limits) as built:
        add_scores(built.workspace)
        yield built


def test_answers_say_what_is_left_and_a_refusal_when_to_come_again(strict: Service) -> None:
    answers = [strict.client.get(SCORE, headers=strict.headers("read")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"3"}
    refused = strict.client.get(SCORE, headers=strict.headers("read"))
    body = assert_problem(refused, 429, "rate_limited")
    assert "3 requests" in body["detail"]
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.headers["ratelimit-reset"] == refused.headers["retry-after"]
    assert refused.headers["ratelimit-remaining"] == "0"
    # Another key has a bucket of its own, and what is not limited says nothing.
    assert strict.client.get(SCORE, headers=strict.headers()).status_code == 200
    keys = strict.client.get("/v1/keys", headers=strict.headers())
    assert keys.status_code == 200
    assert "ratelimit-limit" not in keys.headers


def test_errors_count_and_a_missing_scope_does_not(strict: Service) -> None:
    for _ in range(3):
        assert strict.client.get("/v1/keys", headers=strict.headers("read")).status_code == 403
    missing = SCORE.replace("anna", "nobody")
    for left in (2, 1, 0):
        answer = strict.client.get(missing, headers=strict.headers("read"))
        assert answer.status_code == 404
        assert answer.headers["ratelimit-remaining"] == str(left)
    assert strict.client.get(SCORE, headers=strict.headers("read")).status_code == 429


def test_an_address_with_wrong_keys_waits_and_keys_that_were_right_go_on(strict: Service) -> None:
    assert strict.client.get(SCORE, headers=strict.headers()).status_code == 200
    for _ in range(2):
        assert strict.client.get(SCORE, headers=WRONG).status_code == 401
    refused = strict.client.get(SCORE, headers=WRONG)
    assert_problem(refused, 429, "rate_limited")
    assert refused.headers["retry-after"] == "60"
    # A key that this process has not seen yet could be a guess.
    assert strict.client.get(SCORE, headers=strict.headers("read")).status_code == 429
    assert strict.client.get(SCORE, headers=strict.headers()).status_code == 200
    # Neither is it told by a way around: the replay of a write.
    fresh = strict.headers("manage") | {"Idempotency-Key": "x"}
    assert strict.client.post("/v1/segments", headers=fresh, json={}).status_code == 429
    assert strict.client.get("/health").status_code == 200


def test_wrong_keys_at_the_sign_in_count_too(strict: Service) -> None:
    with httpx.Client(base_url=strict.client.base_url, timeout=60) as browser:
        page = browser.get("/sign-in")
        if page.status_code == 404:
            pytest.skip("another service of this process has the dashboard")
        token = page.text.partition('name="token" value="')[2].partition('"')[0]
        given = {"token": token, "key": WRONG["Authorization"].partition(" ")[2]}
        answers = [browser.post("/sign-in", data=given) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[-1].headers["retry-after"] == "60"
    assert 'role="alert"' in answers[-1].text
    assert strict.client.get(SCORE, headers=WRONG).status_code == 429
