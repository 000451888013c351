"""The commands, on a workspace with published scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from predictive.cli.main import exit_code
from predictive.workspace import Workspace
from tests.predictive.segments.conftest import Publish

SEGMENT = "name: at-risk\ndescription: Likely to leave.\nall: [{prediction: churn-28d, gte: 75}]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "segment.yaml"
    file.write_text(SEGMENT)
    return file


def test_the_commands_of_a_segment_from_counting_to_deleting(
    workspace: Workspace,
    publish: Publish,
    file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish({"anna": 90.0, "ben": 80.0, "cleo": 10.0})

    def run(*arguments: object) -> Any:
        folder = ["--workspace", str(workspace.path)]
        code = exit_code(["segments", *map(str, arguments), *folder, "--json"])
        assert code == 0
        return json.loads(capsys.readouterr().out)

    assert run("count", file)["users"] == 2
    assert run("list") == {"segments": []}
    saved = run("save", file)
    assert (saved["change"], saved["created_by"]) == ("created", "command line")
    assert [one["name"] for one in run("list")["segments"]] == ["at-risk"]
    out = tmp_path / "members.parquet"
    assert run("members", "at-risk", "--out", out)["users"] == 2
    assert pq.read_table(out).to_pylist() == [
        {"user_id": "anna", "score:churn-28d": 90.0},
        {"user_id": "ben", "score:churn-28d": 80.0},
    ]
    publish({"anna": 90.0, "cleo": 80.0})
    changes = run("changes", "at-risk", "--since", saved["created_at"])
    assert (changes["entered"]["user_ids"], changes["left"]["user_ids"]) == (["cleo"], ["ben"])
    assert run("delete", "at-risk")["deleted"] is True
    assert run("list") == {"segments": []}


def test_people_read_sentences(
    workspace: Workspace, publish: Publish, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish({"anna": 90.0, "ben": 80.0})
    folder = ["--workspace", str(workspace.path)]
    for arguments in (["list"], ["count", str(file)], ["save", str(file)], ["list"]):
        assert exit_code(["segments", *arguments, *folder]) == 0
    told = capsys.readouterr().out
    assert "There is no segment yet" in told
    assert "2 people" in told
    assert "Likely to leave." in told


def test_a_wrong_file_is_one_error(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--workspace", str(workspace.path)]
    assert exit_code(["segments", "save", str(tmp_path / "none.yaml"), *folder]) == 2
    assert "none.yaml" in capsys.readouterr().err
