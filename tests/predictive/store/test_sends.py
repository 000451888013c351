from __future__ import annotations

from collections.abc import Sequence

import pytest

from predictive.errors import InvalidInput, NotFound
from predictive.store import Store, sends

from .samples import AS_OF, DAY, NAME, add_prediction, publish, write


@pytest.fixture
def run_id(store: Store) -> str:
    add_prediction(store)
    return publish(store, {"anna": 80.0, "ben": 60.0, "cleo": 55.0, "dora": 5.0})


def send(
    store: Store,
    run_id: str,
    treated: Sequence[str] = ("cleo", "anna"),
    held_out: Sequence[str] = ("ben",),
    share: float = 0.25,
) -> str:
    return store.sends.add(NAME, run_id, AS_OF + DAY, share, treated, held_out)


def test_a_send_keeps_who_was_treated_and_who_was_held_out(store: Store, run_id: str) -> None:
    send_id = send(store, run_id)
    (kept,) = store.sends.list(NAME)
    assert (kept.send_id, kept.prediction, kept.run_id) == (send_id, NAME, run_id)
    assert (kept.sent_at, kept.holdout_share) == (AS_OF + DAY, 0.25)
    assert (kept.treated, kept.held_out) == (2, 1)
    assert list(store.sends.members(send_id)) == [
        ("anna", "treated"),
        ("ben", "held_out"),
        ("cleo", "treated"),
    ]
    assert store.sends.of_run(run_id) == [kept]


def test_sends_are_found_by_prediction_and_by_run_newest_first(store: Store, run_id: str) -> None:
    first = send(store, run_id)
    later = store.sends.add(NAME, run_id, AS_OF + 2 * DAY, 0.0, ["dora"], [])
    other = publish(store, {"anna": 1.0}, as_of=AS_OF + 3 * DAY)
    third = store.sends.add(NAME, other, AS_OF + 4 * DAY, 0.0, iter(["anna"]), iter([]))
    assert [each.send_id for each in store.sends.list(NAME)] == [third, later, first]
    assert [each.send_id for each in store.sends.of_run(run_id)] == [later, first]
    assert store.sends.of_run("none") == []


def test_many_users_are_written_and_read_in_pieces(
    store: Store, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sends, "_ROWS_AT_ONCE", 4)
    users = [f"user-{n:03d}" for n in range(12)]
    send_id = send(store, run_id, users, [])
    assert [user for user, _ in store.sends.members(send_id)] == users
    assert store.sends.list(NAME)[0].treated == 12


@pytest.mark.parametrize(
    ("treated", "held_out", "share", "field"),
    [
        (["anna", "anna"], [], 0.1, "user_ids"),
        (["anna", "ben"], ["ben"], 0.1, "user_ids"),
        (["anna", ""], [], 0.1, "user_ids"),
        (["anna"], ["b\x00"], 0.1, "user_ids"),
        ([], ["ben"], 0.1, "treated"),
        (["anna"], ["ben"], 1.0, "holdout_share"),
        (["anna"], ["ben"], -0.1, "holdout_share"),
        (["anna"], ["ben"], float("nan"), "holdout_share"),
    ],
)
def test_a_send_that_can_not_be_is_refused_whole(
    store: Store, run_id: str, treated: list[str], held_out: list[str], share: float, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        send(store, run_id, treated, held_out, share)
    assert refusal.value.field == field
    assert store.sends.list(NAME) == []
    with store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM send_members").scalar() == 0


def test_what_does_not_exist_is_named(store: Store, run_id: str) -> None:
    add_prediction(store, "other")
    foreign = write(store, {"anna": 1.0}, name="other")
    for ask in (
        lambda: send(store, "none"),
        lambda: send(store, foreign),
        lambda: store.sends.add("nobody", run_id, AS_OF, 0.0, ["anna"], []),
        lambda: store.sends.list("nobody"),
        lambda: store.sends.members("none"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_deleted_user_is_taken_out_of_every_send(store: Store, run_id: str) -> None:
    first = send(store, run_id)
    second = send(store, run_id, ["ben"], ["anna"])
    assert store.sends.delete_user("anna") == 2
    assert store.sends.delete_user("anna") == 0
    assert [user for user, _ in store.sends.members(first)] == ["ben", "cleo"]
    assert [user for user, _ in store.sends.members(second)] == ["ben"]
    assert [(each.treated, each.held_out) for each in store.sends.list(NAME)] == [(1, 0), (1, 1)]


def test_sends_go_with_their_prediction(store: Store, run_id: str) -> None:
    send(store, run_id)
    store.predictions.delete(NAME)
    with store.database.read() as connection:
        for table in ("sends", "send_members"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
