"""The deployed model: what it says, and that it says the same after a journey to disk."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.boosted import BoostedLearner
from models.calibration import Calibrator
from models.files import FORMAT_VERSION
from models.habit import HabitLearner
from models.logistic import LogisticLearner
from models.odds import logit, sigmoid
from models.propensity import BLOCK_ROWS, PropensityModel, blended_model
from models.scale import scores_from_probabilities
from tests.models.drawn import drawn_dataset
from tests.models.histories import HISTORY, drawn_histories


@pytest.fixture(scope="module")
def dataset():
    return drawn_dataset(users=500, snapshots=2)[0]


@pytest.fixture(scope="module")
def model(dataset):
    candidates = [
        BoostedLearner().fit(dataset, 20, seed=0, threads=1),
        LogisticLearner().fit(dataset, 2, seed=0, threads=1),
        LogisticLearner("rfm", ("column_1",)).fit(dataset, 2, seed=0, threads=1),
    ]
    curve = Calibrator(1.1, 0.9, -0.05)
    return blended_model(candidates, [0.5, 0.5, 0.0], curve, 0.4, dataset.feature_names)


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "new" / "folder"
    model.save(folder)
    return folder


def test_candidates_without_weight_are_dropped(model):
    assert [one.name for one in model.candidates] == ["boosted", "logistic"]


def test_probabilities_follow_the_formula(model, dataset):
    boosted, logistic = (one.logits(dataset.features) for one in model.candidates)
    expected = sigmoid(model.calibrator.logits(0.5 * boosted + 0.5 * logistic))
    np.testing.assert_allclose(model.probabilities(dataset.features), expected, rtol=1e-12)
    np.testing.assert_array_equal(
        model.scores(dataset.features),
        scores_from_probabilities(model.probabilities(dataset.features), 0.4),
    )


def test_contributions_add_up_to_the_blend(model, dataset):
    features = dataset.features[:300]
    total = model.contributions(features).sum(axis=1) + model.bias
    np.testing.assert_allclose(total, model.blended(features), atol=1e-9)
    np.testing.assert_allclose(
        sigmoid(model.calibrator.logits(total)), model.probabilities(features), atol=1e-9
    )


@settings(deadline=None, max_examples=40)
@given(arrays(np.float32, (4, 6), elements=st.floats(width=32)))
def test_a_loaded_model_says_the_same_on_any_number(model, saved, features):
    again = PropensityModel.load(saved)
    probabilities = model.probabilities(features)
    np.testing.assert_array_equal(again.probabilities(features), probabilities)
    assert np.all((probabilities >= 1e-6) & (probabilities <= 1 - 1e-6))
    np.testing.assert_array_equal(again.contributions(features), model.contributions(features))


def test_certainty_is_clipped(model, dataset):
    sure = blended_model(model.candidates, (500.0, 500.0), Calibrator(), 0.4, dataset.feature_names)
    probabilities = sure.probabilities(dataset.features)
    assert probabilities.min() == 1e-6
    assert probabilities.max() == 1 - 1e-6
    assert np.isfinite(logit(probabilities)).all()


def test_blocks_leave_no_seam(model, dataset):
    many = np.tile(dataset.features, (BLOCK_ROWS // len(dataset) + 2, 1))
    probabilities = model.probabilities(many)
    np.testing.assert_allclose(
        probabilities[BLOCK_ROWS - 3 : BLOCK_ROWS + 3],
        model.probabilities(many[BLOCK_ROWS - 3 : BLOCK_ROWS + 3]),
        rtol=1e-12,
    )


def test_nobody_has_no_probability(model):
    assert model.probabilities(np.empty((0, 6), np.float32)).shape == (0,)


def test_saving_again_replaces_the_model(model, saved, dataset, tmp_path):
    other = blended_model(model.candidates[1:], [1.0], Calibrator(), 0.2, model.feature_names)
    model.save(tmp_path)
    (tmp_path / "notes.txt").write_text("kept")
    other.save(tmp_path)
    assert PropensityModel.load(tmp_path).base_rate == 0.2
    assert (tmp_path / "notes.txt").read_text() == "kept"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_files_hold_no_pickle(saved):
    assert {path.name for path in saved.iterdir()} == {"model.json", "booster.txt"}
    json.loads((saved / "model.json").read_text(), parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("booster.txt", lambda text: text.replace("tree", "shrub", 1), "one save"),
        ("model.json", lambda text: text[:-10], "no JSON"),
        ("model.json", lambda text: "[]", "no saved model"),
        (
            "model.json",
            lambda text: re.sub(
                r'"format_version": \d+', f'"format_version": {FORMAT_VERSION + 1}', text
            ),
            "newer release",
        ),
    ],
)
def test_broken_files_are_refused(model, tmp_path, file, change, message):
    model.save(tmp_path)
    (tmp_path / file).write_text(change((tmp_path / file).read_text()))
    with pytest.raises(ValueError, match=message):
        PropensityModel.load(tmp_path)


def test_a_model_of_the_first_format_is_still_read(model, dataset, tmp_path):
    model.save(tmp_path)
    whole = json.loads((tmp_path / "model.json").read_text())
    first = whole | {"format_version": 1, "texts": whole.pop("files")}
    (tmp_path / "model.json").write_text(json.dumps(first))
    np.testing.assert_array_equal(
        PropensityModel.load(tmp_path).scores(dataset.features), model.scores(dataset.features)
    )


def test_a_model_with_habits_is_read_back(tmp_path):
    dataset, _ = drawn_histories(customers=1000)
    candidates = [
        BoostedLearner().fit(dataset, 5, seed=0, threads=1),
        HabitLearner("rfm", ("target_",), HISTORY).fit(dataset, 2, seed=0, threads=1),
    ]
    model = blended_model(candidates, [0.4, 0.6], Calibrator(), 0.4, dataset.feature_names)
    model.save(tmp_path)
    again = PropensityModel.load(tmp_path)
    np.testing.assert_array_equal(again.scores(dataset.features), model.scores(dataset.features))
    total = again.contributions(dataset.features).sum(axis=1) + again.bias
    np.testing.assert_allclose(total, again.blended(dataset.features), atol=1e-9)


def test_an_empty_folder_is_no_model(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"model\.json"):
        PropensityModel.load(tmp_path)


def test_a_save_that_fails_leaves_the_model_of_before(model, tmp_path, monkeypatch):
    model.save(tmp_path)
    before = (tmp_path / "model.json").read_bytes()
    unwritable = blended_model(model.candidates[1:], [1.0], Calibrator(), 0.2, ("a",) * 6)
    monkeypatch.setattr("os.fsync", lambda handle: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        unwritable.save(tmp_path)
    assert (tmp_path / "model.json").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"model.json", "booster.txt"}


def test_other_columns_are_refused(model):
    with pytest.raises(ValueError, match=r"allowed: \(rows, 6\)"):
        model.probabilities(np.zeros((3, 5), np.float32))


@pytest.mark.parametrize(
    ("weights", "base_rate", "message"),
    [((1.0,), 0.5, "one for each"), ((1.0, -1.0), 0.5, "above 0"), ((1.0, 1.0), 1.0, "base_rate")],
)
def test_parts_that_do_not_fit_are_refused(model, weights, base_rate, message):
    with pytest.raises(ValueError, match=message):
        PropensityModel(model.candidates, weights, Calibrator(), base_rate, model.feature_names)
