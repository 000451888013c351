"""What each condition means, one example each; the random ones are in test_agreement.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import ibis
import pytest

from predictive.conditions.compile import Question, answer, known_users
from predictive.conditions.grammar import Group
from predictive.errors import InvalidInput
from tests.predictive.conditions.asking import Asking, compiled
from tests.predictive.conditions.worlds import AS_OF, USERS, World, users_table
from tests.reference.conditions import Event, Fact

DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


def _event(
    hours: float, name: str = "buy", index: int = 0, user: str = "u0", **values: Any
) -> Event:
    return Event(user, f"e{index}", name, AS_OF + timedelta(hours=hours), values)


def truth(
    backend: ibis.BaseBackend,
    condition: dict[str, Any],
    events: Sequence[Event] = (),
    facts: Sequence[Fact] = (),
    *,
    direction: str = "backward",
    days: int | None = None,
    user: str = "u0",
) -> bool:
    world = World(list(events), list(facts))
    answers = compiled([({"all": [condition]}, AS_OF, direction, days)], world, backend)
    return bool(answers[user]["q0"])


@pytest.mark.parametrize(
    ("after", "direction", "days", "inside"),
    [
        (0 * DAY, "backward", 2, False),
        (-MICROSECOND, "backward", 2, True),
        (-2 * DAY, "backward", 2, True),
        (-2 * DAY - MICROSECOND, "backward", 2, False),
        (-9999 * DAY, "backward", None, True),
        (0 * DAY, "backward", None, False),
        (0 * DAY, "forward", 2, True),
        (-MICROSECOND, "forward", 2, False),
        (2 * DAY, "forward", 2, False),
        (2 * DAY - MICROSECOND, "forward", 2, True),
    ],
)
def test_windows_are_half_open(
    duckdb: ibis.BaseBackend, after: timedelta, direction: str, days: int | None, inside: bool
) -> None:
    events = [Event("u0", "e0", "buy", AS_OF + after)]
    assert truth(duckdb, {"did": "buy"}, events, direction=direction, days=days) is inside


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"did": "buy"}, False),
        ({"did_not": "buy"}, True),
        ({"did": "buy", "exactly": 0}, True),
        ({"did": "buy", "at_most": 2}, True),
        ({"did": "buy", "at_least": 1}, False),
        ({"did_not": "buy", "at_least": 3}, True),
        ({"aggregate": "sum", "event": "buy", "of": "amount", "lte": 0}, True),
        ({"aggregate": "count_distinct", "event": "buy", "of": "plan", "eq": 0}, True),
        ({"aggregate": "mean", "event": "buy", "of": "amount", "lte": 0}, False),
        ({"aggregate": "min", "event": "buy", "of": "amount", "ne": 0}, False),
        ({"not": {"aggregate": "max", "event": "buy", "of": "amount", "lte": 0}}, True),
        ({"aggregate": "last", "event": "buy", "of": "plan", "not_in": ["a"]}, False),
        ({"aggregate": "last", "event": "buy", "of": "plan", "exists": False}, True),
        ({"attribute": "country", "exists": False}, True),
        ({"attribute": "country", "ne": "GB"}, False),
    ],
)
def test_silent_users(duckdb: ibis.BaseBackend, condition: dict[str, Any], expected: bool) -> None:
    assert truth(duckdb, condition, [_event(-1, user="u1")], user="silent") is expected


def test_last_is_by_time_then_event_id_and_needs_a_value(duckdb: ibis.BaseBackend) -> None:
    events = [
        _event(-2, index=3, plan="early"),
        _event(-1, index=2, plan="last"),
        _event(-1, index=1, plan="same time"),
        _event(-0.5, index=0, plan=None),
        _event(1, index=4, plan="future"),
    ]
    asked = {"aggregate": "last", "event": "buy", "of": "plan", "eq": "last"}
    assert truth(duckdb, asked, events)


def test_an_attribute_is_what_was_true_at_the_moment(duckdb: ibis.BaseBackend) -> None:
    facts = [
        Fact("u0", "country", "DE", AS_OF),
        Fact("u0", "country", "GB", AS_OF - timedelta(microseconds=1)),
        Fact("u0", "country", "FR", AS_OF - timedelta(days=9)),
        Fact("u0", "country", "XX", None),
        Fact("u1", "country", "XX", None),
    ]
    assert truth(duckdb, {"attribute": "country", "eq": "GB"}, [], facts)
    assert truth(duckdb, {"attribute": "country", "eq": "XX"}, [], facts, user="u1")


def test_an_attribute_has_one_value_at_each_of_several_moments(duckdb: ibis.BaseBackend) -> None:
    """A fact does not count at its own time, also when a later moment needs it."""
    facts = [Fact("u0", "age", float(day), AS_OF + timedelta(days=day)) for day in range(4)]
    asked: list[Asking] = [
        (
            {"all": [{"attribute": "age", "eq": value}]},
            AS_OF + timedelta(days=day),
            "backward",
            None,
        )
        for day in range(4)
        for value in range(4)
    ]
    answers = compiled(asked, World([], facts), duckdb)["u0"]
    values = [[value for value in range(4) if answers[f"q{4 * day + value}"]] for day in range(4)]
    assert values == [[], [0], [1], [2]]


def test_one_and_true_are_different_questions(duckdb: ibis.BaseBackend) -> None:
    events = [_event(-1, amount=1.0)]
    condition = {
        "all": [
            {"did": "buy", "where": [{"property": "amount", "eq": 1}]},
            {"did_not": "buy", "where": [{"property": "amount", "eq": True}]},
        ]
    }
    assert truth(duckdb, condition, events)


@pytest.mark.parametrize(
    ("condition", "direction"),
    [
        ({"all": [{"attribute": "country", "eq": "GB"}]}, "forward"),
        ({"all": [{"not": {"prediction": "churn", "gte": 50}}]}, "backward"),
    ],
)
def test_what_cannot_be_asked_of_events_is_refused(
    condition: dict[str, Any], direction: Literal["forward", "backward"]
) -> None:
    question = Question("q", Group.model_validate(condition), AS_OF, direction, 7)
    with pytest.raises(InvalidInput, match="conditions on events"):
        answer([question], users_table(), World([], []).tables())


def test_a_question_needs_a_time_zone_and_a_window_forward() -> None:
    condition = Group.model_validate({"all": [{"did": "buy"}]})
    with pytest.raises(ValueError, match="timezone"):
        Question("q", condition, AS_OF.replace(tzinfo=None), "backward")
    with pytest.raises(ValueError, match="window_days"):
        Question("q", condition, AS_OF, "forward")


def test_columns_must_differ() -> None:
    question = Question("kept", Group.model_validate({"all": [{"did": "x"}]}), AS_OF, "backward")
    with pytest.raises(ValueError, match="kept"):
        answer([question], users_table(), World([], []).tables())


def test_eight_moments_scan_the_events_and_the_attributes_once(duckdb: ibis.BaseBackend) -> None:
    condition = Group.model_validate(
        {
            "all": [
                {"did": "buy", "at_least": 2, "within_days": 90},
                {"aggregate": "last", "event": "view", "of": "plan", "eq": "a"},
                {"attribute": "country", "eq": "GB"},
            ]
        }
    )
    questions = [
        Question(f"q{index}", condition, AS_OF - timedelta(days=28 * index), "backward")
        for index in range(8)
    ]
    tables = World([], []).tables()
    sql = str(ibis.to_sql(answer(questions, users_table(), tables), dialect="duckdb"))
    assert sql.count(f'"{tables.events.get_name()}"') == 1
    assert sql.count(f'"{tables.attributes.get_name()}"') == 1


def test_no_questions_leave_the_users_as_they_are(duckdb: ibis.BaseBackend) -> None:
    table = answer([], users_table(), World([], []).tables())
    assert duckdb.to_pyarrow(table)["user_id"].to_pylist() == USERS


def test_known_users_are_known_since_their_first_event_or_timed_attribute(
    duckdb: ibis.BaseBackend,
) -> None:
    world = World(
        [_event(5), _event(2, index=1), _event(3, user="u1")],
        [
            Fact("u1", "country", "GB", AS_OF),
            Fact("u2", "age", 30.0, AS_OF + timedelta(hours=1)),
            Fact("u0", "country", "GB", None),
            Fact("silent", "country", "GB", None),
        ],
    )
    rows = duckdb.to_pyarrow(known_users(world.tables())).to_pylist()
    seen: dict[str, datetime] = {row["user_id"]: row["first_seen"] for row in rows}
    assert {user: (time - AS_OF) / timedelta(hours=1) for user, time in seen.items()} == {
        "u0": 2,
        "u1": 0,
        "u2": 1,
    }
