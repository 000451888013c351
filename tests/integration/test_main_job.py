"""From files to scores, as people and programs do it: on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.shop import START, Shop, make_shop

PREDICTIVE = Path(sys.executable).with_name("predictive")
AS_OF = START + timedelta(days=90)
CHURN = """
name: churn-14d
kind: churn
target: {within_days: 14, all: [{did_not: purchase}]}
audience: {all: [{did: purchase, at_least: 1, within_days: 60}]}
"""
PURCHASE = """
name: big-order-7d
kind: purchase
target:
  within_days: 7
  any:
    - {did: purchase, where: [{property: amount, gte: 40}]}
    - {aggregate: sum, event: purchase, of: amount, gte: 80}
audience: {any: [{attribute: country, in: [GB, FR]}, {did: visit, within_days: 30}]}
"""


def predictive(workspace: Path, *arguments: str, exit_code: int = 0) -> dict:
    """The JSON answer of a command."""
    finished = subprocess.run(
        [PREDICTIVE, *arguments, "--workspace", workspace, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == exit_code, finished.stderr + finished.stdout
    return json.loads(finished.stdout)


def load(workspace: Path, shop: Shop, *more: str) -> None:
    """Make a workspace with a shop's history in it."""
    events, facts = shop.write(workspace.parent / f"{workspace.name}-files")
    predictive(workspace, "init")
    predictive(
        workspace,
        *("import", "events", str(events), "--user", "customer", "--time", "when"),
        *("--event", "what", "--amount", "total", "--properties", "all", *more),
    )
    predictive(workspace, "import", "users", str(facts), "--user", "customer", "--time", "when")
    for text in (CHURN, PURCHASE):
        file = workspace.parent / f"{workspace.name}.yaml"
        file.write_text(text, encoding="utf-8")
        predictive(workspace, "apply", str(file))


def scored(workspace: Path, name: str, *arguments: str) -> tuple[dict, pd.DataFrame]:
    """Train and score as of the moment; the report and the scores."""
    out = workspace.parent / f"{workspace.name}-{name}.parquet"
    report = predictive(workspace, "train", name, "--as-of", AS_OF.isoformat(), *arguments)
    predictive(workspace, "score", name, "--as-of", AS_OF.isoformat(), "--out", str(out))
    return report, pd.read_parquet(out).sort_values("user_id", ignore_index=True)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="module")
def whole(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the whole history; its future is full of surprises."""
    future = shop.events["when"] >= AS_OF
    surprising = shop.events.copy()
    surprising.loc[future & (surprising["what"] == "visit"), "what"] = "unheard-of"
    surprising.loc[future, "only_later"] = 1.0
    surprising.loc[future & surprising["total"].notna(), "total"] *= 1000
    facts = shop.facts.copy()
    facts.loc[facts["when"] >= AS_OF, "country"] = "Atlantis"
    facts.loc[facts["when"] >= AS_OF, "planet"] = "Mars"
    workspace = tmp_path_factory.mktemp("whole") / "workspace"
    load(workspace, Shop(surprising, facts))
    return workspace


@pytest.fixture(scope="module")
def cut(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the history up to the moment, and nothing of what came later."""
    workspace = tmp_path_factory.mktemp("cut") / "workspace"
    load(workspace, shop.before(AS_OF), "--complete-through", AS_OF.isoformat())
    return workspace


@pytest.mark.slow
@pytest.mark.parametrize("name", ["churn-14d", "big-order-7d"])
def test_the_future_changes_nothing(whole: Path, cut: Path, name: str):
    report, scores = scored(whole, name)
    same_report, same_scores = scored(cut, name)
    pd.testing.assert_frame_equal(scores, same_scores, check_exact=True)
    for key in ("quality", "auc", "folds", "candidates", "counts", "snapshots", "base_rate"):
        assert report[key] == same_report[key], key


@pytest.mark.slow
def test_the_report_has_what_is_promised(whole: Path):
    report, scores = scored(whole, "churn-14d", "--seed", "7")
    assert {"value", "low", "high", "label"} <= report["quality"].keys()
    for measure in (
        *("auc", "average_precision", "brier", "log_loss", "ece", "lift_top_decile"),
        *("mean_lift_quality", "n", "positives", "model_version", "chosen"),
    ):
        assert report[measure] is not None, measure
    assert {"slope", "observed_expected", "ece", "ece_perfect"} <= report["calibration"].keys()
    assert {"as_of", "n", "positives", "quality", "auc"} <= report["folds"][0].keys()
    assert report["seed"] == 7
    # Whoever buys at a rate of his own and then stops can be told apart from the others.
    assert report["quality"]["low"] > 10
    assert list(scores.columns) == ["user_id", "probability", "score", "category"]
    assert scores["score"].between(0, 100).all()
    assert ((scores["category"] == "high") == (scores["score"] >= 75)).all()
    assert ((scores["category"] == "low") == (scores["score"] < 50)).all()


@pytest.mark.slow
def test_a_matured_run_is_compared_with_what_happened(shop: Shop, whole: Path):
    _, scores = scored(whole, "churn-14d")
    report = predictive(whole, "evaluate", "churn-14d")
    buyers = shop.events[
        (shop.events["what"] == "purchase")
        & (shop.events["when"] >= AS_OF)
        & (shop.events["when"] < AS_OF + timedelta(days=14))
    ]["customer"]
    churned = ~scores["user_id"].isin(buyers)
    assert report["actual"]["positives"] == churned.sum()
    assert report["expected"].keys() == report["actual"].keys()
    for matrix in report["confusion_matrices"]:
        reached = scores["score"] >= matrix["threshold"]
        assert matrix["actual"]["true_positives"] == (reached & churned).sum()
        assert matrix["actual"]["true_negatives"] == (~reached & ~churned).sum()
    for row in report["true_positives"]:
        reached = scores["score"] >= row["threshold"]
        assert row["expected"]["value"] == pytest.approx(scores["probability"][reached].sum())
        assert row["actual"] == (reached & churned).sum()


@pytest.mark.slow
def test_a_simulation_adds_up_the_published_scores(whole: Path):
    _, scores = scored(whole, "churn-14d")
    answer = predictive(
        whole,
        *("simulate", "churn-14d", "--min-score", "60", "--conversion-value", "30"),
        *("--share-caused", "0.2", "--message-cost", "0.5"),
    )
    reached = scores[scores["score"] >= 60]
    assert answer["reached"] == len(reached)
    hits = reached["probability"].sum()
    assert answer["expected_true_positives"]["value"] == pytest.approx(hits)
    assert answer["true_positive_share"]["value"] == pytest.approx(
        hits / scores["probability"].sum()
    )
    assert answer["money"]["profit"]["value"] == pytest.approx(0.2 * 30 * hits - 0.5 * len(reached))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("train", "nobody"), "prediction"),
        (("train", "churn-14d", "--as-of", "2099-01-01"), "as_of"),
        (("estimate", "churn-14d", "--as-of", "2099-01-01"), "as_of"),
        (("evaluate", "churn-14d", "--run", "none-such"), "scoring run"),
    ],
)
def test_bad_input_is_named_and_exits_with_two(cut: Path, arguments, field):
    error = predictive(cut, *arguments, exit_code=2)["error"]
    assert error["field"] == field
    assert error["message"]


def test_too_little_history_says_what_is_needed(cut: Path, tmp_path: Path):
    file = tmp_path / "long.yaml"
    file.write_text(
        "{name: long, kind: churn, target: {within_days: 60, all: [{did_not: purchase}]}}"
    )
    predictive(cut, "apply", str(file))
    error = predictive(cut, "train", "long", exit_code=2)["error"]
    assert error["code"] == "insufficient_data"
    assert "180 days" in error["message"]
