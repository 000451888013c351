"""Matured runs against what happened: once each, and never against what messages caused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation import prediction_quality
from predictive.errors import Conflict, InsufficientData, NotFound
from predictive.jobs.evaluate import evaluate, evaluate_matured
from predictive.jobs.kinds import KINDS
from predictive.lifecycle import set_state
from predictive.progress import NoProgress
from predictive.quality import evaluation_of, quality, quality_history
from predictive.sends import record_send
from tests.predictive.scored_shop import AS_OF, NAME, WINDOW, ScoredShop, scored_shop

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SENT = AS_OF + timedelta(hours=3)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ScoredShop]:
    made = scored_shop(tmp_path)
    yield made
    made.workspace.close()


def matured(shop: ScoredShop) -> dict[str, Any]:
    return evaluate_matured(shop.workspace, NAME, now=NOW)


def send(shop: ScoredShop, reached: np.ndarray, share: float, **told: Any) -> np.ndarray:
    """Send to some users, hold a random share of them back; who was really reached."""
    held = reached & (shop.random.random(len(reached)) < share)
    users = np.array(shop.users)
    record_send(
        shop.workspace,
        NAME,
        treated=users[reached & ~held].tolist(),
        held_out=users[held].tolist(),
        sent_at=told.pop("sent_at", SENT),
        **told,
    )
    return reached & ~held


def test_runs_are_evaluated_when_their_window_has_passed_and_only_then(shop: ScoredShop) -> None:
    run_id = shop.publish()
    early = matured(shop)
    assert (early["evaluated"], early["runs"], early["matured"]) == ([], 1, 0)
    with pytest.raises(InsufficientData, match="2025-03-08"):
        evaluate(shop.workspace, NAME)
    bought = shop.pass_a_week()
    report = matured(shop)
    assert [each["run_id"] for each in report["evaluated"]] == [run_id]
    assert (report["runs"], report["matured"]) == (1, 1)
    kept = evaluation_of(shop.workspace, NAME, run_id)
    assert kept["actual"]["positives"] == int(bought.sum())
    assert kept["actual"]["quality"]["value"] == pytest.approx(
        prediction_quality(bought, shop.probabilities), abs=0.2
    )
    assert kept["evaluated_at"] == NOW.isoformat()
    assert (kept["comparable"], kept["reason"], kept["sends"]) == (True, None, [])
    assert kept["groups"]["untouched"]["users"] == len(shop.users)
    assert kept["groups"]["reached"]["rate"] is None
    assert sum(point["users"] for point in kept["calibration_curve"]) == len(shop.users)
    assert sum(row["actual_positives"] for row in kept["bands"]) == int(bought.sum())


def test_an_evaluation_over_the_same_data_is_one(shop: ScoredShop) -> None:
    run_id = shop.publish()
    shop.pass_a_week()
    first = evaluate(shop.workspace, NAME)
    again = evaluate(shop.workspace, NAME)
    assert again["evaluated_at"] == first["evaluated_at"]
    assert matured(shop)["evaluated"] == []
    assert len(shop.workspace.store.evaluations.of_run(run_id)) == 1
    shop.pass_a_week(AS_OF + WINDOW)
    assert matured(shop)["evaluated"] == []
    later = evaluate(shop.workspace, NAME, run_id=run_id)
    assert later["data_version"] != first["data_version"]
    assert len(shop.workspace.store.evaluations.of_run(run_id)) == 2


def test_all_that_have_matured_are_evaluated_oldest_first(shop: ScoredShop) -> None:
    moments = [AS_OF + k * WINDOW for k in range(4)]
    runs = []
    for moment in moments:
        runs.append(shop.publish(moment))
        shop.pass_a_week(moment)
    report = matured(shop)
    assert [each["run_id"] for each in report["evaluated"]] == runs
    assert (report["runs"], report["matured"]) == (4, 4)


def test_a_job_may_evaluate_one_run_alone(shop: ScoredShop) -> None:
    first, _ = shop.publish(), shop.publish(AS_OF + timedelta(days=1))
    shop.pass_a_week()
    shop.workspace.lake.set_complete_through(AS_OF + 2 * WINDOW)
    jobs = shop.workspace.store.jobs
    job = jobs.get(jobs.create("evaluate", NAME, {"run_id": first}, requested_by="test"))
    report = KINDS["evaluate"]["evaluate"](shop.workspace, job, {}, NoProgress(), NOW)
    assert report["run_id"] == first
    assert set(shop.workspace.store.evaluations.evaluated_at(NAME)) == {first}


def test_a_run_without_a_positive_is_named_with_its_reason(shop: ScoredShop) -> None:
    shop.publish()
    shop.write(
        pd.DataFrame({"user": ["u0000"], "event": ["visit"], "time": [AS_OF + timedelta(days=1)]}),
        complete_through=AS_OF + WINDOW,
    )
    report = matured(shop)
    assert report["evaluated"] == []
    assert "0 positive" in report["not_evaluated"][0]["reason"]
    assert quality(shop.workspace, NAME)["actual"] is None


def test_held_out_users_stand_for_those_a_message_reached(shop: ScoredShop) -> None:
    """A message that works wonders is no merit of the score, and no fault of it either."""
    run_id = shop.publish()
    best = shop.probabilities > np.quantile(shop.probabilities, 0.6)
    reached = send(shop, best, 0.4)
    bought = shop.pass_a_week(caused=reached)
    matured(shop)
    report = evaluation_of(shop.workspace, NAME, run_id)
    groups = report["groups"]
    assert groups["reached"]["users"] == int(reached.sum())
    assert groups["reached"]["rate"]["value"] == 1.0
    assert groups["held_out"]["users"] == int((best & ~reached).sum())
    assert groups["untouched"]["users"] == int((~best).sum())
    actual = report["actual"]
    assert report["comparable"]
    assert actual["n"] == int((~reached).sum())
    assert actual["positives"] == int(bought[~reached].sum())
    # The whole of them, as it would have been without a message.
    truth = prediction_quality(
        shop.random.random(200_000) < np.resize(shop.probabilities, 200_000),
        np.resize(shop.probabilities, 200_000),
    )
    assert actual["quality"]["low"] < truth < actual["quality"]["high"]
    assert actual["calibration"]["observed_expected"] == pytest.approx(1, abs=0.2)
    assert sum(band["users"] for band in report["bands"]) == pytest.approx(
        len(shop.users), rel=0.05
    )
    naive = prediction_quality(bought, shop.probabilities)
    assert naive > actual["quality"]["value"] + 5


def test_without_a_holdout_the_figure_is_not_comparable(shop: ScoredShop) -> None:
    run_id = shop.publish()
    best = shop.probabilities > np.quantile(shop.probabilities, 0.6)
    reached = send(shop, best, 0.0)
    bought = shop.pass_a_week(caused=reached)
    matured(shop)
    report = evaluation_of(shop.workspace, NAME, run_id)
    assert not report["comparable"]
    assert "without a holdout" in report["reason"]
    assert report["actual"]["n"] == len(shop.users)
    assert report["actual"]["positives"] == int(bought.sum())
    assert report["groups"]["untouched"]["quality"] is not None
    (point,) = quality(shop.workspace, NAME)["history"]
    assert point["comparable"] is False


def test_a_send_counts_for_every_run_whose_window_it_falls_in(shop: ScoredShop) -> None:
    first = shop.publish()
    second = shop.publish(AS_OF + timedelta(days=2))
    best = shop.probabilities > np.quantile(shop.probabilities, 0.9)
    send(shop, best, 0.5, sent_at=AS_OF + timedelta(days=3))
    shop.pass_a_week()
    shop.pass_a_week(AS_OF + WINDOW)
    third = shop.publish(AS_OF + WINDOW)
    matured(shop)
    told = {run: evaluation_of(shop.workspace, NAME, run) for run in (first, second, third)}
    assert len(told[first]["sends"]) == len(told[second]["sends"]) == 1
    assert told[third]["sends"] == []


def test_a_send_that_is_recorded_late_makes_a_new_evaluation(shop: ScoredShop) -> None:
    run_id = shop.publish()
    shop.pass_a_week()
    matured(shop)
    send(shop, shop.probabilities > 0.5, 0.3)
    assert [each["run_id"] for each in matured(shop)["evaluated"]] == [run_id]
    assert matured(shop)["evaluated"] == []
    assert len(evaluation_of(shop.workspace, NAME, run_id)["sends"]) == 1
    assert len(quality(shop.workspace, NAME)["history"]) == 1


def test_two_sends_multiply_the_weights(shop: ScoredShop) -> None:
    run_id = shop.publish()
    everyone = np.ones(len(shop.users), dtype=bool)
    first = send(shop, everyone, 0.5, holdout_share=0.5)
    second = send(shop, everyone, 0.5, holdout_share=0.5, sent_at=SENT + timedelta(days=1))
    shop.pass_a_week()
    matured(shop)
    report = evaluation_of(shop.workspace, NAME, run_id)
    left_alone = int((~first & ~second).sum())
    assert report["groups"]["held_out"]["users"] == left_alone
    assert sum(band["users"] for band in report["bands"]) == pytest.approx(4 * left_alone)


def test_sends_and_evaluations_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    shop = scored_shop(tmp_path, users=600, database_url=postgres_url)
    with shop.workspace:
        run_id = shop.publish()
        reached = send(shop, shop.probabilities > 0.4, 0.4)
        bought = shop.pass_a_week(caused=reached)
        assert [each["run_id"] for each in matured(shop)["evaluated"]] == [run_id]
        assert matured(shop)["evaluated"] == []
        report = evaluation_of(shop.workspace, NAME, run_id)
        assert report["groups"]["reached"]["users"] == int(reached.sum())
        assert report["actual"]["positives"] == int(bought[~reached].sum())
        assert quality_history(shop.workspace, NAME)["evaluated"] == 1


def test_history_by_model_version(shop: ScoredShop) -> None:
    first = shop.publish()
    shop.pass_a_week()
    matured(shop)
    version = shop.add_model()
    second = shop.publish(AS_OF + WINDOW, model_version=version)
    history = quality_history(shop.workspace, NAME)
    assert (history["runs"], history["matured"], history["evaluated"]) == (2, 1, 1)
    assert [model["model_version"] for model in history["models"]] == [2, 1]
    waiting, done = (model["runs"][0] for model in history["models"])
    assert (waiting["run_id"], waiting["actual"]) == (second, None)
    assert waiting["matures_at"] == (AS_OF + 2 * WINDOW).isoformat()
    assert done["run_id"] == first
    assert done["actual"]["value"] == pytest.approx(done["expected"]["value"], abs=12)
    assert quality(shop.workspace, NAME)["actual"]["run_id"] == first


def test_until_outcomes_are_known_there_is_an_estimate_and_it_says_so(shop: ScoredShop) -> None:
    shop.publish()
    told = quality(shop.workspace, NAME)
    assert (told["actual"], told["estimate"]["label"]) == (None, "estimate")
    shop.pass_a_week()
    matured(shop)
    later = quality(shop.workspace, NAME)
    assert later["estimate"] is None
    actual = later["actual"]["actual"]["quality"]
    assert told["estimate"]["value"] == pytest.approx(actual["value"], abs=10)


def test_an_archived_prediction_is_not_evaluated(shop: ScoredShop) -> None:
    shop.publish()
    shop.pass_a_week()
    set_state(shop.workspace, NAME, "archived", by="command line", now=NOW)
    for job in (lambda: evaluate(shop.workspace, NAME), lambda: matured(shop)):
        with pytest.raises(Conflict, match="archived"):
            job()
    assert quality(shop.workspace, NAME)["evaluated"] == 0
    set_state(shop.workspace, NAME, "preview", by="command line", now=NOW)
    assert len(matured(shop)["evaluated"]) == 1


def test_what_was_not_evaluated_is_not_there(shop: ScoredShop) -> None:
    run_id = shop.publish()
    with pytest.raises(NotFound, match="evaluation"):
        evaluation_of(shop.workspace, NAME, run_id)
    with pytest.raises(NotFound):
        evaluate_matured(shop.workspace, "none", now=NOW)
