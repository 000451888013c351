from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tests.predictive.watching.feed import DAY, NAME, START, Feed, quiet_counts
from tests.predictive.watching.runs import add_model, evaluate, publish

FIRST = START + 250 * DAY


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(23)


@pytest.fixture
def trained(feed: Feed, random) -> Feed:
    feed.send(quiet_counts(30), 0, 30)
    add_model(feed, random)
    return feed


def checked(feed: Feed) -> dict[tuple[str, str], str]:
    """Open alerts with their messages."""
    feed.check(400, NAME)
    return {(alert.kind, alert.subject): alert.message for alert in feed.open()}


def test_a_healthy_prediction_is_left_alone(trained: Feed, random) -> None:
    for window in range(5):
        evaluate(trained, random, FIRST + window * 14 * DAY, level=-1.2 + 0.1 * random.normal())
        assert checked(trained) == {}
    report = trained.check(400, NAME)["predictions"][NAME]["quality"]
    assert (report["comparable_runs"], report["tested_runs"]) == (5, 5)
    assert set(report["measures"]) == {"quality", "shift", "slope", "base_rate"}


def test_what_went_wrong_is_named_and_ends_with_the_next_good_window(trained, random) -> None:
    evaluate(trained, random, FIRST, level=-2.2)
    told = checked(trained)
    assert set(told) == {("base_rate_moved", "base_rate"), ("calibration_off", "shift")}
    assert "it came true for" in told["base_rate_moved", "base_rate"]
    assert "times as often as the probabilities added up to" in told["calibration_off", "shift"]
    evaluate(trained, random, FIRST + 14 * DAY)
    assert checked(trained) == {}


def test_what_is_half_mended_stays_one_alert(trained: Feed, random) -> None:
    evaluate(trained, random, FIRST, level=-2.2)
    told = checked(trained)
    opened = {alert.id for alert in trained.open()}
    evaluate(trained, random, FIRST + 14 * DAY, level=-1.85)
    again = checked(trained)
    assert set(again) == set(told)
    assert {alert.id for alert in trained.open()} == opened
    assert again != told, "it tells of the newest run"
    evaluate(trained, random, FIRST + 28 * DAY)
    assert checked(trained) == {}


def test_a_ranking_that_is_lost_is_told(trained: Feed, random) -> None:
    evaluate(trained, random, FIRST, slope=0.1)
    told = checked(trained)
    assert {("quality_fell", "quality"), ("calibration_off", "slope")} <= set(told)
    assert "the actual Prediction Quality was" in told["quality_fell", "quality"]
    assert "too extreme" in told["calibration_off", "slope"]


def test_windows_that_overlap_are_not_tested_again(trained: Feed, random) -> None:
    evaluate(trained, random, FIRST)
    for day in range(1, 14):
        evaluate(trained, random, FIRST + day * DAY, level=-2.2)
    assert checked(trained) == {}
    evaluate(trained, random, FIRST + 14 * DAY, level=-2.2)
    assert ("base_rate_moved", "base_rate") in checked(trained)


def test_runs_that_sends_reached_without_a_holdout_raise_nothing(trained, random) -> None:
    evaluate(trained, random, FIRST, level=-2.4, comparable=False)
    assert checked(trained) == {}
    report = trained.check(400, NAME)["predictions"][NAME]["quality"]
    assert report == {"comparable_runs": 0, "tested_runs": 0}


def test_versions_of_before_there_were_alarms_are_passed_over(trained, random) -> None:
    evaluate(trained, random, FIRST, level=-2.4)
    (kept,) = trained.workspace.store.evaluations.list(NAME)
    report = dict(kept.report)
    report["expected"] = {k: v for k, v in report["expected"].items() if k != "steadiness"}
    trained.workspace.store.evaluations.add(kept.run_id, report | {"data_version": "newer"})
    assert checked(trained) == {}


def test_the_current_scores_have_an_estimate_before_their_window_has_passed(
    trained: Feed, random
) -> None:
    run_id = publish(trained, random, FIRST)
    found = trained.check(400, NAME)["predictions"][NAME]["estimate"]
    assert found["label"] == "estimate"
    assert found["run_id"] == run_id
    assert found["matures_at"] == (FIRST + timedelta(days=14)).isoformat()
    assert 30 < found["low"] < found["value"] < found["high"] < 80
    assert checked(trained) == {}
