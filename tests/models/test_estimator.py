"""Own classifiers as candidates: seeded, kept without pickles, explained."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from models.backtest import backtest, fit_final
from models.calibration import Calibrator
from models.estimator import EstimatorFailed, EstimatorLearner, OwnEstimator
from models.odds import sigmoid
from models.own_code import own_module
from models.propensity import PropensityModel, blended_model
from tests.models.drawn import drawn_dataset

SOURCE = '''
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


class FirstColumn(ClassifierMixin, BaseEstimator):
    """Log odds are the first column, wherever it is known."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-np.nan_to_num(X[:, 0].astype(float))))
        return np.column_stack([1 - p, p])


class Hopeless(FirstColumn):
    def predict_proba(self, X):
        return np.full((len(X), 2), np.nan)


def estimators():
    return {
        "trees": HistGradientBoostingClassifier(max_iter=20),
        "forest": make_pipeline(SimpleImputer(), ExtraTreesClassifier(10)),
        "straight": make_pipeline(SimpleImputer(), LogisticRegression()),
        "first": FirstColumn(),
        "hopeless": Hopeless(),
    }
'''


def learner(name, source=SOURCE):
    return EstimatorLearner(name, own_module(source).estimators()[name], source)


@pytest.fixture(scope="module")
def dataset():
    return drawn_dataset(users=300, snapshots=4)[0]


@pytest.mark.parametrize("name", ["trees", "forest", "straight", "first"])
def test_a_saved_classifier_says_the_same(name, dataset, tmp_path):
    fitted = learner(name).fit(dataset, 0, seed=3, threads=1)
    model = blended_model([fitted], [1.0], Calibrator(), 0.4, dataset.feature_names)
    model.save(tmp_path)
    again = PropensityModel.load(tmp_path)
    np.testing.assert_array_equal(
        again.probabilities(dataset.features), model.probabilities(dataset.features)
    )
    np.testing.assert_array_equal(
        again.contributions(dataset.features[:5]), model.contributions(dataset.features[:5])
    )
    assert {path.name for path in tmp_path.iterdir()} == {
        "model.json",
        f"{name}.skops",
        "recipe.py",
    }


@pytest.mark.parametrize("name", ["trees", "forest", "straight", "first"])
def test_contributions_add_up_to_the_log_odds(name, dataset):
    fitted = learner(name).fit(dataset, 0, seed=3, threads=1)
    features = dataset.features[:40]
    total = fitted.contributions(features).sum(axis=1) + fitted.bias
    np.testing.assert_allclose(total, fitted.logits(features), atol=1e-5)


def test_a_column_that_is_not_used_contributes_nothing(dataset):
    fitted = learner("first").fit(dataset, 0, seed=3, threads=1)
    contributions = fitted.contributions(dataset.features[:40])
    assert np.abs(contributions[:, 0]).max() > 0.1
    np.testing.assert_array_equal(contributions[:, 1:], 0)


def test_contributions_of_two_columns_are_their_shapley_values():
    """With two columns one pair of orders is all orders: the values are exact."""
    dataset, _ = drawn_dataset(users=300, snapshots=2)
    features = np.ascontiguousarray(np.nan_to_num(dataset.features[:, :2]))
    known = replace(dataset, features=features, feature_names=dataset.feature_names[:2])
    fitted = learner("trees").fit(known, 0, seed=0, threads=1)
    row, typical = known.features[:1], np.median(known.features, axis=0)[None, :]

    def value(columns):
        mixed = typical.astype(np.float32).copy()
        mixed[:, list(columns)] = row[:, list(columns)]
        return float(fitted.logits(mixed)[0])

    exact = np.zeros(2)
    for order in permutations(range(2)):
        for position, column in enumerate(order):
            exact[column] += (value(order[: position + 1]) - value(order[:position])) / 2
    np.testing.assert_allclose(fitted.contributions(row)[0], exact, atol=1e-12)


def test_the_seed_fills_random_states_that_were_left_open(dataset):
    forest = learner("forest")
    unseen = drawn_dataset(users=100, snapshots=1, seed=9)[0].features
    one, same, other = (
        forest.fit(dataset, 0, seed=seed, threads=1).logits(unseen) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert forest.estimator.get_params()["extratreesclassifier__random_state"] is None


def test_own_classifiers_compete_and_are_blended(dataset):
    learners = [learner("straight"), learner("trees")]
    end = dataset.moments()[-1] + dataset.window
    tested = backtest(
        dataset, data_end=end, test_moments=dataset.moments()[-1:], seed=0, learners=learners
    )
    assert [one["name"] for one in tested.candidates] == ["straight", "trees"]
    assert tested.candidates[1]["estimator"] == "HistGradientBoostingClassifier"
    model = fit_final(dataset, tested, data_end=end, seed=0)
    total = model.contributions(dataset.features[:10]).sum(axis=1) + model.bias
    np.testing.assert_allclose(
        sigmoid(model.calibrator.logits(total)), model.probabilities(dataset.features[:10])
    )


def test_something_that_is_no_probability_is_refused(dataset):
    fitted = learner("hopeless").fit(dataset, 0, seed=0, threads=1)
    with pytest.raises(EstimatorFailed, match="allowed: numbers from 0 to 1"):
        fitted.logits(dataset.features)


def test_what_a_classifier_raises_is_told_with_its_name(dataset):
    """Without an imputer a plain regression takes no unknown values."""
    source = SOURCE + "\n\ndef estimators(): return {'strict': LogisticRegression()}\n"
    with pytest.raises(EstimatorFailed, match="strict: ValueError: Input X contains NaN"):
        learner("strict", source).fit(dataset, 0, seed=0, threads=1)


FOREIGN = """
from sklearn.preprocessing import FunctionTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from os.path import getsize


def estimators():
    return {"foreign": make_pipeline(FunctionTransformer(getsize), LogisticRegression())}
"""


def test_types_of_other_libraries_are_refused_before_and_after(dataset):
    foreign = learner("foreign", FOREIGN)
    with pytest.raises(ValueError, match=r"genericpath\.getsize; allowed: types of sklearn"):
        foreign.check()
    learner("forest").check()

    from skops.io import dumps

    document = {"name": "foreign", "estimator": "foreign.skops", "typical": [0.0]}
    files = {"foreign.skops": dumps(foreign.estimator), "recipe.py": SOURCE.encode()}
    with pytest.raises(ValueError, match=r"genericpath\.getsize"):
        OwnEstimator.from_json(document, files)


def test_a_class_of_another_recipe_is_refused(dataset):
    own = learner("first").fit(dataset, 0, seed=0, threads=1)
    files = {**own.files(), "recipe.py": (SOURCE + "# edited\n").encode()}
    with pytest.raises(ValueError, match="FirstColumn; allowed"):
        OwnEstimator.from_json(own.to_json(), files)


def test_a_source_is_run_once_and_what_it_raises_comes_through():
    assert own_module(SOURCE) is own_module(SOURCE)
    for _ in range(2):
        with pytest.raises(NameError, match="nowhere"):
            own_module("nowhere()", "broken.py")
