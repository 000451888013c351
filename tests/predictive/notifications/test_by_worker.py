"""The real worker tells of alerts, and the next one does what a killed one did not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.predictive.notifications.conftest import SECRET, Told, open_alert, webhook
from tests.predictive.notifications.servers import Receiver


@pytest.fixture
def settings() -> Settings:
    return Settings()


@contextmanager
def worker(workspace: Workspace) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "predictive.worker", "--workspace", str(workspace.path)]
    environment = os.environ | {"ALERTS_SECRET": SECRET, "PREDICTIVE_LOG_LEVEL": "debug"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as running:
        try:
            yield running
        finally:
            running.kill()


def until_posted(receiver: Receiver, count: int) -> None:
    deadline = time.monotonic() + 120
    while len(receiver.posted) < count:
        assert time.monotonic() < deadline, "nothing was posted"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_worker_killed_while_it_tells_is_followed_by_one_that_does(
    told: Told, receiver: Receiver
) -> None:
    workspace = told(webhook(receiver.url))
    receiver.answers = [None]
    alert_id = open_alert(workspace)
    with worker(workspace) as first:
        until_posted(receiver, 1)
        first.send_signal(signal.SIGKILL)
        said = first.communicate()[1].decode()
    (waiting,) = workspace.store.notifications.list(alert_id)
    assert waiting.delivered_at is None

    with worker(workspace):
        until_posted(receiver, 2)
        deadline = time.monotonic() + 30
        while workspace.store.notifications.list(alert_id)[0].delivered_at is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    (told_at,) = (each.delivered_at for each in workspace.store.notifications.list(alert_id))
    assert told_at is not None
    assert told_at <= datetime.now(UTC)
    first_id, second_id = (headers["webhook-id"] for headers, _ in receiver.posted)
    assert first_id == second_id
    assert json.loads(receiver.posted[1][1])["data"]["alert"]["id"] == alert_id
    # Not even at the log's most talkative.
    assert "tokeninurl" not in said
    assert SECRET not in said
