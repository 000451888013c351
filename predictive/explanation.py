"""What training finds out beside the model: associations, importance, leaks, typical values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.propensity import PropensityModel
from predictive.associations import find_associations
from predictive.importance import importance, typical_values
from predictive.leads import read_leads
from predictive.leakage import find_leaks, untimed_attributes
from predictive.sources import EventSource
from predictive.training_data import TrainingData
from predictive.windows import to_datetime64

_TYPICAL = "typical.json"


@dataclass(frozen=True)
class Explanation:
    """What goes along with the outcome, what the model goes by, and what looks like a leak.

    Parameters
    ----------
    associations
        See :func:`predictive.associations.find_associations`.
    importance
        See :func:`predictive.importance.importance`.
    leakage
        The findings of :func:`predictive.leakage.find_leaks`.
    typical
        Median of each feature at the newest snapshot; None where most customers have none.
    """

    associations: dict[str, Any]
    importance: dict[str, Any]
    leakage: list[dict[str, Any]]
    typical: dict[str, float | None]

    @property
    def report(self) -> dict[str, Any]:
        """What stands in the report of a training run."""
        return {
            "associations": self.associations,
            "importance": self.importance,
            "leakage": self.leakage,
        }


def explain(
    source: EventSource, data: TrainingData, model: PropensityModel, *, seed: int
) -> Explanation:
    """Look at what a training run has in hand.

    Parameters
    ----------
    source
        Asked which attributes have no time, and how soon the target follows other events.
    data
        What the model was trained on.
    model
        The deployed model.
    seed
        Of samples.
    """
    dataset, plan = data.dataset, data.feature_plan
    tests = to_datetime64(data.snapshots.tests)
    leads = read_leads(source, plan, data.snapshots.data_end)
    leaks = find_leaks(dataset, plan, tests, untimed_attributes(source, plan), leads, seed=seed)
    return Explanation(
        find_associations(dataset, plan, tests),
        importance(model, dataset, plan, seed=seed),
        [leak.to_dict() for leak in leaks],
        typical_values(dataset, seed=seed),
    )


def write_typical(folder: Path, typical: Mapping[str, float | None]) -> None:
    """Keep the typical values beside the model."""
    (folder / _TYPICAL).write_text(json.dumps(dict(typical)), encoding="utf-8")


def read_typical(folder: Path) -> dict[str, float | None]:
    """The typical values of a model's features."""
    typical: dict[str, float | None] = json.loads((folder / _TYPICAL).read_text(encoding="utf-8"))
    return typical
