"""States, history and deletion on the command line, over a real workspace without a model."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from predictive.workspace import Workspace
from tests.predictive.cli.runner import CommandLine
from tests.predictive.store.samples import AS_OF

DEFINITION = """
name: churn-28d
kind: churn
target: {within_days: 28, all: [{did_not: purchase}]}
"""


@pytest.fixture
def suite(predictive: CommandLine, tmp_path: Path) -> CommandLine:
    """One draft over one event."""
    with Workspace.create(predictive.workspace) as workspace:
        events = {
            "event_id": ["1"],
            "user_id": ["anna"],
            "name": ["purchase"],
            "time": pa.array([AS_OF]),
        }
        workspace.lake.append_events(pa.table(events))
    file = tmp_path / "churn.yaml"
    file.write_text(DEFINITION)
    predictive("apply", file).ok()
    return predictive


def test_a_state_is_told_and_changed(suite: CommandLine) -> None:
    told = suite("state", "churn-28d", "--json").ok().document
    assert told == {
        "name": "churn-28d",
        "state": "draft",
        "before": "draft",
        "changed": False,
        "may_become": ["preview", "active", "archived"],
    }
    changed = suite("state", "churn-28d", "preview", "--json").ok().document
    assert (changed["before"], changed["state"], changed["changed"]) == ("draft", "preview", True)
    seen = suite("state", "churn-28d", "active").ok().out
    assert "is active, was preview" in seen
    assert "predictive state churn-28d archived" in seen
    assert suite("list", "--json").ok().document["predictions"][0]["state"] == "active"


def test_a_change_that_can_not_be_changes_nothing(suite: CommandLine) -> None:
    suite("state", "churn-28d", "active").ok()
    for wrong, words in (("draft", "can become preview, archived"), ("off", "one of draft")):
        refused = suite("state", "churn-28d", wrong)
        assert refused.code == 2
        assert words in refused.err
    assert suite("state", "nobody", "active").code == 2
    assert suite("state", "churn-28d", "--json").ok().document["state"] == "active"


def test_history_tells_what_changed_and_by_whom(suite: CommandLine) -> None:
    suite("state", "churn-28d", "preview").ok()
    suite("state", "churn-28d", "archived").ok()
    changes = suite("history", "churn-28d", "--json").ok().document["changes"]
    assert [change["kind"] for change in changes] == ["state", "state", "created"]
    assert {change["by"] for change in changes} == {"command line"}
    assert changes[0]["before"] == {"state": "preview"}
    assert changes[0]["after"] == {"state": "archived"}
    assert len(suite("history", "churn-28d", "--limit", 1, "--json").document["changes"]) == 1
    assert "There are older ones" in suite("history", "churn-28d", "--limit", 1).ok().out
    seen = suite("history", "churn-28d").ok().out
    assert "preview → archived" in seen
    assert "draft, version 1" in seen
    assert suite("history", "nobody").code == 2


def test_a_deleted_prediction_leaves_its_history(suite: CommandLine) -> None:
    assert suite("delete", "nobody", "--yes").code == 2
    gone = suite("delete", "churn-28d", "--yes", "--json").ok().document
    assert gone == {"name": "churn-28d", "models": 0, "runs": 0, "archives": 0}
    assert suite("list", "--json").ok().document["predictions"] == []
    assert suite("show", "churn-28d").code == 2
    changes = suite("history", "churn-28d", "--json").ok().document["changes"]
    assert [change["kind"] for change in changes] == ["deleted", "state", "created"]


@pytest.mark.parametrize("command", [("train",), ("score",), ("evaluate",)])
def test_an_archived_prediction_is_not_updated(suite: CommandLine, command: tuple[str]) -> None:
    suite("state", "churn-28d", "archived").ok()
    refused = suite(*command, "churn-28d")
    assert refused.code == 2
    assert "is archived" in refused.err
    assert "predictive state churn-28d active" in refused.err
