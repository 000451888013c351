"""The ``simulate`` job: whom a threshold reaches, and what that costs and earns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluation.histogram import ScoreHistogram
from evaluation.profit import profit_curve
from evaluation.shift import ShiftVariance
from evaluation.simulation import Money, Selection
from evaluation.simulation import simulate as simulate_histogram

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
        answer["best"] = profit_curve(published.histogram, money).best_dict()
    return answer


def threshold_curve(
    workspace: Workspace, name: str, *, money: Money | None = None
) -> dict[str, Any]:
    """The simulation at every whole threshold from 0 to 100."""
    published = published_scores(workspace, name)
    points = [
        simulate_histogram(
            published.histogram,
            selection=Selection.scores(float(threshold), 100.0),
            money=money,
            shift=published.shift,
        ).to_dict()
        for threshold in range(101)
    ]
    answer = _provenance(name, published) | {"points": points}
    if money is not None:
        answer["best"] = profit_curve(published.histogram, money).best_dict()
    return answer


def _provenance(name: str, published: PublishedScores) -> dict[str, Any]:
    return {
        "prediction": name,
        "kind": published.kind,
        "run_id": published.run.run_id,
        "model_version": published.run.model_version,
        "as_of": published.run.as_of.isoformat(),
        "users": published.histogram.total,
    }
