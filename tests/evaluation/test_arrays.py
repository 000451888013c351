from __future__ import annotations

import numpy as np
import pytest

from evaluation import auc, brier, prediction_quality
from evaluation.folds import Fold


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([], [], "labels has shape"),
        ([[1, 0]], [[0.1, 0.2]], "labels has shape"),
        ([1, 2], [0.1, 0.2], "labels contains"),
        ([1.0, np.nan], [0.1, 0.2], "labels contains nan|labels contains np.float64"),
        ([1, 0], [0.1], "scores has 1 rows. Allowed: 2"),
        ([1, 0], [0.1, np.nan], "scores contains nan"),
        ([1, 0], [0.1, np.inf], "scores contains inf"),
        ([1, 1], [0.1, 0.2], "labels has no negative among 2 rows"),
        ([0, 0], [0.1, 0.2], "labels has no positive among 2 rows"),
    ],
)
def test_wrong_arrays_are_refused_by_name(labels, scores, message) -> None:
    for measure in (auc, prediction_quality):
        with pytest.raises(ValueError, match=message):
            measure(labels, scores)


@pytest.mark.parametrize("wrong", [-0.1, 1.1])
def test_probabilities_outside_their_range_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="Allowed: numbers from 0 to 1"):
        brier([1, 0], [0.5, wrong])


def test_labels_may_be_booleans_integers_or_floats() -> None:
    scores = [0.3, 0.2, 0.1]
    values = {auc(np.array([1, 0, 1], dtype=kind), scores) for kind in (bool, np.int8, np.float32)}
    assert values == {0.5}


@pytest.mark.parametrize(
    ("users", "message"), [([1], "users has 1 rows"), ([0.5, 1.5], "users has dtype float64")]
)
def test_a_fold_checks_its_users(users, message) -> None:
    with pytest.raises(ValueError, match=message):
        Fold(np.array([1, 0]), np.array([0.1, 0.2]), np.array(users))
