"""The ``simulate`` job: whom a threshold reaches, and what that costs and earns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluation.histogram import ScoreHistogram
from evaluation.money import Money
from evaluation.profit import profit_curve
from evaluation.selection import Selection
from evaluation.shift import ShiftVariance
from evaluation.simulation import simulate as simulate_histogram
from evaluation.simulation import threshold_curve as curve_of_histogram
from predictive.errors import Conflict
from predictive.store.runs import Run
from predictive.workspace import Workspace


@dataclass(frozen=True)
class PublishedScores:
    """What a simulation needs of the published run.

    Parameters
    ----------
    run
        The scoring run that readers see.
    histogram
        Its scores and probabilities, by hundredth of a score.
    shift
        How far the base rate moves from one window to the next.
    kind
        churn, purchase or event.
    """

    run: Run
    histogram: ScoreHistogram
    shift: ShiftVariance
    kind: str


def published_scores(workspace: Workspace, name: str) -> PublishedScores:
    """The published run of a prediction.

    Raises
    ------
    NotFound
        When there is no such prediction.
    Conflict
        When it has no published scores.
    """
    prediction = workspace.store.predictions.get(name)
    run = workspace.store.runs.current(name)
    if run is None:
        raise Conflict(f"Prediction {name!r} has no scores yet. Score it first.")
    report = workspace.store.models.get(name, run.model_version).report
    return PublishedScores(
        run,
        ScoreHistogram.from_bytes(workspace.store.runs.histogram(run.run_id)),
        ShiftVariance(report["shift"]["tau2"], report["shift"]["degrees"]),
        prediction.kind,
    )


def simulate(
    workspace: Workspace, name: str, *, selection: Selection, money: Money | None = None
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

    Returns
    -------
    dict
        :meth:`evaluation.simulation.Simulation.to_dict`, with the run it answers for, and
        ``best`` (the most profitable threshold) when money is given.
    """
    published = published_scores(workspace, name)
    simulation = simulate_histogram(
        published.histogram, selection=selection, money=money, shift=published.shift
    )
    answer = _provenance(name, published) | simulation.to_dict()
    if money is not None:
        answer["best"] = _best(published, money)
    return answer


def threshold_curve(
    workspace: Workspace, name: str, *, money: Money | None = None
) -> dict[str, Any]:
    """The simulation at every whole threshold from 0 to 100."""
    published = published_scores(workspace, name)
    points = curve_of_histogram(published.histogram, money=money, shift=published.shift)
    answer = _provenance(name, published) | {"points": [point.to_dict() for point in points]}
    if money is not None:
        answer["best"] = _best(published, money) | {
            "curve": profit_curve(published.histogram, money).to_dict()
        }
    return answer


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
    }
