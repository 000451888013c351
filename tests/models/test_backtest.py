"""The backtest: leak-free, repeatable, calibrated out of time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.quality import prediction_quality
from models.backtest import backtest, fit_final
from models.logistic import LogisticLearner
from models.odds import logit, logit_loss
from models.settling import best_setting, default_learners, validation_moments
from tests.models.drawn import FIRST, WINDOW, drawn_dataset
from tests.models.histories import HISTORY

RFM = ("column_1", "column_3")


def _end(dataset):
    return dataset.moments()[-1] + dataset.window


def _tested(dataset, tests=2, **more):
    options = {"data_end": _end(dataset), "seed": 5, "rfm_features": RFM} | more
    return backtest(dataset, test_moments=dataset.moments()[-tests:], **options)


@pytest.fixture(scope="module")
def drawn():
    return drawn_dataset()


@pytest.fixture(scope="module")
def tested(drawn):
    return _tested(drawn[0])


def test_folds_are_the_test_snapshots_in_order(drawn, tested):
    dataset, _ = drawn
    for fold, moment in zip(tested.folds, dataset.moments()[-2:], strict=True):
        rows = dataset.at(moment)
        assert fold.as_of == moment
        np.testing.assert_array_equal(fold.labels, rows.labels)
        np.testing.assert_array_equal(fold.users, rows.users)
        assert fold.candidate_logits.shape == (len(rows), 3)
    assert tested.selection == "out-of-time"
    assert tested.base_rate == np.concatenate([fold.labels for fold in tested.folds]).mean()


def test_the_same_seed_gives_the_same_probabilities_on_any_number_of_threads(drawn, tested):
    again = _tested(drawn[0], threads=2)
    for one, other in zip(tested.folds, again.folds, strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)
    first, second = (
        fit_final(drawn[0], result, data_end=_end(drawn[0]), seed=5) for result in (tested, again)
    )
    np.testing.assert_array_equal(
        first.probabilities(drawn[0].features), second.probabilities(drawn[0].features)
    )


def _assert_first_fold_unchanged(tested, changed):
    other = _tested(changed)
    np.testing.assert_array_equal(tested.folds[0].probabilities, other.folds[0].probabilities)


def test_labels_not_known_at_a_test_snapshot_change_nothing_predicted_for_it(drawn, tested):
    """Neither the test snapshot's own labels nor any later ones."""
    dataset, _ = drawn
    moment = tested.folds[0].as_of
    unknown = dataset.as_of + dataset.window > moment
    flipped = dataset.labels ^ (unknown & (np.random.default_rng(1).random(len(dataset)) < 0.5))
    _assert_first_fold_unchanged(tested, replace(dataset, labels=flipped))


def test_labels_of_a_test_snapshot_that_end_its_trace_at_once_change_nothing(drawn, tested):
    dataset, _ = drawn
    unknown = dataset.as_of + dataset.window > tested.folds[0].as_of
    _assert_first_fold_unchanged(tested, replace(dataset, labels=dataset.labels ^ unknown))


def test_features_of_later_snapshots_change_nothing(drawn, tested):
    dataset, _ = drawn
    later = dataset.as_of > tested.folds[0].as_of
    features = np.where(later[:, None], np.float32(7), dataset.features)
    _assert_first_fold_unchanged(tested, replace(dataset, features=features))


def test_features_of_immature_training_rows_change_nothing():
    """A snapshot between the last matured one and the test snapshot is not learnt from."""
    dataset, _ = drawn_dataset()
    halfway = dataset.rows(dataset.as_of == dataset.moments()[2])
    halfway = replace(halfway, as_of=halfway.as_of + WINDOW // 2)
    noisy = replace(halfway, features=-halfway.features, labels=~halfway.labels)
    results = [
        backtest(
            _joined(dataset, extra),
            data_end=_end(dataset),
            test_moments=[dataset.moments()[3]],
            seed=5,
            rfm_features=RFM,
        ).folds[0]
        for extra in (halfway, noisy)
    ]
    np.testing.assert_array_equal(results[0].probabilities, results[1].probabilities)


def _joined(one, other):
    return replace(
        one,
        **{
            name: np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("features", "labels", "as_of", "users")
        },
    )


def test_the_deployed_model_does_not_learn_from_after_data_end(drawn):
    dataset, _ = drawn
    cut = dataset.moments()[-2] + WINDOW
    result = backtest(dataset, data_end=cut, test_moments=[dataset.moments()[-2]], seed=5)
    later = dataset.as_of + WINDOW > cut
    changed = replace(dataset, labels=dataset.labels ^ later)
    again = backtest(changed, data_end=cut, test_moments=[dataset.moments()[-2]], seed=5)
    one, other = (
        fit_final(rows, tested, data_end=cut, seed=5).probabilities(dataset.features)
        for rows, tested in ((dataset, result), (changed, again))
    )
    np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_probabilities_are_the_true_ones_out_of_time():
    dataset, truth = drawn_dataset(users=3000, snapshots=6)
    result = _tested(dataset, tests=2)
    for fold in result.folds:
        true = truth[dataset.as_of == fold.as_of]
        assert fold.probabilities.mean() == pytest.approx(true.mean(), abs=0.015)
        assert np.abs(fold.probabilities - true).mean() < 0.03
        # Deciles of the prediction: the average truth inside each is what was said.
        order = np.argsort(fold.probabilities)
        for part in np.array_split(order, 10):
            assert true[part].mean() == pytest.approx(fold.probabilities[part].mean(), abs=0.03)


def test_the_blend_is_no_worse_than_its_candidates(tested):
    labels = np.concatenate([fold.labels for fold in tested.folds])
    blend = logit_loss(labels, logit(np.concatenate([f.probabilities for f in tested.folds])))
    singles = [
        logit_loss(labels, np.concatenate([f.candidate_logits[:, j] for f in tested.folds]))
        for j in range(3)
    ]
    assert blend < min(singles) + 0.003


def test_candidates_are_told_as_json(tested):
    names = [one["name"] for one in tested.candidates]
    assert names == ["boosted", "logistic", "rfm"]
    assert sum(one["weight"] for one in tested.candidates) == pytest.approx(1)
    for index, one in enumerate(tested.candidates):
        for fold, quality in zip(tested.folds, one["quality"], strict=True):
            assert quality == prediction_quality(fold.labels, fold.candidate_logits[:, index])
    assert tested.candidates[0]["rounds"] > 1
    assert tested.candidates[1]["inverse_penalty"] > 0
    assert tested.chosen == "blend"


def test_a_single_learner_is_chosen_by_its_name(drawn):
    dataset, _ = drawn
    result = _tested(dataset, learners=[LogisticLearner()])
    assert result.chosen == "logistic"
    model = fit_final(dataset, result, data_end=_end(dataset), seed=5)
    assert [one.name for one in model.candidates] == ["logistic"]


def test_one_matured_snapshot_is_cross_validated_by_user():
    dataset, _ = drawn_dataset(snapshots=2, users=1000)
    result = _tested(dataset, tests=1)
    assert result.selection == "cross-validation"
    assert prediction_quality(result.folds[0].labels, result.folds[0].probabilities) > 20
    model = fit_final(dataset, result, data_end=_end(dataset), seed=5)
    assert 0 < model.probabilities(dataset.features).mean() < 1


def test_validation_snapshots_are_matured_apart_and_have_something_to_learn_from():
    dataset, _ = drawn_dataset(users=50, snapshots=7)
    halfway = dataset.rows(dataset.as_of == FIRST + 4 * WINDOW)
    dense = _joined(dataset, replace(halfway, as_of=halfway.as_of + WINDOW // 2))
    moments = [FIRST + k * WINDOW for k in range(7)]
    assert validation_moments(dense, moments[6]) == [moments[5], moments[4], moments[3]]
    assert validation_moments(dense, moments[5]) == [moments[4], moments[3], moments[2]]
    assert validation_moments(dense, moments[2]) == [moments[1]]
    assert validation_moments(dense, moments[1]) == []


def test_the_best_setting_is_one_that_every_validation_tried():
    longer, shorter = np.array([5.0, 4.0, 3.0, 0.0]), np.array([5.0, 3.0, 4.5])
    assert best_setting([longer, shorter]) == 1


def test_progress_rises_to_one(drawn):
    told = []
    _tested(drawn[0], learners=[LogisticLearner()], progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_rows_beyond_the_limit_are_sampled(drawn):
    dataset, _ = drawn
    few = _tested(dataset, learners=[LogisticLearner()], row_limit=200)
    again = _tested(dataset, learners=[LogisticLearner()], row_limit=200)
    all_rows = _tested(dataset, learners=[LogisticLearner()])
    np.testing.assert_array_equal(few.folds[0].probabilities, again.folds[0].probabilities)
    assert not np.array_equal(few.folds[0].probabilities, all_rows.folds[0].probabilities)


@pytest.mark.parametrize(
    ("features", "names"),
    [
        ((), ["boosted", "logistic"]),
        ((RFM,), ["boosted", "logistic", "rfm"]),
        ((RFM, HISTORY), ["boosted", "logistic", "rfm", "btyd"]),
    ],
)
def test_candidates_need_the_features_that_they_read(features, names):
    assert [learner.name for learner in default_learners(*features)] == names


@pytest.mark.parametrize(
    ("tests", "end", "message"),
    [
        ([], FIRST + 9 * WINDOW, "empty"),
        ([FIRST + WINDOW // 3], FIRST + 9 * WINDOW, "no rows"),
        ([FIRST + 4 * WINDOW], FIRST + 4 * WINDOW, "not matured"),
        ([FIRST], FIRST + 9 * WINDOW, "0 positive and 0 negative"),
    ],
)
def test_impossible_tests_are_refused(drawn, tests, end, message):
    with pytest.raises(ValueError, match=message):
        backtest(drawn[0], data_end=end, test_moments=tests, seed=0)
