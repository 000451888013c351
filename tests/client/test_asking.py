"""Retries, waiting, idempotency keys and ETags, decided without a network or a clock."""

from __future__ import annotations

import json
from typing import Any

import pytest

from predictive.store.idempotency import LEASE
from predictive_client import ConnectionLost, InvalidInput, RateLimited, ServiceError, Unavailable
from predictive_client.asking import Asking
from predictive_client.client import ATTEMPTS
from predictive_client.errors import Conflict, Failure, InsufficientData, NotFound
from predictive_client.steps import Lost, Reply, Request, Send, Wait

SHOW = Request("GET", "/v1/predictions/{name}", {"name": "churn-28d"})
SAVE = Request("POST", "/v1/segments", body={"name": "x"}, writes=True)


def reply(status: int, code: str = "x", **headers: str) -> Reply:
    problem = {"code": code, "detail": "No.", "status": status}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, json.dumps(problem).encode())


class Talk:
    """Answers a request with one thing after the other; keeps what was sent and waited."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.sent: list[Request] = []
        self.waits: list[float] = []

    def __call__(self, request: Request, *answers: Reply | Lost) -> Reply:
        waiting = list(answers)
        part = self.asking.ask(request)
        step: Any = next(part)
        while True:
            if isinstance(step, Wait):
                self.waits.append(step.seconds)
                act, given = part.send, None
            else:
                assert isinstance(step, Send)
                self.sent.append(step.request)
                given = waiting.pop(0)
                act = part.throw if isinstance(given, Lost) else part.send
            try:
                step = act(given)
            except StopIteration as stop:
                assert not waiting
                answer: Reply = stop.value
                return answer


@pytest.fixture
def talk() -> Talk:
    return Talk(Asking(attempts=4))


DONE = Reply(200, {}, b"{}")


def test_what_does_not_get_through_is_sent_again(talk: Talk) -> None:
    assert talk(SHOW, Lost(), reply(503), reply(502), DONE) is DONE
    assert len(talk.sent) == 4
    # Ever longer, and never at the same moment as everybody else.
    for number, wait in enumerate(talk.waits):
        assert 0.075 * 2**number <= wait <= 0.1 * 2**number


def test_and_given_up_after_so_many_attempts(talk: Talk) -> None:
    with pytest.raises(Unavailable):
        talk(SHOW, Lost(), Lost(), Lost(), reply(503))
    with pytest.raises(ConnectionLost, match="refused"):
        talk(SHOW, reply(503), Lost(), Lost(), Lost("refused"))
    assert len(talk.sent) == 8


def test_a_service_that_says_when_is_asked_no_earlier(talk: Talk) -> None:
    talk(SHOW, reply(429, retry_after="7"), reply(503, retry_after="1"), DONE)
    assert talk.waits == [7.0, 1.0]


def test_a_write_that_a_dead_process_holds_is_asked_for_until_it_is_free() -> None:
    talk = Talk(Asking(ATTEMPTS))
    held = reply(409, "in_progress", retry_after="1")
    assert talk(SAVE, *[held] * (ATTEMPTS - 1), DONE) is DONE
    assert sum(talk.waits) > LEASE.total_seconds()


def test_nobody_waits_for_hours(talk: Talk) -> None:
    with pytest.raises(RateLimited) as refused:
        talk(SHOW, reply(429, retry_after="3600"))
    assert refused.value.retry_after == 3600
    assert talk.waits == []


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (404, "not_found", NotFound),
        (409, "conflict", Conflict),
        (422, "invalid_input", InvalidInput),
        (422, "insufficient_data", InsufficientData),
        (500, "failure", Failure),
        (413, "too_large", ServiceError),
        (301, "moved", ServiceError),
    ],
)
def test_what_would_be_refused_again_is_not_asked_again(
    talk: Talk, status: int, code: str, error: type[ServiceError]
) -> None:
    with pytest.raises(error) as refused:
        talk(SHOW, reply(status, code))
    assert type(refused.value) is error
    assert (refused.value.status, refused.value.code) == (status, code)


def test_all_attempts_of_a_write_have_one_key_and_other_writes_another(talk: Talk) -> None:
    talk(SAVE, Lost(), reply(409, "in_progress", retry_after="1"), DONE)
    keys = [request.headers["Idempotency-Key"] for request in talk.sent]
    assert len(set(keys)) == 1
    talk(SAVE, DONE)
    assert talk.sent[-1].headers["Idempotency-Key"] not in keys
    talk(SHOW, DONE)
    assert "Idempotency-Key" not in talk.sent[-1].headers


def test_what_is_known_is_asked_for_by_its_tag(talk: Talk) -> None:
    first = Reply(200, {"etag": '"a"'}, b'{"state":"draft"}')
    assert talk(SHOW, first) is first
    assert talk(SHOW, Reply(304, {"etag": '"a"'})) is first
    assert talk.sent[-1].headers["If-None-Match"] == '"a"'
    newer = Reply(200, {"etag": '"b"'}, b"{}")
    assert talk(SHOW, newer) is newer
    talk(SHOW, Reply(304, {}))
    assert talk.sent[-1].headers["If-None-Match"] == '"b"'
    talk(SHOW.asking(limit=1), DONE)
    assert "If-None-Match" not in talk.sent[-1].headers


def test_no_more_is_remembered_than_fits(talk: Talk) -> None:
    for number in range(200):
        talk(SHOW.asking(limit=number), Reply(200, {"etag": f'"{number}"'}, b"{}"))
    talk(SHOW.asking(limit=0), DONE)
    assert "If-None-Match" not in talk.sent[-1].headers
    talk(SHOW.asking(limit=199), Reply(304, {}))
    large = Reply(200, {"etag": '"l"'}, b"x" * (1 << 21))
    talk(SHOW, large)
    talk(SHOW, DONE)
    assert "If-None-Match" not in talk.sent[-1].headers


def test_an_answer_of_something_in_between_is_an_error_too(talk: Talk) -> None:
    with pytest.raises(ServiceError, match="400 unknown"):
        talk(SHOW, Reply(400, {}, b"<html>Bad gateway</html>"))


def test_at_least_one_attempt() -> None:
    with pytest.raises(ValueError, match="attempts"):
        Asking(attempts=0)
