"""The main job on the command line: from a file of orders to scores, checked against truth."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.predictive.cli.runner import CommandLine

START = datetime(2023, 1, 1, tzinfo=UTC)
AS_OF = "2023-11-20"
DAYS = 355
USERS = 500
DEFINITION = """
name: churn-28d
kind: churn
target:
  within_days: 28
  all: [{did_not: purchase}]
audience:
  any: [{attribute: country, in: [GB, FR]}, {did: purchase, at_least: 1}]
"""
MAPPING = ["--user", "customer", "--time", "at", "--event-name", "purchase", "--amount", "total"]

pytestmark = pytest.mark.slow


def write_orders(file: Path) -> int:
    """Orders of customers who buy at their own pace and leave one day."""
    random = np.random.default_rng(3)
    rows = []
    for user in range(USERS):
        pace, day = random.gamma(2, 12), random.uniform(0, 60)
        leaves = day + random.exponential(250)
        while day < min(leaves, DAYS):
            at = START + timedelta(days=float(day))
            rows.append([f"u{user}", at.isoformat(), f"{random.gamma(2, 15):.2f}"])
            day += random.exponential(pace)
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([["customer", "at", "total"], *rows])
    return len(rows)


def write_customers(file: Path) -> None:
    rows = [[f"u{user}", ["GB", "FR", "DE"][user % 3]] for user in range(USERS)]
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([["customer", "country"], *rows])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("walk")
    write_customers(made / "customers.csv")
    (made / "churn.yaml").write_text(DEFINITION)
    return made


@pytest.fixture
def suite(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[CommandLine]:
    yield CommandLine(folder / "workspace", capsys)


def document(suite: CommandLine, *arguments: object) -> dict[str, Any]:
    return suite(*arguments, "--json").ok().document


def test_the_main_job(suite: CommandLine, folder: Path) -> None:
    orders = folder / "orders.csv"
    rows = write_orders(orders)
    assert document(suite, "init")["workspace"] == str(suite.workspace)
    assert document(suite, "import", "events", orders, *MAPPING)["imported"] == rows
    assert document(suite, "import", "events", orders, *MAPPING)["imported"] == 0
    customers = folder / "customers.csv"
    assert document(suite, "import", "users", customers, "--user", "customer")["imported"] == USERS
    assert document(suite, "apply", folder / "churn.yaml")["change"] == "created"
    assert document(suite, "apply", folder / "churn.yaml")["change"] == "unchanged"

    estimate = document(suite, "estimate", "churn-28d", "--as-of", AS_OF)
    assert estimate["enough"] is True
    trained = document(suite, "train", "churn-28d", "--as-of", AS_OF, "--seed", "5")
    check_training_report(trained)
    assert sum(test["positives"] for test in estimate["tests"]) == trained["positives"]

    out = folder / "scores.parquet"
    scored = document(suite, "score", "churn-28d", "--as-of", AS_OF, "--out", out)
    table = pq.read_table(out)
    assert table.column_names == ["user_id", "probability", "score", "category"]
    assert table.num_rows == scored["users"] == estimate["audience"]
    assert table["probability"].to_numpy().sum() == pytest.approx(scored["expected_positives"])

    simulated = document(suite, "simulate", "churn-28d", "--min-score", "50")
    above = table.filter(table["score"].to_numpy() >= 50)
    assert simulated["reached"] == above.num_rows
    hits = simulated["expected_true_positives"]
    assert hits["value"] == pytest.approx(above["probability"].to_numpy().sum())
    check_evaluation(document(suite, "evaluate", "churn-28d"), trained, scored)
    check_what_people_read(suite)


def check_training_report(report: dict[str, Any]) -> None:
    assert {"value", "low", "high", "label"} <= report["quality"].keys()
    measures = ["auc", "average_precision", "brier", "log_loss", "ece", "lift_top_decile"]
    for measure in [*measures, "mean_lift_quality"]:
        assert isinstance(report[measure], float), measure
    calibration = {"slope", "observed_expected", "ece", "ece_perfect"}
    assert calibration <= report["calibration"].keys()
    for fold in report["folds"]:
        assert {"as_of", "n", "positives", "quality", "auc"} <= fold.keys()
        assert datetime.fromisoformat(fold["as_of"]).utcoffset() == timedelta(0)
    assert report["n"] == sum(fold["n"] for fold in report["folds"])
    assert report["candidates"]
    assert report["chosen"]
    assert report["model_version"] == 1
    assert report["seed"] == 5
    assert report["quality"]["value"] > 10


def check_evaluation(
    report: dict[str, Any], trained: dict[str, Any], scored: dict[str, Any]
) -> None:
    assert report["run_id"] == scored["run_id"]
    assert report["expected"].keys() == report["actual"].keys()
    assert report["expected"]["quality"] == trained["quality"]
    assert report["actual"]["n"] == scored["users"]
    assert [matrix["threshold"] for matrix in report["confusion_matrices"]] == [50, 75]
    for row, matrix in zip(report["true_positives"], report["confusion_matrices"], strict=True):
        assert row["actual"] == matrix["actual"]["true_positives"]
        assert row["expected"]["low"] <= row["expected"]["value"] <= row["expected"]["high"]


def check_what_people_read(suite: CommandLine) -> None:
    assert "churn-28d" in suite("list").ok().out
    assert "within_days: 28" in suite("show", "churn-28d").ok().out
    assert "Actual Prediction Quality" in suite("evaluate", "churn-28d").ok().out
    simulated = suite("simulate", "churn-28d", "--top-share", "0.1").ok()
    assert "who will churn" in simulated.out
    assert simulated.err == ""


def test_errors_after_the_walk(suite: CommandLine, folder: Path) -> None:
    for arguments, field in [
        (["show", "churn-28"], "prediction"),
        (["evaluate", "churn-28d", "--run", "nix"], "run"),
        (["train", "churn-28d", "--as-of", "2020-01-01"], "as_of"),
        (["estimate", "churn-28d", "--as-of", "2023-01-20"], "target.within_days"),
        (["simulate", "churn-28d"], "selection"),
        (["simulate", "churn-28d", "--min-score", "101"], "--min-score"),
        (["simulate", "churn-28d", "--top-share", "0.1", "--budget", "9"], "selection"),
        (["simulate", "churn-28d", "--budget", "9"], "--budget"),
        (["simulate", "churn-28d", "--min-score", "75", "--message-cost", "-1"], "--message-cost"),
        (["import", "users", folder / "customers.csv", "--user", "custmer"], "user"),
        (["users", "delete", "nobody"], "user"),
        (["keys", "revoke", "nix"], "API key"),
        (["keys", "create", "--scope", "raed"], "scopes"),
    ]:
        ran = suite(*arguments, "--json")
        assert ran.code == 2, arguments
        assert ran.document["error"]["field"] == field, arguments


def test_a_budget_limits_a_score_range(suite: CommandLine) -> None:
    everybody = document(suite, "simulate", "churn-28d", "--min-score", "50")
    limited = document(
        suite,
        *["simulate", "churn-28d", "--min-score", "50", "--budget", "5"],
        *["--message-cost", "0.5", "--conversion-value", "20"],
    )
    assert limited["reached"] == 10 < everybody["reached"]
    assert limited["money"]["cost"] == pytest.approx(5)
    assert limited["best"]["best_threshold"] is not None


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
    removed = document(suite, "users", "delete", "u0")
    assert removed["user_id"] == "u0"
    assert removed["events"] > 0
    assert removed["attributes"] == 1
    assert suite("users", "delete", "u0").code == 2
