"""The ``simulate`` job: whom a threshold reaches, and what that costs and earns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from evaluation.histogram import BINS_PER_POINT
from evaluation.money import Money
from evaluation.profit import profit_curve
from evaluation.selection import Selection
from evaluation.simulation import simulate as simulate_histogram
from evaluation.simulation import threshold_curve as curve_of_histogram
from predictive.published import PublishedScores, published_scores
from predictive.workspace import Workspace

_BUCKETS = 20


class Scenario(NamedTuple):
    """One of several selections that are compared.

    Parameters
    ----------
    selection
        Whom to reach.
    money
        At what prices.
    label
        How people call it.
    """

    selection: Selection
    money: Money | None = None
    label: str | None = None


def simulate(
    workspace: Workspace,
    name: str,
    *,
    selection: Selection,
    money: Money | None = None,
    segment: str | None = None,
) -> dict[str, Any]:
    """Simulate a send to a part of the published scores.

    Parameters
    ----------
    workspace
        Where the prediction stands.
    name
        The prediction.
    selection
        A score range, a top share, a number of messages or a budget.
    money
        What a conversion is worth and what messages and incentives cost.
    segment
        Only its members; all shares are of them then.

    Returns
    -------
    dict
        :meth:`evaluation.simulation.Simulation.to_dict`, with the run it answers for, and
        ``best`` (the most profitable threshold) when money is given.
    """
    published = published_scores(workspace, name, segment=segment)
    return _provenance(name, published) | _outcome(published, selection, money)


def compare_scenarios(
    workspace: Workspace, name: str, scenarios: Sequence[Scenario], *, segment: str | None = None
) -> dict[str, Any]:
    """Simulate several selections side by side, all on the same scores.

    Returns
    -------
    dict
        The run they answer for and ``scenarios``, each as :func:`simulate` has it, with its
        ``label``, in the order given.
    """
    published = published_scores(workspace, name, segment=segment)
    return _provenance(name, published) | {
        "scenarios": [
            {"label": each.label} | _outcome(published, each.selection, each.money)
            for each in scenarios
        ]
    }


def threshold_curve(
    workspace: Workspace, name: str, *, money: Money | None = None, segment: str | None = None
) -> dict[str, Any]:
    """The simulation at every whole threshold from 0 to 100."""
    published = published_scores(workspace, name, segment=segment)
    points = curve_of_histogram(published.histogram, money=money, shift=published.shift)
    answer = _provenance(name, published) | {"points": [point.to_dict() for point in points]}
    if money is not None:
        answer["best"] = _best(published, money) | {
            "curve": profit_curve(published.histogram, money).to_dict()
        }
    return answer


def score_distribution(
    workspace: Workspace, name: str, *, segment: str | None = None
) -> dict[str, Any]:
    """How many users have which score: in 20 equal ranges, and by category.

    Returns
    -------
    dict
        The run, ``buckets`` (:meth:`evaluation.histogram.ScoreHistogram.buckets`) and
        ``categories``: of each ``category`` its ``min_score``, ``users`` and
        ``expected_positives``, from low to high.
    """
    published = published_scores(workspace, name, segment=segment)
    return _provenance(name, published) | {
        "expected_positives": published.histogram.expected_positives,
        "buckets": published.histogram.buckets(_BUCKETS),
        "categories": _categories(published),
    }


def _categories(published: PublishedScores) -> list[dict[str, Any]]:
    histogram = published.histogram
    bounds = [0.0, *published.run.categories]
    starts = [round(bound * BINS_PER_POINT) for bound in bounds]
    parts = zip(starts, [*starts[1:], len(histogram.counts)], strict=True)
    return [
        {
            "category": category,
            "min_score": bound,
            "users": int(histogram.counts[first:end].sum()),
            "expected_positives": float(histogram.sum_p[first:end].sum()),
        }
        for category, bound, (first, end) in zip(
            ("low", "medium", "high"), bounds, parts, strict=True
        )
    ]


def _outcome(
    published: PublishedScores, selection: Selection, money: Money | None
) -> dict[str, Any]:
    simulation = simulate_histogram(
        published.histogram, selection=selection, money=money, shift=published.shift
    )
    best = {} if money is None else {"best": _best(published, money)}
    return simulation.to_dict() | best


def _best(published: PublishedScores, money: Money) -> dict[str, Any]:
    """The most profitable threshold, and how flat profit is around it."""
    curve = profit_curve(published.histogram, money)
    return {
        "threshold": curve.best_threshold,
        "reached": curve.best_reached,
        "profit": curve.best_profit,
        "flat_from": curve.flat_from,
        "flat_to": curve.flat_to,
    }


def _provenance(name: str, published: PublishedScores) -> dict[str, Any]:
    return {
        "prediction": name,
        "kind": published.kind,
        "run_id": published.run.run_id,
        "model_version": published.run.model_version,
        "as_of": published.run.as_of.isoformat(),
        "users": published.histogram.total,
        "segment": published.segment,
    }
