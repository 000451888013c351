"""Why one customer has the score they have: the features that move it, in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.calibration import Calibrator
from models.odds import sigmoid
from models.propensity import PropensityModel
from models.scale import scores_from_probabilities
from predictive.dataset import feature_blocks
from predictive.explanation import read_typical
from predictive.features.names import Feature, read_feature
from predictive.features.plan import FeaturePlan
from predictive.features.words import statement, topic, typically
from predictive.model_folder import read_model
from predictive.snapshots import SnapshotUsers
from predictive.sources import EventSource, open_source
from predictive.sources.one_user import OneUser
from predictive.store.score import Score
from predictive.workspace import Workspace

#: Scores further apart than this are not the same score.
_SCORE_STEP = 0.01


def show_reasons(workspace: Workspace, name: str, user_id: str) -> dict[str, Any]:
    """What moves the published score of a customer, the strongest first.

    Parameters
    ----------
    workspace
        Where the prediction stands.
    name
        The prediction.
    user_id
        The customer.

    Returns
    -------
    dict
        Where the score comes from (``prediction``, ``user_id``, ``run_id``, ``model_version``,
        ``as_of``, ``probability``, ``score``, ``category``), then ``log_odds`` and
        ``base_log_odds`` (of a customer of whom nothing speaks for or against) with
        ``base_score``, ``data_changed`` and ``reasons``: of each topic ``topic``, ``words`` and
        ``typical`` of its strongest feature, ``log_odds`` (what it adds), ``odds_factor`` and
        ``features``, with ``feature``, ``words``, ``value``, ``typical`` and ``log_odds`` each.
        What all of them add to ``base_log_odds`` is ``log_odds``.

    Raises
    ------
    NotFound
        When there is no such prediction, or the customer has no score.
    Conflict
        When the prediction does not offer scores.

    Notes
    -----
    The features are computed again from what is stamped before the run's ``as_of``;
    ``data_changed`` says that this gives another score today, because such events were imported
    or deleted since. The candidates' contributions add up to the log odds before calibration.
    The calibrator is a curve on that sum, so each is scaled by the slope of its chord from the
    base to the customer: the share of each in the whole stays as it was.
    """
    return reasons_of(workspace, name, workspace.store.scores.get(name, user_id))


def reasons_of(workspace: Workspace, name: str, score: Score) -> dict[str, Any]:
    """What :func:`show_reasons` tells, of a score that was read already."""
    folder = workspace.path / workspace.store.models.get(name, score.model_version).folder
    model, plan = read_model(folder)
    row = user_features(open_source(workspace), score.user_id, score.as_of, plan)
    told = contributions(model, row)
    again = float(scores_from_probabilities(sigmoid(np.array([told.log_odds])), model.base_rate)[0])
    features = [read_feature(each, plan) for each in model.feature_names]
    base = sigmoid(np.array([told.base]))
    return {
        "prediction": name,
        "user_id": score.user_id,
        "run_id": score.run_id,
        "model_version": score.model_version,
        "as_of": score.as_of.isoformat(),
        "probability": score.probability,
        "score": score.score,
        "category": score.category,
        "log_odds": told.log_odds,
        "base_log_odds": told.base,
        "base_score": float(scores_from_probabilities(base, model.base_rate)[0]),
        "data_changed": abs(again - score.score) > 1.5 * _SCORE_STEP,
        "reasons": _by_topic(features, row[0], told.added, read_typical(folder)),
    }


@dataclass(frozen=True)
class Contributions:
    """How one row comes to its calibrated log odds.

    Parameters
    ----------
    base
        Log odds where all contributions are nought.
    added
        (f,) what each feature adds.
    """

    base: float
    added: npt.NDArray[np.float64]

    @property
    def log_odds(self) -> float:
        """Base and contributions together."""
        return self.base + float(self.added.sum())


def contributions(model: PropensityModel, row: npt.NDArray[np.float32]) -> Contributions:
    """What each feature of one row (1, f) adds to its calibrated log odds."""
    raw = model.contributions(row)[0]
    base = float(model.calibrator.logits(np.array([model.bias]))[0])
    return Contributions(base, raw * _slope(model.calibrator, model.bias, float(raw.sum())))


def user_features(
    source: EventSource, user_id: str, as_of: datetime, plan: FeaturePlan
) -> npt.NDArray[np.float32]:
    """(1, f) the features of one user as of a moment, from a read of that user alone."""
    everybody = np.ones((1, 1), dtype=bool)
    users = SnapshotUsers(0, pa.array([user_id], pa.string()), everybody, ~everybody)
    (block,) = feature_blocks(OneUser(source, user_id), users, [as_of], plan)
    return np.ascontiguousarray(block.features[0])


def _slope(calibrator: Calibrator, bias: float, total: float) -> float:
    """Of the calibrator's chord from the base to the customer; of its tangent where they meet."""
    reach = total if abs(total) > 1e-6 else 1e-6
    ends = calibrator.logits(np.array([bias, bias + reach]))
    return float(ends[1] - ends[0]) / reach


def _by_topic(
    features: Sequence[Feature],
    values: npt.NDArray[np.float32],
    added: npt.NDArray[np.float64],
    typical: Mapping[str, float | None],
) -> list[dict[str, Any]]:
    topics: dict[str, list[int]] = {}
    for index, feature in enumerate(features):
        topics.setdefault(topic(feature), []).append(index)
    told = []
    for name, members in topics.items():
        total = float(added[members].sum())
        held = {index: _held(features[index], float(values[index])) for index in members}
        pull = {index: added[index] * math.copysign(1, total) for index in members}
        rows = [
            _feature(features[index], float(values[index]), float(added[index]), typical)
            for index in sorted(members, key=lambda index: (not held[index], -pull[index]))
            if added[index] != 0 or held[index]
        ]
        if total != 0:
            lead = {key: rows[0][key] for key in ("words", "typical")}
            factor = {"log_odds": total, "odds_factor": math.exp(total)}
            told.append({"topic": name} | lead | factor | {"features": rows})
    return sorted(told, key=lambda each: -abs(each["log_odds"]))


def _held(feature: Feature, value: float) -> bool:
    """Whether it is the value that an attribute of the customer has: it leads its topic."""
    return feature.measure == "attribute_value" and value == 1


def _feature(
    feature: Feature, value: float, added: float, typical: Mapping[str, float | None]
) -> dict[str, Any]:
    usual = typical[feature.name]
    return {
        "feature": feature.name,
        "words": statement(feature, value),
        "value": value if math.isfinite(value) else None,
        "typical": typically(feature, math.nan if usual is None else usual),
        "log_odds": added,
    }
