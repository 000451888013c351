from __future__ import annotations

import json
import subprocess
import sys

import pytest

from predictive.cli import main
from predictive.cli.failures import report_failure
from predictive.errors import Conflict, Failure, InvalidInput, NotFound
from tests.predictive.cli.runner import CommandLine


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput("target.within_days", 400, "1 to 365"), 2),
        (NotFound("prediction", "churm", ["churn"]), 2),
        (Conflict("There are newer scores."), 2),
        (Failure("The disk is gone."), 1),
        (OSError(28, "No space left on device"), 1),
        (RuntimeError("odd"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_people_get_one_line_and_programs_one_document(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_failure(error, as_json=False) == code
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.splitlines()[-1].startswith("Error: ")
    assert report_failure(error, as_json=True) == code
    assert json.loads(capsys.readouterr().out)["error"]["message"]


def test_the_unforeseen_leaves_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    report_failure(RuntimeError("odd"), as_json=False)
    assert "RuntimeError: odd" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["train"],
        ["train", "x", "--sed", "1"],
        ["train", "x", "--seed", "many"],
        ["train", "x", "--seed", "-1"],
        ["import", "events", "f.csv", "--user", "u"],
        ["keys"],
    ],
)
def test_wrong_usage_is_exit_2(predictive: CommandLine, arguments: list[str]) -> None:
    ran = predictive(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert "--help" in ran.err
    in_json = predictive(*arguments, "--json")
    assert in_json.code == 2
    assert in_json.document["error"]["code"] == "usage"


def test_a_wrong_moment_names_the_option(predictive: CommandLine) -> None:
    ran = predictive("train", "x", "--as-of", "soon", "--json")
    assert ran.code == 2
    assert ran.document["error"]["field"] == "--as-of"


def test_no_workspace_says_how_to_name_one(predictive: CommandLine) -> None:
    ran = predictive.bare("list")
    assert ran.code == 2
    assert "PREDICTIVE_WORKSPACE" in ran.err


def test_without_a_command_the_help_is_shown(predictive: CommandLine) -> None:
    ran = predictive.bare()
    assert ran.code == 0
    assert "Commands:" in ran.out


def test_help_reaches_nothing_heavy() -> None:
    heavy = ["dbos", "duckdb", "ibis", "lightgbm", "mlflow", "numpy", "pyarrow", "sqlalchemy"]
    script = (
        "import sys\n"
        "from predictive.cli.main import exit_code\n"
        "exit_code(['train', '--help'])\n"
        f"sys.exit(','.join(set({heavy}) & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.stderr.strip() == ""
    assert "--as-of" in ran.stdout


def test_every_command_explains_itself(predictive: CommandLine) -> None:
    names = main.typer.main.get_command(main.app).list_commands(None)  # type: ignore[attr-defined]
    for name in names:
        ran = predictive.bare(name, "--help").ok()
        assert ran.out.startswith(f"Usage: predictive {name}")


def test_every_command_takes_json_and_workspace(predictive: CommandLine) -> None:
    commands = [
        *("init", "apply", "estimate", "list", "show", "train", "score", "evaluate"),
        *("simulate", "serve", "worker"),
        *("import events", "import users", "keys create", "keys list", "keys revoke"),
        "users delete",
    ]
    for command in commands:
        usage = predictive.bare(*command.split(), "--help").ok().out
        assert "--json" in usage, command
        assert "--workspace" in usage, command
