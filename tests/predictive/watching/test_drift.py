from __future__ import annotations

import numpy as np
import pytest

from tests.predictive.watching import runs
from tests.predictive.watching.feed import DAY, NAME, START, Feed, quiet_counts
from tests.predictive.watching.runs import add_model, publish


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(17)


@pytest.fixture
def trained(feed: Feed, random) -> Feed:
    feed.send(quiet_counts(30), 0, 30)
    add_model(feed, random)
    for day in (229, 236, 243):
        publish(feed, random, START + day * DAY)
    return feed


def checked(feed: Feed, day: int) -> set[str]:
    feed.check(day, NAME)
    return {alert.kind for alert in feed.open()}


def test_customers_as_they_were_are_no_alarm(trained: Feed, random) -> None:
    for day in range(250, 260):
        publish(trained, random, START + day * DAY)
        assert checked(trained, day) == set()


def test_a_feature_that_moved_is_named_in_words(trained: Feed, random) -> None:
    publish(trained, random, START + 250 * DAY, tilts=(0.0, 1.2, 0.1))
    report = trained.check(250, NAME)
    (found,) = report["found"]
    assert (found["kind"], found["prediction"]) == ("feature_drift", NAME)
    assert "1 of 3 features" in found["message"]
    (moved,) = found["details"]["furthest"]
    assert moved["name"] == "any_days_since"
    assert moved["psi"] > moved["threshold"] >= 0.2
    assert moved["meaning"] in found["message"]
    listed = report["predictions"][NAME]["drift"]["features"]
    assert listed[0]["name"] == "any_days_since"


def test_features_that_mean_the_same_are_named_once(feed: Feed, random, monkeypatch) -> None:
    same = ("days_since:purchase", "target_days_since_last", "count_28d")
    monkeypatch.setattr(runs, "FEATURES", same)
    feed.send(quiet_counts(30), 0, 30)
    add_model(feed, random)
    for day in (229, 236, 243):
        publish(feed, random, START + day * DAY)
    publish(feed, random, START + 250 * DAY, tilts=(1.2, 1.2, 0.1))
    (found,) = feed.check(250, NAME)["found"]
    assert "2 of 3 features" in found["message"]
    assert found["message"].count("days since the last purchase") == 1
    assert len(found["details"]["furthest"]) == 2


def test_scores_that_moved_are_told_apart_from_features(trained: Feed, random) -> None:
    publish(trained, random, START + 250 * DAY, score_tilt=1.5)
    assert checked(trained, 250) == {"score_drift"}


def test_an_alert_ends_when_the_customers_are_back(trained: Feed, random) -> None:
    publish(trained, random, START + 250 * DAY, tilts=(1.2, 0.0, 0.0))
    assert checked(trained, 250) == {"feature_drift"}
    publish(trained, random, START + 251 * DAY, tilts=(1.2, 0.0, 0.0))
    assert checked(trained, 251) == {"feature_drift"}
    publish(trained, random, START + 252 * DAY)
    assert checked(trained, 252) == set()
    (alert,) = trained.workspace.store.alerts.list(NAME)
    assert alert.times_seen == 2


def test_a_model_that_learned_from_them_takes_them_as_usual(trained: Feed, random) -> None:
    publish(trained, random, START + 250 * DAY, tilts=(1.2, 1.2, 1.2))
    assert checked(trained, 250) == {"feature_drift"}
    version = add_model(trained, random, tilt=1.2)
    publish(
        trained,
        random,
        START + 251 * DAY,
        version=version,
        tilts=(1.2, 1.2, 1.2),
        score_tilt=1.2,
    )
    assert checked(trained, 251) == set()


def test_a_run_without_a_profile_says_nothing(trained: Feed, random) -> None:
    publish(trained, random, START + 250 * DAY, tilts=(1.2, 0.0, 0.0))
    assert checked(trained, 250) == {"feature_drift"}
    champion = trained.workspace.store.models.champion(NAME)
    (trained.workspace.path / champion.folder / "profile.json").unlink()
    report = trained.check(251, NAME)
    assert report["predictions"][NAME]["drift"] is None
    assert [alert.kind for alert in trained.open()] == ["feature_drift"], "neither right nor wrong"


def test_nothing_is_told_before_runs_have_seen_two_weeks(feed: Feed, random) -> None:
    feed.send(quiet_counts(30), 0, 30)
    add_model(feed, random)
    told = []
    for day in range(250, 268):
        publish(feed, random, START + day * DAY, tilts=(1.2 if day >= 262 else 0.0, 0.0, 0.0))
        told.append("feature_drift" in checked(feed, day))
    assert told == [False] * 14 + [True] * 4


def test_what_comes_and_goes_with_the_fortnight_is_usual(feed: Feed, random) -> None:
    """Training snapshots lie a fortnight apart: none ever saw the campaign away."""
    feed.send(quiet_counts(30), 0, 30)
    add_model(feed, random)
    for week in range(12):
        tilt = 1.5 if week % 2 else 0.0
        publish(feed, random, START + (250 + 7 * week) * DAY, tilts=(tilt, 0.0, 0.0))
        assert checked(feed, 250 + 7 * week) == set()
    publish(feed, random, START + 334 * DAY, tilts=(0.0, 1.2, 0.0))
    assert checked(feed, 334) == {"feature_drift"}
