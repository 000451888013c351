"""Alerts reach everybody once, in spite of dead receivers and crashes; on both databases."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from predictive.notifications import deliver_due
from predictive.notifications.delivery import MAX_ATTEMPTS
from predictive.workspace import Workspace
from tests.predictive.notifications.conftest import (
    NOW,
    SECRET,
    Told,
    email,
    open_alert,
    webhook,
)
from tests.predictive.notifications.servers import Postbox, Receiver

HOUR = timedelta(hours=1)


def types(receiver: Receiver) -> list[str]:
    return [json.loads(body)["type"] for _, body in receiver.posted]


def due_at(workspace: Workspace, alert_id: int) -> datetime | None:
    (notification,) = workspace.store.notifications.list(alert_id)
    return notification.next_attempt_at


def test_an_alert_is_told_when_it_opens_and_when_it_is_over(
    told: Told, receiver: Receiver, postbox: Postbox
) -> None:
    workspace = told(webhook(receiver.url) + email(postbox.port))
    alert_id = open_alert(workspace)
    open_alert(workspace)  # seen again: not told again
    assert deliver_due(workspace, NOW) == 1
    assert deliver_due(workspace, NOW + HOUR) == 0
    workspace.store.alerts.resolve(None, "event_stopped", "purchase", NOW + HOUR)
    assert deliver_due(workspace, NOW + HOUR) == 1
    assert deliver_due(workspace, NOW + 2 * HOUR) == 0

    assert types(receiver) == ["alert.opened", "alert.resolved"]
    document = json.loads(receiver.posted[0][1])
    assert document["timestamp"] == "2024-05-01T03:00:00+00:00"
    assert document["data"] == {
        "workspace": "shop",
        "alert": {
            "id": alert_id,
            "prediction": None,
            "kind": "event_stopped",
            "subject": "purchase",
            "severity": "critical",
            "message": "No purchase since 29 April; 310 a day are usual.",
            "details": {"since": "2024-04-29", "usual": 310.5},
            "opened_at": "2024-05-01T03:00:00+00:00",
            "last_seen_at": "2024-05-01T03:00:00+00:00",
            "resolved_at": None,
            "times_seen": 1,
        },
    }
    assert [mail["Subject"] for _, mail in postbox.mail] == [
        "[predictive] Critical: event stopped, purchase",
        "[predictive] Resolved: event stopped, purchase",
    ]
    first = postbox.mail[0][1].get_content()
    assert "No purchase since 29 April; 310 a day are usual." in first
    assert f"predictive alerts show {alert_id}" in first
    assert "resolved: 2024-05-01T04:00:00+00:00" in postbox.mail[1][1].get_content()


def test_the_signature_is_the_standards_own(told: Told, receiver: Receiver) -> None:
    workspace = told(webhook(receiver.url))
    open_alert(workspace, subject="Größe\n🙂")
    now = datetime.now(NOW.tzinfo)
    assert deliver_due(workspace, now) == 1
    ((headers, body),) = receiver.posted
    assert Webhook(SECRET).verify(body, headers)["type"] == "alert.opened"
    assert headers["content-type"] == "application/json"
    for changed_body, changed_headers in (
        (body.replace(b"critical", b"warning!"), headers),
        (body, headers | {"webhook-id": "msg_other"}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(changed_body, changed_headers)


def test_a_failure_is_tried_again_with_growing_pauses_until_it_is_given_up(
    told: Told, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = told(webhook(receiver.url))
    receiver.answers = [500] * MAX_ATTEMPTS
    alert_id = open_alert(workspace)
    now, pauses = NOW, []
    while (due := due_at(workspace, alert_id)) is not None:
        assert deliver_due(workspace, due - timedelta(microseconds=1)) == 0
        pauses.append((due - now).total_seconds())
        now = due
        assert deliver_due(workspace, now) == 0
    doubled = [30 * 2.0**n for n in range(10)]
    assert pauses == [0, *doubled, *[6 * 3600.0] * 5]
    assert len(receiver.posted) == MAX_ATTEMPTS
    assert len({headers["webhook-id"] for headers, _ in receiver.posted}) == 1
    (notification,) = workspace.store.notifications.list(alert_id)
    assert notification.error == "webhook ops: the receiver answered 500"
    assert notification.attempts == MAX_ATTEMPTS
    given_up = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(given_up) == 1
    assert "given up: webhook ops" in given_up[0].getMessage()


def test_who_has_it_does_not_get_it_again(told: Told, receiver: Receiver, postbox: Postbox) -> None:
    workspace = told(webhook(receiver.url) + email(postbox.port))
    receiver.answers = [503]
    alert_id = open_alert(workspace)
    assert deliver_due(workspace, NOW) == 0
    assert deliver_due(workspace, NOW + HOUR) == 1
    assert len(receiver.posted) == 2
    assert len(postbox.mail) == 1
    (notification,) = workspace.store.notifications.list(alert_id)
    assert notification.delivered_at == NOW + HOUR
    assert set(notification.delivered_to) == {"webhook ops", "email"}


def test_a_dead_receiver_is_asked_once_a_call(
    told: Told, receiver: Receiver, postbox: Postbox
) -> None:
    workspace = told(webhook(receiver.url) + email(postbox.port))
    receiver.answers = [500, 500]
    alerts = [open_alert(workspace, subject=name) for name in ("a", "b", "c")]
    assert deliver_due(workspace, NOW) == 0
    assert len(receiver.posted) == 1
    assert len(postbox.mail) == 3
    # The two others were not tried there: they are due at once, and lost no attempt.
    assert [due_at(workspace, each) for each in alerts] == [NOW + timedelta(seconds=30), NOW, NOW]
    assert deliver_due(workspace, NOW + timedelta(seconds=10)) == 0
    assert deliver_due(workspace, NOW + HOUR) == 3
    assert len(postbox.mail) == 3


def test_a_crash_between_sending_and_noting_it_sends_the_same_id_twice(
    told: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = told(webhook(receiver.url))
    open_alert(workspace)
    outbox = type(workspace.store.notifications)
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "delivered_to", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            deliver_due(workspace, NOW)
    assert deliver_due(workspace, NOW) == 1
    first, second = (headers["webhook-id"] for headers, _ in receiver.posted)
    assert first == second


def test_without_anybody_to_tell_nothing_piles_up(told: Told) -> None:
    workspace = told("")
    alert_id = open_alert(workspace)
    assert deliver_due(workspace, NOW) == 1
    (notification,) = workspace.store.notifications.list(alert_id)
    assert notification.delivered_to == {}
    assert notification.next_attempt_at is None


def test_a_receiver_that_goes_is_no_longer_waited_for(
    told: Told, receiver: Receiver, postbox: Postbox
) -> None:
    workspace = told(webhook(receiver.url) + email(postbox.port))
    receiver.answers = [500]
    open_alert(workspace)
    assert deliver_due(workspace, NOW) == 0
    without = workspace.config.model_copy(
        update={"notify": workspace.config.notify.model_copy(update={"webhooks": ()})}
    )
    changed = Workspace(workspace.path, without, workspace.settings)
    with changed:
        assert deliver_due(changed, NOW + HOUR) == 1
    assert len(postbox.mail) == 1
