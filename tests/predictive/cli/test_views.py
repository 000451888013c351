"""What people read, from reports that the evaluation really makes."""

from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from evaluation.bands import score_bands
from evaluation.confusion import confusion_matrix
from evaluation.folds import Fold
from evaluation.histogram import ScoreHistogram
from evaluation.money import Money
from evaluation.profit import profit_curve
from evaluation.report import quality_report
from evaluation.selection import Selection
from evaluation.shift import ShiftVariance
from evaluation.simulation import simulate
from predictive.cli.session import View
from predictive.cli.views.estimate import view_estimate
from predictive.cli.views.evaluation import view_evaluation
from predictive.cli.views.importing import view_events
from predictive.cli.views.keys import view_keys
from predictive.cli.views.layout import BAR_CELLS
from predictive.cli.views.predictions import view_list, view_prediction
from predictive.cli.views.scoring import view_scoring
from predictive.cli.views.simulation import view_simulation
from predictive.cli.views.training import view_training
from predictive.cli.views.words import interval, moment, money, on_screen

AS_OF = "2024-03-01T00:00:00+00:00"


def seen(view: View, report: dict[str, Any], width: int = 200) -> str:
    """The text of a view, its columns closed up."""
    console = Console(file=StringIO(), width=width)
    view(console, report)
    file = console.file
    assert isinstance(file, StringIO)
    return "\n".join(" ".join(line.split()) for line in file.getvalue().splitlines())


def probabilities(size: int = 2000) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(7).beta(1, 4, size)


def folds(count: int = 3) -> list[Fold]:
    made = []
    for seed in range(count):
        p = probabilities()
        labels = np.random.default_rng(seed).random(len(p)) < p
        made.append(Fold(labels, p, np.arange(len(p))))
    return made


def quality_of(count: int = 3) -> dict[str, Any]:
    moments = [f"2023-{month:02d}-01T00:00:00+00:00" for month in range(1, count + 1)]
    return quality_report(folds(count), moments)


def training_report(**changes: Any) -> dict[str, Any]:
    return (
        quality_of()
        | {
            "prediction": "churn-28d",
            "kind": "churn",
            "window_days": 28,
            "as_of": AS_OF,
            "model_version": 3,
            "selection": "out-of-time",
            "chosen": "blend",
            "promoted": True,
            "promotion_reason": "Better on 5 of 5 tests.",
            "data_broken": False,
            "leakage": [],
            "candidates": [
                {"name": "boosted", "weight": 0.4, "quality": [60.0, 62.0, 64.0]},
                {"name": "logistic", "weight": 0.6, "quality": [61.0, 61.0, 61.0]},
            ],
        }
        | changes
    )


def simulation_report(
    selection: Selection, prices: Money | None = None, shift: ShiftVariance | None = None
) -> dict[str, Any]:
    p = probabilities()
    histogram = ScoreHistogram.from_scores(np.round(100 * p, 2), p)
    simulated = simulate(histogram, selection=selection, money=prices, shift=shift)
    named = {"prediction": "buy-7d", "kind": "purchase", "as_of": AS_OF, "users": len(p)}
    named["segment"] = None
    return named | simulated.to_dict() | best_of(histogram, prices)


def best_of(histogram: ScoreHistogram, prices: Money | None) -> dict[str, Any]:
    if prices is None:
        return {}
    curve = profit_curve(histogram, prices)
    flat = {"flat_from": curve.flat_from, "flat_to": curve.flat_to}
    return {"best": {"threshold": curve.best_threshold, "profit": curve.best_profit} | flat}


def test_training_leads_with_quality_interval_and_label() -> None:
    report = training_report()
    text = seen(view_training, report)
    quality = report["quality"]
    assert text.splitlines()[1] == "churn-28d trained as of 2024-03-01, model version 3"
    assert f"Prediction Quality {quality['value']:.0f} {quality['label']}" in text
    assert f"95 % interval {quality['low']:.0f} to {quality['high']:.0f}" in text
    assert (
        "Tested on 3 past periods of 28 days that the model had not seen: 6,000 customers, each "
        f"counted in every period, {report['positives']:,} of them churned."
    ) in text
    assert text.count("2023-") == 3
    assert "boosted 62 0.40" in text
    assert "logistic 61 0.60" in text
    assert "predictive score churn-28d" in text
    assert "cross-validation" not in text


def test_training_says_whether_the_version_scores_from_now_on() -> None:
    assert "It is champion now. Better on 5 of 5 tests." in seen(view_training, training_report())
    assert "champion" not in seen(view_training, training_report(model_version=1))
    kept = training_report(promoted=False, promotion_reason="Worse beyond chance.")
    assert "The champion stays. Worse beyond chance." in seen(view_training, kept)


def test_training_says_when_history_was_short() -> None:
    assert "cross-validation" in seen(view_training, training_report(selection="cross-validation"))


def test_quality_below_chance_is_shown_as_0_with_its_label() -> None:
    worse = {"value": -8.2, "low": -20.0, "high": 4.0, "label": "poor"}
    text = seen(view_training, training_report(quality=worse))
    assert "Prediction Quality 0 poor" in text
    assert "█" not in text.splitlines()[4]


def test_a_quality_without_interval_shows_none() -> None:
    bare = {"value": 40.0, "low": None, "high": None, "label": "good"}
    assert "95 % interval" not in seen(view_training, training_report(quality=bare))


def test_the_green_and_the_red_bar_are_as_long_as_their_shares() -> None:
    report = simulation_report(Selection(min_score=30))
    lines = seen(view_simulation, report).splitlines()
    green, red = (next(line for line in lines if line.startswith(start)) for start in BARS)
    assert green.count("█") == round(BAR_CELLS * report["true_positive_share"]["value"])
    assert red.count("█") == round(BAR_CELLS * report["false_positive_share"]["value"])
    assert green.count("█") > red.count("█") > 0


BARS = ("who will buy", "who will not buy")


def test_the_bars_are_green_and_red() -> None:
    console = Console(file=StringIO(), force_terminal=True, color_system="standard", width=100)
    view_simulation(console, simulation_report(Selection(min_score=30)))
    file = console.file
    assert isinstance(file, StringIO)
    assert "\x1b[32m█" in file.getvalue()
    assert "\x1b[31m█" in file.getvalue()


def test_a_terminal_without_blocks_gets_other_bars() -> None:
    file = TextIOWrapper(BytesIO(), encoding="ascii", errors="replace")
    view_simulation(Console(file=file, width=100), simulation_report(Selection(min_score=30)))
    file.flush()
    buffer = file.buffer
    assert isinstance(buffer, BytesIO)
    green = next(
        line for line in buffer.getvalue().splitlines() if line.startswith(b"who will buy")
    )
    assert green.count(b"#") + green.count(b"-") == BAR_CELLS


def test_a_simulation_tells_reach_interval_and_money() -> None:
    prices = Money(40.0, message_cost=0.5)
    report = simulation_report(Selection(min_score=30), prices, ShiftVariance(0.01, 4))
    text = seen(view_simulation, report)
    hits = report["expected_true_positives"]
    assert f"reach {report['reached']:,} customers" in text
    assert f"95 % interval {interval(hits)}, from chance and change between snapshots" in text
    assert f"profit {money(report['money']['profit']['value'])} (95 % interval" in text
    assert f"best threshold {report['best']['threshold']:g} with profit" in text


def test_prices_that_never_pay_advise_to_send_nothing() -> None:
    text = seen(view_simulation, simulation_report(Selection(min_score=30), Money(1.0, 1.0, 9.0)))
    assert "send nothing" in text


def test_without_a_value_only_the_cost_is_told() -> None:
    text = seen(view_simulation, simulation_report(Selection(min_score=30), Money(0.0, 1.0, 0.5)))
    assert "profit" not in text.replace("tells the profit", "")
    assert "cost" in text


def test_nobody_reached_is_said() -> None:
    report = simulation_report(Selection(min_score=100))
    highest = f"{report['highest_score']:g}"
    text = seen(view_simulation, report)
    assert f"No customer scores 100 or more; the highest score is {highest}." in text
    assert f"--min-score {highest} or less" in text
    below = simulation_report(Selection(min_score=0, max_score=0.01))
    assert f"scores go from {below['lowest_score']:g} to {highest}" in seen(view_simulation, below)
    assert "raise --messages" in seen(view_simulation, simulation_report(Selection(messages=0)))
    nobody = report | {"nobody_because": "no_users", "lowest_score": None, "highest_score": None}
    assert "choose another segment" in seen(view_simulation, nobody)


def test_churn_says_that_a_score_is_no_uplift() -> None:
    report = simulation_report(Selection(top_share=0.1))
    assert "not whom a message would keep" not in seen(view_simulation, report)
    assert "not whom a message would keep" in seen(view_simulation, report | {"kind": "churn"})


def test_evaluation_puts_the_promise_beside_what_came() -> None:
    fold = folds(1)[0]
    scores = np.round(100 * fold.probabilities, 2)
    bound = 50.0
    report = {
        "prediction": "churn-28d",
        "run_id": "r1",
        "as_of": AS_OF,
        "runs": 4,
        "matured": 3,
        "expected": quality_of(),
        "actual": quality_of(1),
        "confusion_matrices": [
            {"threshold": bound, "actual": confusion_matrix(fold.labels, scores, bound).to_dict()}
        ],
        "true_positives": [
            {
                "threshold": bound,
                "reached": 70,
                "expected": {"value": 41.2, "low": 30.0, "high": 52.0},
                "actual": 44,
            }
        ],
        "bands": [
            band.to_dict()
            for band in score_bands(fold.labels, fold.probabilities, scores, (0, 50, 75, 100))
        ],
    }
    text = seen(view_evaluation, report)
    matrix = confusion_matrix(fold.labels, scores, bound)
    assert "run r1; 3 of 4 runs have matured" in text
    assert "50 70 41 30 to 52 44" in text
    assert f"reached {matrix.true_positives} {matrix.false_positives}" in text
    assert "0 to 50" in text


def test_scoring_explains_an_empty_category() -> None:
    report = {
        "prediction": "churn-28d",
        "as_of": AS_OF,
        "model_version": 1,
        "run_id": "r1",
        "users": 100,
        "expected_positives": 12.3,
        "categories": {"low": 60, "medium": 40, "high": 0},
        "out": None,
    }
    text = seen(view_scoring, report)
    assert "medium 40 40.0 %" in text
    assert "three times the average odds" in text


def test_estimate_says_what_is_missing() -> None:
    counts = {"positives": 40, "negatives": 900, "minimum": 50}
    report = {
        "prediction": "churn-28d",
        "as_of": AS_OF,
        "window_days": 28,
        "audience": 1000,
        "training": counts,
        "tests": [counts | {"as_of": AS_OF}],
        "enough": False,
        "problem": "target is '40 positives'.",
    }
    text = seen(view_estimate, report)
    assert "in training 40 900 50" in text
    assert "Not enough to train: target is '40 positives'." in text
    assert "predictive train" not in text
    assert "predictive train" in seen(view_estimate, report | {"enough": True})


def test_an_import_shows_what_was_refused() -> None:
    report = {
        "rows": 1000,
        "imported": 900,
        "duplicates": 90,
        "rejected": {"empty user id": 8, "unreadable time": 2},
        "examples": [{"reason": "unreadable time", "file": "f.csv", "row": {"t": "[bold]x"}}],
        "rejects_file": "rejects/1.jsonl",
        "first_time": AS_OF,
        "last_time": AS_OF,
        "data_end": AS_OF,
        "grouped_rows": None,
        "unpaid_orders": 3,
        "refunds": 0,
        "unpaid_lines": 0,
        "properties_left_out": ["wide"],
    }
    text = seen(view_events, report)
    assert "Imported 900 events from 1,000 rows" in text
    assert "empty user id 8" in text
    assert "Refused 10 rows:" in text
    assert 'unreadable time: {"t": "[bold]x"}' in text
    assert "3 kept with amount 0" in text
    assert "refunds" not in text
    assert "Not kept as properties: wide" in text


@pytest.mark.parametrize("trained", [True, False])
def test_predictions_are_listed_and_shown(trained: bool) -> None:
    quality = {"value": 61.0, "low": 55.0, "high": 67.0, "label": "excellent"}
    prediction: dict[str, Any] = {
        "name": "churn-28d",
        "kind": "churn",
        "state": "active" if trained else "draft",
        "window_days": 28,
        "definition_version": 2,
        "definition": "name: churn-28d\n",
        "model_version": 1 if trained else None,
        "quality": quality if trained else None,
        "scores": {"run_id": "r1", "as_of": AS_OF, "users": 12345} if trained else None,
        "models": [
            {
                "version": 1,
                "as_of": AS_OF,
                "quality": quality,
                "definition_version": 2,
                "seed": 0,
            }
        ]
        if trained
        else [],
    }
    listed = seen(view_list, {"predictions": [prediction]})
    shown = seen(view_prediction, prediction)
    assert ("61 excellent 2024-03-01 12,345" in listed) is trained
    assert ("not trained" in listed) is not trained
    assert f"churn-28d churn {'active' if trained else 'draft'} 28" in listed
    assert "name: churn-28d" in shown
    assert ("1 2024-03-01 61 55 to 67 2 0" in shown) is trained
    assert f"predictive {'simulate' if trained else 'train'} churn-28d" in shown


def test_what_is_copied_stands_in_one_piece_on_a_narrow_terminal() -> None:
    name, key = "first-purchase-of-newcomers-28d", "df3df55372ae"
    prediction = {
        "name": name, "kind": "purchase", "state": "active", "window_days": 28,
        "quality": {"value": 61.0, "label": "excellent"},
        "scores": {"as_of": "2024-03-01T09:50:00+00:00", "users": 1_234_567},
    }  # fmt: skip
    assert name in seen(view_list, {"predictions": [prediction]}, 80)
    made = {
        "id": key, "name": "the campaign engine", "scopes": ["read", "simulate", "manage"],
        "created_at": AS_OF, "expires_at": AS_OF, "last_used_at": AS_OF, "revoked_at": AS_OF,
    }  # fmt: skip
    text = seen(view_keys, {"keys": [made]}, 80)
    assert key in text
    assert "…" not in text


def test_an_empty_list_says_what_to_do() -> None:
    assert "predictive apply" in seen(view_list, {"predictions": []})


def test_words() -> None:
    assert on_screen(None) == "–"
    assert moment("2024-03-01T12:30:00+00:00") == "2024-03-01 12:30 UTC"
    assert moment(None) == "–"
    assert interval({"low": None, "high": None}) == "–"
    assert money(None) == "–"
