"""Who becomes champion, and going back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from evaluation.quality import Fold
from predictive import EventColumns, apply, import_events, train
from predictive.comparison import backtest_recipe, compare_recipes, compared
from predictive.definitions import Definition
from predictive.errors import Conflict, InsufficientData, InvalidInput, NotFound
from predictive.promotion import Decision, Rival, decide, promote, rollback
from predictive.recipes import STANDARD, STANDARD_VERSION, Recipe
from tests.predictive.training.conftest import BUYS, DAYS, NAME
from tests.predictive.training.recipes import HOPELESS, write_recipe
from tests.predictive.training.test_train import aliases
from tests.shop import START

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def roles(workspace):
    models = workspace.store.models
    champion, challenger = models.champion(NAME), models.challenger(NAME)
    return champion and champion.version, challenger and challenger.version


def model_changes(workspace):
    changes = reversed(workspace.store.history.list(NAME))
    return [(c.kind, c.by, c.note) for c in changes if c.kind in {"model", "challenger"}]


@pytest.mark.slow
def test_a_hopeless_challenger_waits_and_a_person_may_promote_it_and_go_back(workspace):
    write_recipe(workspace, "hopeless", HOPELESS)
    first = train(workspace, NAME, by="schedule", now=NOW)
    assert (first["promoted"], first["promotion_reason"]) == (True, "It is the first model.")
    assert first["comparison"] is None

    worse = train(workspace, NAME, recipe="hopeless", by="schedule", now=NOW)
    comparison = worse["comparison"]
    assert not worse["promoted"]
    assert (comparison["champion_version"], comparison["verdict"]) == (1, "worse")
    assert comparison["p"] < 0.05
    assert comparison["difference"] < -10
    assert comparison["challenger_quality"]["value"] == pytest.approx(0)
    # The champion's recipe is refitted on the very snapshots: its figures are those it had.
    assert comparison["champion_quality"] == first["quality"]
    assert roles(workspace) == (1, 2)
    assert len(aliases(workspace)) == 2

    done = promote(workspace, NAME, 2, by="key 7")
    assert done == {
        "prediction": NAME,
        "champion_version": 2,
        "challenger_version": 1,
        "before": 1,
        "changed": True,
    }
    assert not promote(workspace, NAME, 2, by="key 7")["changed"]

    # From a hopeless champion on, the standard recipe is better by far.
    better = train(workspace, NAME, recipe="standard", by="schedule", now=NOW)
    assert better["promoted"]
    assert better["comparison"]["difference"] > 10
    assert better["comparison"]["p"] > 0.95
    assert roles(workspace) == (3, 2)

    assert rollback(workspace, NAME, by="command line")["champion_version"] == 2
    assert rollback(workspace, NAME, by="command line")["champion_version"] == 1
    with pytest.raises(Conflict, match="nothing to roll back to"):
        rollback(workspace, NAME)
    assert [(kind, by) for kind, by, _ in model_changes(workspace)] == [
        ("model", "schedule"),
        ("challenger", "schedule"),
        ("model", "key 7"),
        ("model", "schedule"),
        ("model", "command line"),
        ("model", "command line"),
    ]
    assert model_changes(workspace)[-1][2] == "Rolled back from version 2."


@pytest.mark.slow
def test_by_hand_means_by_hand(workspace):
    apply(workspace, BUYS + "retraining: {promotion: manual}\n")
    train(workspace, NAME)
    second = train(workspace, NAME)
    assert not second["promoted"]
    assert "leaves promotion to people" in second["promotion_reason"]
    assert roles(workspace) == (1, 2)
    with pytest.raises(NotFound, match="model version"):
        promote(workspace, NAME, 3)


def without_purchases(workspace, folder, days):
    """Visits go on for some days after the history, purchases are no longer tracked."""
    end = START + timedelta(days=DAYS)
    draw = np.random.default_rng(2)
    visits = pd.DataFrame(
        {
            "customer": [f"c{number:04d}" for number in draw.integers(0, 300, 30 * days)],
            "what": "visit",
            "when": [end + timedelta(days=float(day)) for day in draw.random(30 * days) * days],
        }
    )
    visits.to_csv(folder / "later.csv", index=False)
    columns = EventColumns("customer", "when", "what")
    import_events(workspace, [folder / "later.csv"], columns)


@pytest.mark.slow
@pytest.mark.parametrize("days", [6, 20])
def test_broken_recent_data_keep_the_champion(workspace, tmp_path, days):
    train(workspace, NAME)
    without_purchases(workspace, tmp_path, days)
    if days < 14:
        report = train(workspace, NAME, by="schedule", now=NOW)
        assert not report["promoted"]
        assert report["data_broken"]
        reason = report["promotion_reason"]
        assert workspace.store.models.newest(NAME).version == 2
    else:
        # Nobody bought in the newest window: there is nothing to train on.
        with pytest.raises(InsufficientData) as refused:
            train(workspace, NAME, by="schedule", now=NOW)
        reason = refused.value.hint
    assert reason.startswith("The recent data are broken, so the champion stays:")
    assert "purchase" in reason
    assert roles(workspace) == (1, None)
    (alert,) = workspace.store.alerts.list(NAME, open_only=True)
    assert (alert.kind, alert.severity, alert.opened_at) == ("data_broken", "critical", NOW)
    assert alert.message == reason


# --- decide, without any training ---------------------------------------------------------------


class Version:
    """As much of a model version as decisions look at."""

    version, definition_version = 1, 1
    as_of = datetime(2024, 5, 1, tzinfo=UTC)


OWN = Recipe("own", "features = None")
AUTOMATIC = Definition.from_text(BUYS)


def rival(recipe=STANDARD, same_question=True):
    return Rival(Version(), recipe, same_question)


def test_people_who_promote_are_told_how_the_recipes_compare():
    manual = Definition.from_text(BUYS + "retraining: {promotion: manual}\n")
    comparison = {"difference": -1.26, "p": 0.214, "verdict": "not worse"}
    decision = decide(rival(OWN), manual, NOW, comparison)
    assert not decision.promoted
    assert "-1.3 points" in decision.reason
    assert "p = 0.214" in decision.reason


@pytest.mark.parametrize(
    ("champion", "as_of", "promoted", "reason"),
    [
        (None, NOW, True, "the first model"),
        (rival(), NOW, True, "same recipe on newer data"),
        (rival(), Version.as_of, True, "same recipe as of the same moment"),
        (rival(), Version.as_of - timedelta(days=9), True, "an earlier moment"),
        (rival(same_question=False), NOW, True, "changed since version 1"),
        (rival(recipe=None), NOW, True, "another release"),
    ],
)
def test_what_cannot_or_need_not_be_compared_takes_over(champion, as_of, promoted, reason):
    decision = decide(champion, AUTOMATIC, as_of, None)
    assert decision.promoted == promoted
    assert reason in decision.reason


def test_only_other_recipes_for_the_same_question_are_compared():
    assert not rival().to_be_compared(STANDARD)
    assert rival().to_be_compared(OWN)
    assert rival(OWN).to_be_compared(Recipe("own", "features = 0"))
    assert not rival(OWN, same_question=False).to_be_compared(STANDARD)
    assert not rival(None).to_be_compared(OWN)


def test_broken_data_come_before_everything_but_having_no_model():
    better = {"verdict": "not worse", "difference": 9.0, "p": 0.9}
    kept = decide(rival(OWN), AUTOMATIC, NOW, better, ["No purchase came."])
    assert kept == Decision(
        False,
        "The recent data are broken, so the champion stays: No purchase came.",
        better,
        ["No purchase came."],
    )
    assert decide(None, AUTOMATIC, NOW, None, ["No purchase came."]).promoted


def folds(noise, seed=0, users=400):
    draw = np.random.default_rng(seed)
    made = []
    for _ in range(3):
        truth = draw.normal(size=users)
        labels = draw.random(users) < 1 / (1 + np.exp(-truth))
        seen = truth + noise * draw.normal(size=users)
        made.append((labels, 1 / (1 + np.exp(-seen)), np.arange(users)))
    return [Fold(*each) for each in made]


def test_worse_is_worse_beyond_chance_and_never_the_other_way_round():
    good = folds(0.0)
    hidden = np.random.default_rng(1)
    bad = [
        Fold(f.labels, np.clip(f.probabilities + hidden.normal(size=400), 0.01, 0.99), f.users)
        for f in good
    ]
    assert compared(good, bad)["verdict"] == "worse"
    assert compared(bad, good)["verdict"] == "not worse"
    assert compared(good, good) == {
        "difference": 0.0,
        "z": 0.0,
        "p": 0.5,
        "verdict": "not worse",
    }


@pytest.mark.slow
def test_an_equal_challenger_is_rejected_about_once_in_twenty():
    """Two recipes that see the truth through equal, independent noise."""
    draw = np.random.default_rng(5)
    rejected = 0
    for seed in range(400):
        plain = folds(0.0, seed)
        noisy = [
            [
                Fold(
                    f.labels,
                    1 / (1 + np.exp(-np.log(f.probabilities / (1 - f.probabilities)) - shake)),
                    f.users,
                )
                for f in plain
                for shake in [0.8 * draw.normal(size=400)]
            ]
            for _ in range(2)
        ]
        rejected += compared(*noisy)["verdict"] == "worse"
    assert 0.02 < rejected / 400 < 0.09


@pytest.mark.slow
def test_recipes_are_compared_as_training_compares_them(workspace):
    write_recipe(workspace, "hopeless", HOPELESS)
    told = compare_recipes(workspace, NAME, ["standard", "hopeless"], seed=3)
    report = train(workspace, NAME, seed=3)
    standard, hopeless = told["recipes"]
    assert standard["quality"] == report["quality"]
    assert standard["recipe"] == {"name": "standard", "version": STANDARD_VERSION}
    assert [one["name"] for one in hopeless["candidates"]] == ["hopeless"]
    trained = train(workspace, NAME, seed=3, recipe="hopeless")["comparison"]
    (comparison,) = told["comparisons"]
    assert (comparison["recipe"], comparison["against"]) == ("hopeless", "standard")
    for figure in ("difference", "z", "p", "verdict"):
        assert comparison[figure] == trained[figure]
    one = backtest_recipe(workspace, NAME, seed=3)
    assert one.report() == standard
    assert [len(fold.labels) for fold in one.folds] == [fold["n"] for fold in standard["folds"]]


def test_comparisons_need_two_recipes(workspace):
    for recipes in ([], ["standard"], ["standard", "standard"]):
        with pytest.raises(InvalidInput, match="two or more different names"):
            compare_recipes(workspace, NAME, recipes)
