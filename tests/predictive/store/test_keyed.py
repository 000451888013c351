"""A key and a score in one read say what two reads say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from predictive.errors import PredictiveError
from predictive.store import Store
from predictive.store.keyed import _BOTH, key_and_score
from predictive.store.moments import now

from .samples import NAME, add_prediction, publish


@pytest.fixture
def trained(store: Store) -> Store:
    add_prediction(store)
    return store


def one_by_one(store: Store, secret: str, prediction: str, user_id: str) -> tuple[object, object]:
    key = store.keys.verify(secret)
    key_id = key and key.id
    try:
        score = store.scores.get(prediction, user_id) if key else None
    except PredictiveError:
        score = None
    return key_id, score


@pytest.mark.parametrize("state", ["no scores", "active", "archived"])
def test_it_is_what_two_reads_find(trained: Store, state: str) -> None:
    valid = trained.keys.create("engine", ["read"])
    over = trained.keys.create("engine", ["read"], now() + timedelta(hours=1))
    revoked = trained.keys.create("engine", ["read"])
    trained.keys.revoke(revoked.id)
    if state != "no scores":
        publish(trained, {"anna": 75.0, "line\nbreak": 20.0, "\u202eevil": 0.0})
    if state == "archived":
        trained.predictions.set_state(NAME, "archived")
    wrong = [valid.secret + "x", valid.secret[:-1], "pk_0123456789ab_x", "", "\ud800", "pk__"]
    for secret in (valid.secret, over.secret, revoked.secret, *wrong):
        for prediction in (NAME, "none-such", "a\x00b", "\ud800"):
            for user in ("anna", "line\nbreak", "\u202eevil", "nobody", "'; --", "\x00", "\ud800"):
                key, score = key_and_score(trained, secret, prediction, user)
                # The use of a key is noted meanwhile, so only its id is sure to be the same.
                assert (key and key.id, score) == one_by_one(trained, secret, prediction, user)
    key, score = key_and_score(trained, valid.secret, NAME, "anna")
    assert key is not None
    assert (score is not None) == (state == "active")


def test_it_reads_by_index_only(trained: Store) -> None:
    if trained.database.dialect != "sqlite":
        pytest.skip("the plan is SQLite's")
    asked = {"id": "0123456789ab", "name": NAME, "user_id": "anna"}
    with trained.database.read() as connection:
        plan = connection.connection.driver_connection.execute(
            f"EXPLAIN QUERY PLAN {_BOTH.sqlite}", asked
        )
        steps = [row[3] for row in plan]
    assert len(steps) == 4
    assert all(step.startswith("SEARCH") for step in steps), steps
