"""Exports: whole files, told of to whom the workspace allows, without deleted users."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from standardwebhooks import Webhook

from predictive.configuration import ExportsConfig, read_config
from predictive.deletion import delete_user
from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.formats import MEDIA_TYPES, checked_format
from predictive.jobs.run import run_job
from predictive.notifications import deliver_callbacks
from predictive.segments import service
from predictive.segments.callbacks import checked_callback
from predictive.segments.definition import SegmentDefinition
from predictive.segments.export_files import ExportFiles
from predictive.segments.exports import (
    export_file,
    list_exports,
    remove_expired,
    request_export,
    show_export,
)
from predictive.segments.walking import MemberStream
from predictive.store.jobs import Job
from predictive.workspace import Workspace
from tests.predictive.notifications.conftest import SECRET
from tests.predictive.notifications.servers import Receiver, receiving
from tests.predictive.segments.conftest import Publish
from tests.predictive.test_formats import read_rows

NOW = datetime(2025, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)
LIKELY = "{name: likely, all: [{prediction: churn-28d, gte: 50}]}"
SCORES = {"anna": 90.0, 'b"en,\n': 60.0, "user_id": 55.0, "cleo": 10.0}
LIKELIEST = ["anna", 'b"en,\n', "user_id"]


@pytest.fixture
def likely(workspace: Workspace, publish: Publish) -> Workspace:
    publish(SCORES)
    service.save(workspace, SegmentDefinition.from_text(LIKELY), by="", now=NOW)
    return workspace


def ask(workspace: Workspace, form: str = "ndjson", callback_url: str | None = None) -> str:
    wanted = checked_format(form)
    export = request_export(workspace, "likely", wanted, callback_url=callback_url, by="test")
    return str(export["id"])


def run(workspace: Workspace, export_id: str) -> Job:
    return run_job(workspace, export_id, now=NOW)


def users(workspace: Workspace, export_id: str) -> list[str]:
    form = show_export(workspace, export_id)["format"]
    content = export_file(workspace, export_id).read_bytes()
    return [row["user_id"] for row in read_rows(content, form)]


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_an_export_from_the_wish_to_the_file(likely: Workspace, form: str) -> None:
    export_id = ask(likely, form)
    waiting = show_export(likely, export_id)
    assert (waiting["state"], waiting["file"], waiting["callback"]) == ("queued", None, None)
    with pytest.raises(Conflict, match="queued"):
        export_file(likely, export_id)
    run(likely, export_id)
    done = show_export(likely, export_id)
    assert (done["state"], done["users"]) == ("succeeded", 3)
    assert done["file"] == f"/v1/exports/{export_id}/file"
    assert done["bytes"] == export_file(likely, export_id).stat().st_size
    assert users(likely, export_id) == LIKELIEST
    assert [each["id"] for each in list_exports(likely, "likely", limit=5)["exports"]] == [
        export_id
    ]


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_a_deleted_user_is_in_no_file(likely: Workspace, form: str) -> None:
    export_id = ask(likely, form)
    run(likely, export_id)
    assert ExportFiles(likely.exports_path).delete_user("cleo") == 0
    left = list(LIKELIEST)
    while left:
        gone = left.pop(1 if len(left) > 1 else 0)
        assert delete_user(likely, gone)["exports"] == 1
        assert users(likely, export_id) == left


def test_a_user_deleted_while_the_file_is_written_is_not_in_it(
    likely: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches, deleted = MemberStream.batches, []

    def deleted_meanwhile(stream: MemberStream) -> Iterator[pa.RecordBatch]:
        found = list(batches(stream))
        if not deleted:
            deleted.append(delete_user(likely, "anna"))
        yield from found

    monkeypatch.setattr(MemberStream, "batches", deleted_meanwhile)
    export_id = ask(likely)
    run(likely, export_id)
    assert deleted[0]["exports"] == 0
    assert users(likely, export_id) == LIKELIEST[1:]


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from predictive.jobs.run import run_job
from predictive.segments.walking import MemberStream
from predictive.workspace import Workspace

def batches(stream, whole=MemberStream.batches):
    for batch in whole(stream):
        yield batch.slice(0, 1)
        os.kill(os.getpid(), signal.SIGKILL)

MemberStream.batches = batches
with Workspace.open(sys.argv[1]) as workspace:
    run_job(workspace, sys.argv[2], now=datetime.now(UTC))
"""


def test_killed_halfway_it_leaves_nothing_half_and_is_taken_up_again(likely: Workspace) -> None:
    export_id = ask(likely)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(likely.path), export_id], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert show_export(likely, export_id)["state"] == "running"
    (draft,) = likely.exports_path.iterdir()
    assert draft.name.startswith(".")
    run(likely, export_id)
    assert users(likely, export_id) == LIKELIEST
    assert [file.name for file in likely.exports_path.iterdir()] == [f"{export_id}.ndjson"]


def test_what_a_killed_job_left_goes_with_a_deleted_user(likely: Workspace) -> None:
    likely.exports_path.mkdir()
    draft = likely.exports_path / ".1.ndjson.0a"
    draft.write_text('{"user_id":"anna"}\n')
    delete_user(likely, "anna")
    assert not draft.exists()


def test_files_are_deleted_after_a_day(likely: Workspace) -> None:
    export_id = ask(likely)
    done = run(likely, export_id).finished_at
    assert done is not None
    stray = likely.exports_path / "of-no-job.csv"
    stray.write_text("user_id\n")
    assert remove_expired(likely, done + DAY - timedelta(seconds=1)) == 1
    assert not stray.exists()
    assert users(likely, export_id) == LIKELIEST
    assert remove_expired(likely, done + DAY) == 1
    with pytest.raises(NotFound, match="kept for a day"):
        export_file(likely, export_id)
    told = show_export(likely, export_id)
    assert (told["state"], told["file"], told["bytes"]) == ("succeeded", None, None)


def test_an_export_of_a_segment_that_is_gone_fails(likely: Workspace) -> None:
    export_id = ask(likely)
    service.delete(likely, "likely")
    job = run(likely, export_id)
    assert job.state == "failed"
    service.save(likely, SegmentDefinition.from_text(LIKELY), by="", now=NOW)
    assert list_exports(likely, "likely", limit=5)["exports"] == []
    assert ExportFiles(likely.exports_path).files() == []


def test_what_can_not_be_asked_for(likely: Workspace) -> None:
    with pytest.raises(NotFound):
        show_export(likely, "nothing")
    check = likely.store.jobs.create("check", None, {})
    with pytest.raises(NotFound, match="export"):
        show_export(likely, check)
    likely.store.predictions.set_state("churn-28d", "archived")
    with pytest.raises(Conflict):
        ask(likely)


# --- callbacks -----------------------------------------------------------------------------------

ALLOWED = ExportsConfig(
    callbacks=("https://engine.example.com", "http://10.0.0.5:8080"), secret="${EXPORTS_SECRET}"
)


@pytest.mark.parametrize(
    "url",
    [
        "https://engine.example.com/done?token=1",
        "https://ENGINE.example.com:443",
        "http://10.0.0.5:8080/x",
    ],
)
def test_callbacks_that_are_allowed(url: str) -> None:
    assert checked_callback(ALLOWED, url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://engine.example.com/done",
        "https://engine.example.com:8443/",
        "https://engine.example.com.evil.org/",
        "https://engine.example.com@evil.org/",
        "https://user:pw@engine.example.com/",
        "https://evil.org/#engine.example.com",
        "https://evil.org\\@engine.example.com/",
        "http://10.0.0.5/",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:8080",
        "http://[::1]/",
        "file:///etc/passwd",
        "ftp://engine.example.com/",
        "//engine.example.com/",
        "engine.example.com",
        "https://",
        "",
        "https://engine.example.com\r\nX: 1/",
        "https://[broken/",
    ],
)
def test_callbacks_that_are_not(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        checked_callback(ALLOWED, url)
    assert refusal.value.field == "callback_url"
    assert "evil" not in str(refusal.value)


def test_without_a_setting_nobody_is_told(likely: Workspace) -> None:
    with pytest.raises(InvalidInput, match="no callbacks"):
        ask(likely, callback_url="https://engine.example.com/")
    assert list_exports(likely, "likely", limit=5)["exports"] == []


@pytest.mark.parametrize(
    "section",
    [
        {"callbacks": ["https://engine.example.com"]},
        {"callbacks": ["https://engine.example.com/path"], "secret": "${S}"},
        {"callbacks": ["ftp://engine.example.com"], "secret": "${S}"},
        {"callbacks": ["https://user@engine.example.com"], "secret": "${S}"},
        {"callbacks": ["https://engine.example.com"], "secret": "whsec_plain"},
    ],
)
def test_settings_that_are_refused(section: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="exports") as refusal:
        read_config({"format_version": 1, "exports": section})
    assert "whsec_plain" not in str(refusal.value)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture
def told(
    likely: Workspace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    """The workspace, which allows callbacks to the receiver."""
    monkeypatch.setenv("EXPORTS_SECRET", SECRET)
    with (likely.path / "workspace.toml").open("a") as file:
        origin = receiver.url.removesuffix("/hooks/tokeninurl")
        file.write(f'\n[exports]\ncallbacks = ["{origin}"]\nsecret = "${{EXPORTS_SECRET}}"\n')
    with Workspace.open(likely.path) as opened:
        yield opened


def later(workspace: Workspace, export_id: str) -> datetime:
    finished_at = workspace.store.jobs.get(export_id).finished_at
    assert finished_at is not None
    return finished_at


def test_who_asked_is_told_by_a_signed_message(told: Workspace, receiver: Receiver) -> None:
    export_id = ask(told, callback_url=receiver.url)
    assert deliver_callbacks(told, NOW + 400 * DAY) == 0
    assert show_export(told, export_id)["callback"]["state"] == "waiting"
    run(told, export_id)
    moment = datetime.now(UTC)
    assert deliver_callbacks(told, moment) == 1
    assert deliver_callbacks(told, moment + DAY) == 0
    ((headers, body),) = receiver.posted
    message = Webhook(SECRET).verify(body, headers)
    assert message["type"] == "export.succeeded"
    export = message["data"]["export"]
    assert (export["id"], export["users"], export["state"]) == (export_id, 3, "succeeded")
    assert export["file"] == f"/v1/exports/{export_id}/file"
    shown = show_export(told, export_id)
    assert shown["callback"] == {
        "host": "127.0.0.1",
        "state": "delivered",
        "attempts": 0,
        "error": None,
    }
    # The rest of an address may hold a secret.
    assert "tokeninurl" not in json.dumps([shown, dict(told.store.jobs.get(export_id).params)])


def test_a_failure_is_told_too_and_again_until_it_is_taken(
    told: Workspace, receiver: Receiver
) -> None:
    export_id = ask(told, callback_url=receiver.url)
    service.delete(told, "likely")
    run(told, export_id)
    receiver.answers += [500, 302]
    ended = later(told, export_id)
    assert deliver_callbacks(told, ended) == 0
    state = show_export(told, export_id)["callback"]
    assert (state["state"], state["attempts"]) == ("due", 1)
    assert state["error"] == "the receiver answered 500"
    assert deliver_callbacks(told, ended + timedelta(seconds=29)) == 0
    assert len(receiver.posted) == 1
    # A redirection is not followed: it could lead anywhere.
    assert deliver_callbacks(told, ended + timedelta(seconds=30)) == 0
    assert deliver_callbacks(told, ended + timedelta(minutes=5)) == 1
    assert len(receiver.posted) == 3
    names = {headers["webhook-id"] for headers, _ in receiver.posted}
    assert len(names) == 1
    message = json.loads(receiver.posted[-1][1])
    assert message["type"] == "export.failed"
    assert message["data"]["export"]["error"]["code"] == "not_found"


def test_a_cancelled_export_is_told(told: Workspace, receiver: Receiver) -> None:
    export_id = ask(told, callback_url=receiver.url)
    told.store.jobs.request_cancel(export_id)
    assert deliver_callbacks(told, later(told, export_id)) == 1
    assert json.loads(receiver.posted[0][1])["type"] == "export.cancelled"


def test_an_address_that_is_no_longer_allowed_is_not_told(
    told: Workspace, receiver: Receiver, likely: Workspace
) -> None:
    export_id = ask(told, callback_url=receiver.url)
    run(told, export_id)
    # This one was opened before the setting, as after it was taken out.
    assert deliver_callbacks(likely, later(told, export_id)) == 0
    assert receiver.posted == []
    assert "allows no callbacks" in show_export(told, export_id)["callback"]["error"]


def test_a_dead_receiver_is_given_up_in_the_end(told: Workspace, receiver: Receiver) -> None:
    export_id = ask(told, callback_url=receiver.url)
    run(told, export_id)
    receiver.answers += [500] * 20
    for day in range(40):
        deliver_callbacks(told, later(told, export_id) + day * DAY)
    assert len(receiver.posted) == 16
    assert show_export(told, export_id)["callback"]["state"] == "given_up"
