"""What the model itself goes by, over the customers of its newest snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models.dataset import Dataset
from models.odds import Floats
from models.propensity import PropensityModel
from predictive.features.names import read_feature
from predictive.features.plan import FeaturePlan
from predictive.features.words import meaning, topic
from predictive.wording.said import kept

#: Customers whose contributions are averaged; the mean of so many is sure to a few percent.
SAMPLE = 300
#: Customers that typical values are taken from.
TYPICAL_SAMPLE = 20_000
MAX_TOPICS, MAX_FEATURES = 15, 20


def importance(
    model: PropensityModel, dataset: Dataset, plan: FeaturePlan, *, seed: int
) -> dict[str, Any]:
    """How much each topic, and each feature, moves the scores.

    Parameters
    ----------
    model
        The deployed model.
    dataset
        What it was fitted on; the newest snapshot is looked at.
    plan
        Which features it has.
    seed
        Of the sample of customers.

    Returns
    -------
    dict
        ``customers`` looked at; ``topics`` and ``features``, the strongest first, with ``words``
        and ``share`` of all that moves scores.

    Notes
    -----
    Mean absolute contribution to the log odds (Lundberg and others, From local explanations to
    global understanding with explainable AI for trees, Nature Machine Intelligence 2, 2020). A
    topic's contribution is the sum of its features' before it is made absolute: features that
    say the same share one effect between them, or oppose each other, in ways that mean nothing.
    """
    rows = newest(dataset).sampled(SAMPLE, seed)
    contributions = model.contributions(rows.features)
    features = [read_feature(name, plan) for name in dataset.feature_names]
    topics = [topic(feature) for feature in features]
    of_topic = {
        name: float(np.abs(summed).mean())
        for name, summed in by_topic(contributions, topics).items()
    }
    of_feature = np.abs(contributions).mean(axis=0)
    strongest = np.argsort(-of_feature, kind="stable")[:MAX_FEATURES]
    return {
        "customers": len(rows),
        "topics": [
            {
                "words": str(name),
                "said": kept(name),
                "share": _share(size, sum(of_topic.values())),
            }
            for name, size in sorted(of_topic.items(), key=lambda item: -item[1])[:MAX_TOPICS]
            if size > 0
        ],
        "features": [
            {
                "feature": features[index].name,
                "words": str(meaning(features[index])),
                "said": kept(meaning(features[index])),
                "topic": str(topics[index]),
                "share": _share(float(of_feature[index]), float(of_feature.sum())),
            }
            for index in strongest.tolist()
            if of_feature[index] > 0
        ],
    }


def by_topic(contributions: Floats, topics: Sequence[str]) -> dict[str, Floats]:
    """Contributions (n, f) summed by topic: (n,) each."""
    return {
        name: contributions[:, [index for index, own in enumerate(topics) if own == name]].sum(
            axis=1
        )
        for name in dict.fromkeys(topics)
    }


def typical_values(dataset: Dataset, *, seed: int) -> dict[str, float | None]:
    """The median of each feature at the newest snapshot; None where most do not have it."""
    rows = newest(dataset).sampled(TYPICAL_SAMPLE, seed)
    known = np.isfinite(rows.features)
    return {
        name: float(np.median(rows.features[known[:, index], index]))
        if 2 * np.count_nonzero(known[:, index]) >= len(rows)
        else None
        for index, name in enumerate(dataset.feature_names)
    }


def newest(dataset: Dataset) -> Dataset:
    """The rows of the newest snapshot."""
    last: npt.NDArray[np.datetime64] = dataset.moments()[-1:]
    return dataset.at(last[0])


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
