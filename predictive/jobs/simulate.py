"""The ``simulate`` job: whom a threshold reaches, and what that costs and earns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from evaluation.histogram import BINS_PER_POINT, ScoreHistogram
from evaluation.money import Money
from evaluation.profit import profit_curve
from evaluation.selection import Selection
from evaluation.shift import ShiftVariance
from evaluation.simulation import simulate as simulate_histogram
from evaluation.simulation import threshold_curve as curve_of_histogram
from predictive.errors import Conflict
from predictive.store.runs import Run
from predictive.workspace import Workspace

_BUCKETS = 20


@dataclass(frozen=True)
class PublishedScores:
    """What a simulation needs of the published run.

    Parameters
    ----------
    run
        The scoring run that readers see.
    histogram
        Its scores and probabilities, by hundredth of a score; of a segment, if asked for one.
    shift
        How far the base rate moves from one window to the next.
    kind
        churn, purchase or event.
    segment
        ``name``, ``version``, ``as_of`` and number of ``users`` of the segment that the histogram
        is restricted to; None: all users of the run.
    """

    run: Run
    histogram: ScoreHistogram
    shift: ShiftVariance
    kind: str
    segment: dict[str, Any] | None = None


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


def published_scores(
    workspace: Workspace, name: str, *, segment: str | None = None, now: datetime | None = None
) -> PublishedScores:
    """The published run of a prediction, all of it or what a segment holds of it.

    Parameters
    ----------
    segment
        Name of a segment. Its histogram is counted once for a run and a state of the segment.
    now
        When, for the segment; default: this moment.

    Raises
    ------
    NotFound
        When there is no such prediction or segment.
    Conflict
        When it has no published scores.
    """
    prediction = workspace.store.predictions.get(name)
    run = workspace.store.runs.current(name)
    if run is None:
        raise Conflict(f"Prediction {name!r} has no scores yet. Score it first.")
    told = None
    if segment is None:
        histogram = ScoreHistogram.from_bytes(workspace.store.runs.histogram(run.run_id))
    else:
        from predictive.segments.histograms import segment_part  # noqa: PLC0415  (Ibis)

        run, snapshot, histogram = segment_part(workspace, run, segment, now or datetime.now(UTC))
        told = {
            "name": segment,
            "version": snapshot.version,
            "as_of": snapshot.as_of.isoformat(),
            "users": snapshot.users,
        }
    report = workspace.store.models.get(name, run.model_version).report
    shift = ShiftVariance(report["shift"]["tau2"], report["shift"]["degrees"])
    return PublishedScores(run, histogram, shift, prediction.kind, told)


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
