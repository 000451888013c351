from __future__ import annotations

import itertools

import pytest

from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.store import Store
from predictive.store.states import TRANSITIONS, State, require_updating

from .samples import NAME, PlainDefinition, add_model, add_prediction, publish

STATES = ("draft", "preview", "active", "archived")
REFUSED = [("active", "draft")]
#: How to get from a draft to each state.
PATHS: dict[str, tuple[State, ...]] = {
    "draft": (),
    "preview": ("preview",),
    "active": ("active",),
    "archived": ("archived",),
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATES, STATES)))
def test_which_state_may_follow_which(store: Store, before: str, after: State) -> None:
    store.predictions.create_or_update(PlainDefinition())
    for state in PATHS[before]:
        store.predictions.set_state(NAME, state)
    told = len(store.history.list(NAME))
    if (before, after) in REFUSED:
        with pytest.raises(Conflict, match=rf"is {before} and can't become {after}"):
            store.predictions.set_state(NAME, after)
        after, changed = before, 0  # type: ignore[assignment]
    else:
        assert store.predictions.set_state(NAME, after).state == after
        changed = int(before != after)
    assert store.predictions.get(NAME).state == after
    assert len(store.history.list(NAME)) == told + changed


def test_what_is_no_state_or_prediction_is_named(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    with pytest.raises(InvalidInput, match="draft, preview, active, archived"):
        store.predictions.set_state(NAME, "asleep")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        store.predictions.set_state("nobody", "active")
    assert set(TRANSITIONS) == set(STATES)


def test_the_first_champion_makes_a_draft_active(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    store.models.set_champion(NAME, add_model(store), by="schedule")
    assert store.predictions.get(NAME).state == "active"
    state, model = store.history.list(NAME)[:2]
    assert (state.kind, state.by, state.after) == ("state", "schedule", {"state": "active"})
    assert model.kind == "model"


def test_a_champion_changes_no_other_state(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    store.predictions.set_state(NAME, "preview")
    store.models.set_champion(NAME, add_model(store))
    assert store.predictions.get(NAME).state == "preview"


def test_an_archived_prediction_takes_no_model_and_changes_no_role(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    first, second = add_model(store), add_model(store)
    store.models.set_champion(NAME, first)
    store.predictions.set_state(NAME, "archived")
    for refused in (
        lambda: add_model(store),
        lambda: store.models.set_champion(NAME, second),
        lambda: store.models.set_challenger(NAME, second),
    ):
        with pytest.raises(Conflict, match="is archived"):
            refused()
    assert [model.version for model in store.models.list(NAME)] == [second, first]
    assert store.models.champion(NAME) == store.models.get(NAME, first)
    assert store.models.challenger(NAME) is None


def test_a_draft_that_had_a_champion_before_stays_a_draft(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    store.models.set_champion(NAME, add_model(store))
    for state in ("preview", "draft"):
        store.predictions.set_state(NAME, state)
    store.models.set_champion(NAME, add_model(store))
    assert store.predictions.get(NAME).state == "draft"


@pytest.mark.parametrize("path", [("preview",), ("archived",), ("archived", "draft")])
def test_only_an_active_prediction_offers_its_scores(store: Store, path: tuple[State, ...]) -> None:
    add_prediction(store)
    publish(store, {"anna": 80.0, "ben": 20.0, "cleo": 10.0})
    walk = store.scores.page(NAME, limit=1)
    for state in path:
        store.predictions.set_state(NAME, state)
    for ask in (
        lambda: store.scores.get(NAME, "anna"),
        lambda: store.scores.get(NAME, "nobody"),
        lambda: store.scores.get_many(NAME, ["anna", "ben"]),
        lambda: store.scores.page(NAME),
        lambda: store.scores.page(NAME, cursor=walk.next_cursor),
    ):
        with pytest.raises(Conflict, match=f"predictive state {NAME} active"):
            ask()
    store.predictions.set_state(NAME, "active")
    assert store.scores.get(NAME, "anna").score == 80.0
    assert [score.user_id for score in store.scores.page(NAME, cursor=walk.next_cursor).scores] == [
        "ben",
        "cleo",
    ]


def test_what_is_not_offered_does_not_hide_what_does_not_exist(store: Store) -> None:
    add_prediction(store)
    with pytest.raises(NotFound):
        store.scores.get("nobody", "anna")
    with pytest.raises(Conflict, match="no published scores"):
        store.scores.get(NAME, "anna")


def test_only_an_archived_prediction_stops_updating() -> None:
    for state in ("draft", "preview", "active"):
        require_updating(NAME, state)
    with pytest.raises(Conflict, match="archived"):
        require_updating(NAME, "archived")
