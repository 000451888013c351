"""The main job as a person walks it, and what follows on from it.

What the numbers must be is asserted in ``tests/integration/test_main_job.py``.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.predictive.cli.runner import CommandLine
from tests.shop import START, make_shop

AS_OF = START + timedelta(days=90)
#: A customer who bought in the fortnight before, and so is scored.
SCORED = "c0276"
DEFINITION = """
name: churn-14d
kind: churn
target: {within_days: 14, all: [{did_not: purchase}]}
"""

pytestmark = [
    pytest.mark.slow,
    # Ibis calls DuckDB by older names, MLflow SQLAlchemy; ends with releases that do not.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("walk")
    make_shop(300, 120).write(made)
    (made / "churn.yaml").write_text(DEFINITION)
    return made


@pytest.fixture
def suite(folder: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The same workspace for every test here: they walk on from each other."""
    return CommandLine(folder / "workspace", capsys)


def document(suite: CommandLine, *arguments: object) -> dict[str, Any]:
    return suite(*arguments, "--json").ok().document


def read(suite: CommandLine, *arguments: object) -> str:
    """What a person reads, its columns closed up."""
    return " ".join(suite(*arguments).ok().out.split())


def test_the_main_job_as_people_see_it(suite: CommandLine, folder: Path) -> None:
    assert "Workspace made" in read(suite, "init")
    events = ["import", "events", folder / "events.csv", "--user", "customer", "--time", "when"]
    mapping = ["--event", "what", "--amount", "total", "--properties", "all"]
    imported = suite(*events, *mapping).ok()
    assert "Reading" in imported.err
    assert "Imported 0 events" in read(suite, *events, *mapping)
    users = ["import", "users", folder / "facts.csv", "--user", "customer", "--time", "when"]
    assert "Imported 600 attributes" in read(suite, *users)
    assert "churn-14d created" in read(suite, "apply", folder / "churn.yaml")
    assert "churn-14d unchanged" in read(suite, "apply", folder / "churn.yaml")
    assert "not trained" in read(suite, "list")
    as_of = ["churn-14d", "--as-of", AS_OF.date()]
    assert "History holds enough to train." in read(suite, "estimate", *as_of)
    trained = read(suite, "train", *as_of)
    assert "trained as of 2024-03-31, model version 1" in trained
    assert "95 % interval" in trained
    assert "customers scored and published" in read(suite, "score", *as_of)
    assert "who will churn █" in read(suite, "simulate", "churn-14d", "--top-share", "0.2")
    assert "More of them churned × average" in read(suite, "why", "churn-14d")
    assert "1 of 1 runs have matured" in read(suite, "evaluate", "churn-14d")
    assert "not trained" not in read(suite, "list")
    assert "within_days: 14" in read(suite, "show", "churn-14d")


def test_errors_after_the_walk(suite: CommandLine, folder: Path) -> None:
    for arguments, field in [
        (["show", "churn-14"], "prediction"),
        (["evaluate", "churn-14d", "--run", "nix"], "scoring run"),
        (["train", "churn-14d", "--as-of", "2020-01-01"], "as_of"),
        (["estimate", "churn-14d", "--as-of", "2024-01-20"], "target.within_days"),
        (["simulate", "churn-14d"], "selection"),
        (["why", "churn-14"], "prediction"),
        (["why", "churn-14d", "--user", "nobody"], "user_id"),
        (["simulate", "churn-14d", "--min-score", "101"], "--min-score"),
        (["simulate", "churn-14d", "--top-share", "0.1", "--budget", "9"], "selection"),
        (["simulate", "churn-14d", "--budget", "9"], "--budget"),
        (["simulate", "churn-14d", "--min-score", "75", "--message-cost", "-1"], "--message-cost"),
        (["import", "users", folder / "facts.csv", "--user", "custmer"], "user"),
        (["users", "delete", "nobody"], "user"),
        (["keys", "revoke", "nix"], "API key"),
        (["keys", "create", "--scope", "raed"], "scopes"),
    ]:
        ran = suite(*arguments, "--json")
        assert ran.code == 2, arguments
        assert ran.document["error"]["field"] == field, arguments


def test_scores_older_than_the_published_ones_are_refused_before_any_work(
    suite: CommandLine,
) -> None:
    earlier = (AS_OF - timedelta(days=7)).date()
    refused = suite("score", "churn-14d", "--as-of", earlier, "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "conflict")
    assert "has newer ones, as of 2024-03-31" in refused.document["error"]["message"]
    assert "Scoring" not in refused.err


def test_a_budget_limits_a_score_range(suite: CommandLine) -> None:
    everybody = document(suite, "simulate", "churn-14d", "--min-score", "20")
    limited = document(
        suite,
        *["simulate", "churn-14d", "--min-score", "20", "--budget", "5"],
        *["--message-cost", "0.5", "--conversion-value", "20"],
    )
    assert limited["reached"] == 10 < everybody["reached"]
    assert limited["money"]["cost"] == pytest.approx(5)
    assert limited["best"]["threshold"] is not None


def test_reasons_of_one_customer(suite: CommandLine) -> None:
    found = document(suite, "why", "churn-14d", "--user", SCORED)
    total = found["base_log_odds"] + sum(each["log_odds"] for each in found["reasons"])
    assert total == pytest.approx(found["log_odds"])
    told = read(suite, "why", "churn-14d", "--user", SCORED)
    assert f"customer {SCORED}" in told
    assert found["reasons"][0]["words"] in told


def test_a_key_works_until_it_is_revoked(suite: CommandLine) -> None:
    made = document(suite, "keys", "create", "laptop", "--scope", "read,simulate")
    assert made["secret"].startswith("pk_")
    assert made["scopes"] == ["read", "simulate"]
    listed = document(suite, "keys", "list")["keys"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert made["secret"] not in json.dumps(listed)
    document(suite, "keys", "revoke", made["id"])
    assert document(suite, "keys", "list")["keys"][0]["revoked_at"]
    assert made["secret"] not in suite("keys", "list").ok().out


def test_a_deleted_user_is_gone(suite: CommandLine) -> None:
    removed = document(suite, "users", "delete", "c0000")
    assert removed["user_id"] == "c0000"
    assert removed["events"] > 0
    assert removed["attributes"] == 2
    assert suite("users", "delete", "c0000").code == 2
