"""Commands that change something stand in the audit log, and how they ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from predictive.cli.auditing import WRITING
from predictive.workspace import Workspace
from tests.predictive.cli.runner import CommandLine
from tests.test_docs import COMMANDS

READING = {
    # Makes the workspace, of which there is no log before.
    "init",
    "list",
    "show",
    "history",
    "estimate",
    "simulate",
    "quality",
    "why",
    "alerts list",
    "alerts show",
    "models list",
    "models show",
    "models card",
    "segments count",
    "segments list",
    "segments show",
    "segments members",
    "segments export",
    "segments changes",
    "sends list",
    "jobs list",
    "jobs show",
    "jobs follow",
    "config show",
    "keys list",
    "audit",
    "notify test",
    "backup",
    # What these do is in histories and jobs.
    "serve",
    "worker",
    "replay",
}
EVENTS = "user_id,event,time\n" + "".join(
    f"user-{number % 7},purchase,2024-01-{1 + number % 28:02d}T00:00:00Z\n" for number in range(50)
)
CHURN = "name: churn-28d\nkind: churn\ntarget: {within_days: 28, all: [{did_not: purchase}]}\n"


def test_every_command_either_changes_something_or_does_not() -> None:
    commands = {" ".join(path) for path, command in COMMANDS.items() if command.callback}
    groups = {" ".join(path[:-1]) for path in COMMANDS if path}
    assert commands - groups == WRITING | READING
    assert not WRITING & READING


def entries(predictive: CommandLine, *more: str) -> list[tuple[str, str, int]]:
    listed = predictive("audit", "--json", *more).ok().document["entries"]
    assert {entry["key_id"] for entry in listed} <= {"command line"}
    return [(entry["action"], entry["target"], entry["status"]) for entry in listed]


def test_changes_are_written_down(predictive: CommandLine, tmp_path: Path) -> None:
    events, churn = tmp_path / "events.csv", tmp_path / "churn.yaml"
    events.write_text(EVENTS)
    churn.write_text(CHURN)
    predictive("init").ok()
    assert entries(predictive) == []
    assert "Nothing" in predictive("audit").ok().out
    predictive(
        "import", "events", events, "--user", "user_id", "--event", "event", "--time", "time"
    ).ok()
    predictive("apply", churn).ok()
    predictive("list").ok()
    assert predictive("state", "churn-28d", "archived").code == 0
    assert predictive("state", "other", "archived").code == 2
    key = predictive("keys", "create", "engine", "--json").ok().document
    predictive("keys", "revoke", key["id"]).ok()
    predictive("users", "delete", "user-3", "--yes").ok()
    assert predictive("train").code == 2
    assert entries(predictive) == [
        ("predictive users delete", "", 0),
        ("predictive keys revoke", key["id"], 0),
        ("predictive keys create", "engine", 0),
        ("predictive state", "other archived", 2),
        ("predictive state", "churn-28d archived", 0),
        ("predictive apply", "churn.yaml", 0),
        ("predictive import events", "events.csv", 0),
    ]
    assert len(entries(predictive, "--limit", "2")) == 2
    assert entries(predictive, "--key", "other") == []
    shown = predictive("audit", "--limit", "2").ok().out
    assert "delete" in shown
    assert "older" in shown
    assert "user-3" not in predictive("audit", "--json").out


def test_a_failure_is_written_down(
    predictive: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictive("init").ok()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("made up")

    monkeypatch.setattr("predictive.store.keys.Keys.create", fail)
    assert predictive("keys", "create", "engine").code == 1
    assert entries(predictive) == [("predictive keys create", "engine", 1)]


def test_a_restored_workspace_says_so(predictive: CommandLine, tmp_path: Path) -> None:
    predictive("init").ok()
    predictive("keys", "create", "engine").ok()
    predictive("backup", tmp_path / "all.tar.gz").ok()
    other = CommandLine(tmp_path / "copy", predictive.capsys)
    other("restore", tmp_path / "all.tar.gz").ok()
    assert [action for action, _, _ in entries(other)] == [
        "predictive restore",
        "predictive keys create",
    ]
    with Workspace.open(predictive.workspace) as workspace:
        assert len(workspace.store.audit.list()) == 1
