from __future__ import annotations

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from predictive.errors import Conflict, InvalidInput
from predictive.store import Score, Store
from predictive.store.pages import first_place

from .samples import AS_OF, DAY, NAME, add_prediction, publish

_HUNDREDTHS = st.integers(0, 10_000)


@pytest.fixture
def trained(store: Store) -> Store:
    add_prediction(store)
    return store


def read_all(store: Store, lowest: float, highest: float, limit: int) -> list[Score]:
    page = store.scores.page(NAME, lowest, highest, limit=limit)
    found = list(page.scores)
    while page.next_cursor is not None:
        assert len(page.scores) == limit
        page = store.scores.page(NAME, cursor=page.next_cursor, limit=limit)
        assert page.scores
        found += page.scores
    return found


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    scores=st.dictionaries(
        st.text("aAbBäZ0 -_\\\t%", min_size=1, max_size=4),
        # Few values, so that most users share theirs.
        st.sampled_from([0, 1, 4_999, 5_000, 5_001, 7_500, 10_000]),
        max_size=25,
    ),
    bounds=st.tuples(_HUNDREDTHS, _HUNDREDTHS).map(sorted),
    limit=st.integers(1, 7),
)
def test_pages_hold_everyone_in_range_once_in_order(
    trained: Store, scores: dict[str, int], bounds: list[int], limit: int
) -> None:
    publish(trained, {user: value / 100 for user, value in scores.items()})
    lowest, highest = bounds
    within = [(user, value) for user, value in scores.items() if lowest <= value <= highest]
    expected = sorted(within, key=lambda pair: (-pair[1], pair[0].encode()))
    found = read_all(trained, lowest / 100, highest / 100, limit)
    assert [(score.user_id, round(score.score * 100)) for score in found] == expected


def test_the_next_page_goes_on_in_the_same_run(trained: Store) -> None:
    first = publish(trained, {"a": 90.0, "b": 80.0, "c": 70.0})
    page = trained.scores.page(NAME, limit=1)
    publish(trained, {"a": 1.0, "b": 2.0, "c": 3.0}, as_of=AS_OF + DAY)
    rest = trained.scores.page(NAME, cursor=page.next_cursor, limit=10)
    assert (page.run_id, rest.run_id) == (first, first)
    assert [score.score for score in rest.scores] == [80.0, 70.0]
    assert rest.next_cursor is None


def test_a_cursor_of_a_run_whose_rows_are_gone_says_so(trained: Store) -> None:
    publish(trained, {"a": 90.0, "b": 80.0})
    cursor = trained.scores.page(NAME, limit=1).next_cursor
    publish(trained, {"a": 1.0}, as_of=AS_OF + DAY)
    trained.scores.delete_superseded(older_than=-DAY)
    with pytest.raises(Conflict, match="Start again"):
        trained.scores.page(NAME, cursor=cursor)


def test_a_cursor_is_of_one_prediction(trained: Store) -> None:
    add_prediction(trained, "other")
    publish(trained, {"a": 90.0, "b": 80.0})
    cursor = trained.scores.page(NAME, limit=1).next_cursor
    with pytest.raises(Conflict, match="no published scores"):
        trained.scores.page("other", cursor=cursor)


def _cursor(fields: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ü",
        "!!!!",
        "[" * 3_000,
        _cursor(7),
        _cursor(["run"]),
        _cursor({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}),
        _cursor(["run", "0", 10_000, 1, "a"]),
        _cursor(["run", 0, 10_001, 1, "a"]),
        _cursor(["run", True, 10_000, 1, "a"]),
        _cursor(["run", 0, 10_000, 1, "\x00"]),
        _cursor(["run", 0, 10_000, 1, "\ud800"]),
        _cursor([None, 0, 10_000, 1, "a"]),
        _cursor(["no such run", 0, 10_000, 1, "a"]),
    ],
)
def test_what_is_no_cursor_is_refused(trained: Store, cursor: str) -> None:
    publish(trained, {"a": 90.0})
    with pytest.raises(InvalidInput, match="cursor"):
        trained.scores.page(NAME, cursor=cursor)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"min_score": -1.0}, "min_score"),
        ({"max_score": 100.1}, "max_score"),
        ({"min_score": float("nan")}, "min_score"),
        ({"min_score": 60.0, "max_score": 50.0}, "min_score"),
        ({"limit": 0}, "limit"),
        ({"limit": 10_001}, "limit"),
    ],
)
def test_bounds_that_are_not_allowed_are_refused(
    trained: Store, arguments: dict[str, float], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        trained.scores.page(NAME, **arguments)  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_bounds_between_two_scores_let_in_neither_neighbour() -> None:
    place = first_place(74.991, 74.999)
    assert place.lowest > place.highest
    assert first_place(0.29, 0.29).lowest == first_place(0.29, 0.29).highest == 29
