"""Own recipes: what they may see, that they are the same everywhere, and what is refused."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from models.odds import sigmoid
from predictive import EventColumns, import_events, import_users, score, train
from predictive.dataset import all_feature_names, feature_blocks
from predictive.errors import InvalidInput, NotFound
from predictive.features.own import own_features
from predictive.model_folder import read_model
from predictive.opened_prediction import open_prediction
from predictive.reasons import show_reasons
from predictive.recipes import read_recipe, recipe_names
from predictive.snapshots import SnapshotUsers, snapshot_users
from predictive.sources import LakeSource, open_source
from predictive.sources.one_user import OneUser
from tests.predictive.training.conftest import DAYS, NAME
from tests.predictive.training.recipes import FOREST, ORDERS, write_recipe
from tests.shop import START, Shop, make_shop

AS_OF = START + timedelta(days=50)
SNAPSHOTS = [START + timedelta(days=days) for days in (20, 35, 50)]


def users_of(source, snapshots=SNAPSHOTS):
    definition = open_definition(source)
    return list(snapshot_users(source, definition, snapshots, outcomes=False))


def open_definition(source):
    from predictive.definitions import Definition
    from tests.predictive.training.conftest import BUYS

    return Definition.from_text(BUYS)


def own_of(workspace, source, name="orders", excluded=()):
    return read_recipe(workspace, name).features(source.tables(None), SNAPSHOTS[-1], excluded)


def values_by_user(source, own, snapshots=SNAPSHOTS):
    """User id to (snapshots, columns)."""
    return {
        user: matrix[:, index]
        for users in users_of(source, snapshots)
        for matrix in [own_features(source, users, snapshots, own)]
        for index, user in enumerate(users.user_ids.to_pylist())
    }


def assert_same(one, other):
    assert one.keys() == other.keys()
    for user, values in one.items():
        np.testing.assert_allclose(other[user], values, rtol=1e-6, err_msg=user)


@pytest.fixture(scope="module")
def reference():
    """What the recipe's columns must be, from the shop's own tables."""
    shop = make_shop(customers=300, days=DAYS)
    expected = {}
    for number, as_of in enumerate(SNAPSHOTS):
        before = shop.before(as_of)
        bought = before.events[before.events["what"] == "purchase"]
        points = before.facts.set_index("customer")["points"]
        for user, rows in bought.groupby("customer"):
            values = expected.setdefault(user, np.full((len(SNAPSHOTS), 5), np.nan))
            values[number] = [
                rows["total"].sum(),
                rows["when"].max().timestamp() // 1,
                (rows["colour"] == "red").sum(),
                (rows["total"] > 50).any(),
                points.get(user, np.nan),
            ]
    return expected


@pytest.fixture
def orders(workspace):
    write_recipe(workspace, "orders", ORDERS)
    return workspace


def test_own_features_are_those_of_the_events_before_each_snapshot(orders, reference):
    source = open_source(orders)
    own = own_of(orders, source)
    assert own.columns == ("spent", "latest", "reds", "ever_big", "points")
    values = values_by_user(source, own)
    assert len(values) > 250
    for user, matrix in values.items():
        expected = reference.get(user, np.full((3, 5), np.nan)).astype(np.float32)
        np.testing.assert_allclose(matrix, expected, rtol=1e-6, err_msg=user)


def test_a_planted_future_changes_nothing(orders):
    """Events and facts at and after every snapshot, later than all others."""
    before = values_by_user(open_source(orders), own_of(orders, open_source(orders)))
    shop = make_shop(customers=300, days=DAYS)
    events = shop.events[shop.events["what"] == "purchase"].copy()
    events["when"], events["total"], events["colour"] = SNAPSHOTS[-1], 1e6, "red"
    facts = shop.facts.assign(points=1e6, when=SNAPSHOTS[-1])
    paths = Shop(events, facts).write(orders.path / "future")
    columns = EventColumns("customer", "when", "what", amount="total", properties="all")
    import_events(orders, [paths[0]], columns)
    import_users(orders, paths[1], "customer", "when")
    source = open_source(orders)
    assert_same(before, values_by_user(source, own_of(orders, source)))
    # A moment later they are seen.
    later = [SNAPSHOTS[-1] + timedelta(microseconds=1)]
    seen = values_by_user(source, own_of(orders, source), later)
    assert np.nanmin([matrix[0, 0] for matrix in seen.values()]) >= 1e6
    assert np.nanmin([matrix[0, 4] for matrix in seen.values()]) == 1e6


@pytest.mark.slow
def test_partitions_and_single_users_give_the_same(orders, monkeypatch):
    source = open_source(orders)
    whole = values_by_user(source, own_of(orders, source))
    monkeypatch.setattr("predictive.sources.lake._PARTITION_BYTES", 1)
    parted = open_source(orders)
    assert isinstance(parted, LakeSource)
    assert len(parted.partitions) > 3
    own = own_of(orders, parted)
    assert_same(whole, values_by_user(parted, own))
    for user in list(whole)[::60]:
        everyone = np.ones((3, 1), dtype=bool)
        one = SnapshotUsers(0, pa.array([user]), everyone, everyone)
        alone = own_features(OneUser(source, user), one, SNAPSHOTS, own)[:, 0]
        np.testing.assert_allclose(alone, whole[user], rtol=1e-6)


SEEN = """
def features(events, attributes, as_of):
    assert "amount" not in events.columns and "colour" not in events.columns
    return events.group_by("user_id").agg(
        visits=(events.name == "visit").sum(), all=events.count()
    )
"""


def test_what_the_definition_excludes_is_not_seen(workspace):
    write_recipe(workspace, "seen", SEEN)
    source = open_source(workspace)
    own = own_of(workspace, source, "seen", ("amount", "colour", "visit", "country"))
    values = np.array(list(values_by_user(source, own).values()))
    assert np.nanmax(values[..., 0]) == 0
    assert np.nanmax(values[..., 1]) > 0


@pytest.mark.slow
def test_a_model_of_an_own_recipe_scores_the_same_when_the_file_is_gone(orders):
    write_recipe(orders, "orders", ORDERS + FOREST)
    report = train(orders, NAME, recipe="orders")
    assert report["recipe"]["name"] == "orders"
    assert report["own_features"] == ["spent", "latest", "reds", "ever_big", "points"]
    assert {one["name"] for one in report["candidates"]} == {
        "boosted",
        "logistic",
        "rfm",
        "btyd",
        "forest",
    }
    first = score(orders, NAME)
    (orders.path / "recipes" / "orders.py").unlink()
    champion = orders.store.models.champion(NAME)
    model, plan = read_model(orders.path / champion.folder)
    assert all_feature_names(plan) == model.feature_names
    assert model.feature_names[-5:] == tuple(f"own:{each}" for each in report["own_features"])
    prediction = open_prediction(orders, NAME)
    as_of = prediction.source.data_end()
    (users,) = snapshot_users(prediction.source, prediction.definition, [as_of], outcomes=False)
    blocks = list(feature_blocks(prediction.source, users, [as_of], plan))
    expected = sum(float(model.probabilities(block.features[0]).sum()) for block in blocks)
    assert first["expected_positives"] == pytest.approx(expected)
    user = users.user_ids[3].as_py()
    told = show_reasons(orders, NAME, user)
    features = [each for reason in told["reasons"] for each in reason["features"]]
    assert any(each["feature"].startswith("own:") for each in features)
    added = sum(reason["log_odds"] for reason in told["reasons"])
    assert told["base_log_odds"] + added == pytest.approx(told["log_odds"], abs=1e-5)
    assert sigmoid(told["log_odds"]) == pytest.approx(told["probability"], abs=1e-5)
    # Trained again without naming a recipe, the champion's is taken as it was.
    again = train(orders, NAME)
    assert again["recipe"] == report["recipe"]
    assert again["promotion_reason"] == "The same recipe as of the same moment."
    assert again["quality"] == report["quality"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def features(events, attributes, as_of):\n    return events", "1 to 200|numbers"),
        ("def features(events, attributes, as_of):\n    return 3", "an Ibis table with a column"),
        ("def features(events, attributes, as_of):\n    return events.nothing", "AttributeError"),
        (
            "def features(events, attributes, as_of):\n"
            "    return events.group_by('user_id').agg(w=events.name.max())",
            "numbers or booleans, not of string",
        ),
    ],
)
def test_a_wrong_expression_is_refused(workspace, source, message):
    write_recipe(workspace, "wrong", source)
    with pytest.raises(InvalidInput, match=message) as refused:
        own_of(workspace, open_source(workspace), "wrong")
    assert refused.value.field == "recipe.wrong.features"


TWICE = """
def features(events, attributes, as_of):
    return events.select(events.user_id, spent=events.amount.fill_null(0.0))
"""
OTHERS = """
def features(events, attributes, as_of):
    of_user = events.group_by("user_id").agg(n=events.count())
    return of_user.select("user_id", share=of_user.n / of_user.n.sum())
"""


@pytest.mark.parametrize(
    ("source", "message"), [(TWICE, "one row a user"), (OTHERS, "other users were left out")]
)
def test_a_row_that_is_not_the_users_alone_is_refused_before_training(workspace, source, message):
    write_recipe(workspace, "wrong", source)
    with pytest.raises(InvalidInput, match=message):
        train(workspace, NAME, recipe="wrong")
    assert workspace.store.models.list(NAME) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError"),
        ("def estimators(:", "SyntaxError"),
        ("keep_standard_candidates = True", r"estimators\(\) or features\(\)"),
        ("keep_standard_candidates = False\ndef features(e, a, t): ...", "at least one candidate"),
        ("def estimators(): return [1]", "a dict of names"),
        ("def estimators(): return {'boosted': 1}", "other than boosted, btyd, logistic, rfm"),
        ("def estimators(): return {'a/b': 1}", "names of a-z"),
        ("def estimators(): return {'mine': object()}", "It has no fit"),
        (
            "from sklearn.preprocessing import FunctionTransformer as F\n"
            "from sklearn.linear_model import LogisticRegression\n"
            "from sklearn.pipeline import make_pipeline\nimport os\n"
            "def estimators(): return {'mine': make_pipeline(F(os.path.getsize), "
            "LogisticRegression())}",
            "without pickling.*getsize",
        ),
    ],
)
def test_a_file_that_is_no_recipe_is_refused(workspace, source, message):
    write_recipe(workspace, "wrong", source)
    with pytest.raises(InvalidInput, match=message):
        read_recipe(workspace, "wrong")


def test_an_unknown_recipe_is_not_found(workspace):
    write_recipe(workspace, "orders", ORDERS)
    assert recipe_names(workspace) == ["standard", "orders"]
    with pytest.raises(NotFound, match="Did you mean 'orders'"):
        read_recipe(workspace, "order")
    with pytest.raises(NotFound):
        read_recipe(workspace, f"..{os.sep}recipes{os.sep}orders")


FAILS = """
from sklearn.linear_model import LogisticRegression

def estimators():
    return {"strict": LogisticRegression()}
"""


def test_a_classifier_that_fails_is_named(workspace):
    """Plain regression takes no unknown values, of which there are some."""
    write_recipe(workspace, "fails", FAILS)
    with pytest.raises(InvalidInput, match="NaN") as refused:
        train(workspace, NAME, recipe="fails")
    assert refused.value.field == "recipe"


class Stopped(Exception):
    pass


class Stopping:
    """Stops the job at the first step of the backtest, as a cancelled job's progress does."""

    def stage(self, name, total=None):
        self.backtesting = name == "Backtesting"

    def advance(self, amount=1.0):
        if self.backtesting:
            raise Stopped


def test_stopping_a_training_is_not_the_recipes_failure(workspace):
    write_recipe(workspace, "forest", FOREST)
    with pytest.raises(Stopped):
        train(workspace, NAME, recipe="forest", progress=Stopping())
    assert workspace.store.models.list(NAME) == []


def test_the_recipe_in_the_documentation_is_one(workspace):
    page = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")
    write_recipe(workspace, "documented", page.split("```python\n")[1].split("```")[0])
    recipe = read_recipe(workspace, "documented")
    assert [learner.name for learner in recipe.learners()][-1] == "forest"
    source = open_source(workspace)
    own = own_of(workspace, source, "documented")
    assert own.columns == ("products", "large_baskets")
    assert len(values_by_user(source, own)) > 250
