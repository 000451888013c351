from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from predictive.errors import NotFound
from predictive.store import Alert, Store
from predictive.wording.kept import told
from predictive.wording.sentence import Sentence

from .samples import NAME, PlainDefinition

AT = datetime(2026, 1, 2, 3, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def watched(store: Store) -> Store:
    store.predictions.create_or_update(PlainDefinition())
    return store


def stopped(store: Store, prediction: str | None = None, *, days: int = 0) -> Alert:
    return store.alerts.open(
        prediction,
        "event_stopped",
        "purchase",
        severity="critical",
        message=f"No purchase for {days + 1} days.",
        details={"days": days + 1},
        at=AT + days * DAY,
    )


def test_one_cause_has_one_open_alert(watched: Store) -> None:
    first = stopped(watched)
    assert (first.prediction, first.kind, first.subject) == (None, "event_stopped", "purchase")
    assert (first.opened_at, first.last_seen_at, first.resolved_at) == (AT, AT, None)
    assert first.times_seen == 1
    again = stopped(watched, days=2)
    assert again.id == first.id
    assert (again.opened_at, again.last_seen_at, again.times_seen) == (AT, AT + 2 * DAY, 2)
    assert (again.message, again.details) == ("No purchase for 3 days.", {"days": 3})
    assert watched.alerts.list() == [again]
    assert watched.alerts.get(first.id) == again


def test_an_alert_keeps_what_its_message_is_made_of(watched: Store) -> None:
    message = Sentence("{name} known", name="age")
    opened = watched.alerts.open(
        None, "late_data", "order", severity="warning", message=message, details={}, at=AT
    )
    (alert,) = watched.alerts.list()
    assert alert == opened
    assert alert.message == "age known"
    assert told(alert.message, alert.details["said"], "ko") == "age 알려짐"
    # Seen again by a check that knows no more than what was kept.
    again = watched.alerts.open(
        None, "late_data", "order", severity="warning", message=alert.message,
        details=alert.details, at=AT + DAY,
    )  # fmt: skip
    assert again.details == alert.details


def test_what_differs_in_prediction_kind_or_subject_is_another_alert(watched: Store) -> None:
    watched.predictions.create_or_update(PlainDefinition(name="other"))
    ids = {stopped(watched).id, stopped(watched, NAME).id, stopped(watched, "other").id}
    for kind, subject in (("event_fell", "purchase"), ("event_stopped", "visit")):
        alert = watched.alerts.open(
            NAME, kind, subject, severity="warning", message="m", details={}, at=AT
        )
        ids.add(alert.id)
    assert len(ids) == 5
    assert len(watched.alerts.list(NAME)) == 3
    assert len(watched.alerts.list()) == 5


def test_a_resolved_alert_stays_and_the_cause_may_come_back(watched: Store) -> None:
    first = stopped(watched)
    resolved = watched.alerts.resolve(None, "event_stopped", "purchase", AT + DAY)
    assert resolved is not None
    assert (resolved.id, resolved.resolved_at) == (first.id, AT + DAY)
    assert watched.alerts.resolve(None, "event_stopped", "purchase", AT + DAY) is None
    assert watched.alerts.resolve(NAME, "event_stopped", "purchase", AT + DAY) is None
    second = stopped(watched, days=5)
    assert second.id > first.id
    assert second.times_seen == 1
    assert watched.alerts.list(open_only=True) == [second]
    assert [alert.id for alert in watched.alerts.list()] == [second.id, first.id]


def test_pages_of_alerts_follow_each_other(watched: Store) -> None:
    opened = [
        watched.alerts.open(
            NAME, "drift", f"feature {n}", severity="warning", message="m", details={}, at=AT
        ).id
        for n in range(5)
    ]
    page = watched.alerts.list(limit=2)
    assert [alert.id for alert in page] == [opened[4], opened[3]]
    after = watched.alerts.list(limit=2, before_id=page[-1].id)
    assert [alert.id for alert in after] == [opened[2], opened[1]]


def test_many_that_open_one_alert_at_once_make_one(watched: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = {alert.id for alert in pool.map(lambda n: stopped(watched, days=n), range(8))}
    assert len(ids) == 1
    assert watched.alerts.get(ids.pop()).times_seen == 8
    assert len(watched.notifications.due(AT + 30 * DAY)) == 1


def test_what_does_not_exist_is_named(watched: Store) -> None:
    for ask in (
        lambda: stopped(watched, "nobody"),
        lambda: watched.alerts.resolve("nobody", "a", "b", AT),
        lambda: watched.alerts.list("nobody"),
        lambda: watched.alerts.get(99),
        lambda: watched.notifications.delivered(99, AT),
        lambda: watched.notifications.delivered_to(99, "mail", AT),
        lambda: watched.notifications.failed(99, "no", None),
    ):
        with pytest.raises(NotFound):
            ask()
    assert watched.alerts.list() == []
    assert watched.notifications.due(AT + DAY) == []


def test_an_alert_goes_with_its_prediction_and_its_id_is_not_used_again(watched: Store) -> None:
    first = stopped(watched, NAME)
    watched.predictions.delete(NAME)
    assert watched.alerts.list() == []
    assert watched.notifications.due(AT) == []
    assert stopped(watched).id > first.id


# --- notifications -----------------------------------------------------------------------------


def test_opening_and_resolving_are_told_once_each_in_order(watched: Store) -> None:
    alert = stopped(watched)
    stopped(watched, days=1)
    watched.alerts.resolve(None, "event_stopped", "purchase", AT + 2 * DAY)
    opened, resolved = watched.notifications.list(alert.id)
    assert (opened.event, resolved.event) == ("opened", "resolved")
    assert opened.alert["message"] == "No purchase for 1 days."
    assert (opened.alert["resolved_at"], opened.alert["opened_at"]) == (None, AT.isoformat())
    assert resolved.alert["message"] == "No purchase for 2 days."
    assert resolved.alert["resolved_at"] == (AT + 2 * DAY).isoformat()

    outbox = watched.notifications
    assert outbox.due(AT - DAY) == []
    assert outbox.due(AT + 9 * DAY) == [opened]
    outbox.delivered(opened.id, AT + DAY)
    assert outbox.due(AT + 9 * DAY) == [resolved]
    outbox.delivered(resolved.id, AT + 3 * DAY)
    assert outbox.due(AT + 9 * DAY) == []
    assert [each.delivered_at for each in outbox.list(alert.id)] == [AT + DAY, AT + 3 * DAY]


def test_a_failed_attempt_is_due_again_later_until_given_up(watched: Store) -> None:
    outbox = watched.notifications
    (waiting,) = outbox.list(stopped(watched).id)
    assert (waiting.attempts, waiting.next_attempt_at, waiting.error) == (0, AT, None)
    outbox.failed(waiting.id, "refused", AT + DAY)
    assert outbox.due(AT) == []
    (again,) = outbox.due(AT + DAY)
    assert (again.attempts, again.error, again.next_attempt_at) == (1, "refused", AT + DAY)
    outbox.failed(waiting.id, "refused for good", None)
    assert outbox.due(AT + 99 * DAY) == []
    (over,) = outbox.list(waiting.alert_id)
    assert (over.attempts, over.delivered_at, over.error) == (2, None, "refused for good")


def test_channels_that_have_it_are_remembered(watched: Store) -> None:
    outbox = watched.notifications
    (waiting,) = outbox.list(stopped(watched).id)
    assert waiting.delivered_to == {}
    outbox.delivered_to(waiting.id, "mail", AT)
    outbox.delivered_to(waiting.id, "webhook 1", AT + DAY)
    (again,) = outbox.due(AT)
    assert again.delivered_to == {
        "mail": AT.isoformat(),
        "webhook 1": (AT + DAY).isoformat(),
    }


def test_the_longest_due_comes_first(watched: Store) -> None:
    for days in (3, 1, 2):
        watched.alerts.open(
            None, "drift", str(days), severity="warning", message="", details={}, at=AT + days * DAY
        )
    due = watched.notifications.due(AT + 9 * DAY, limit=2)
    assert [each.alert["subject"] for each in due] == ["1", "2"]
