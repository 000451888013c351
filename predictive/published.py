"""The published scores of a prediction, as simulations read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from evaluation.histogram import ScoreHistogram
from evaluation.shift import ShiftVariance
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


#: A published run never changes, so the one read last of each prediction is not read again.
_kept: WeakKeyDictionary[Workspace, dict[str, PublishedScores]] = WeakKeyDictionary()


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
    if segment is not None:
        return _read(workspace, name, segment, now or datetime.now(UTC))
    kept = _kept.setdefault(workspace, {})
    known = kept.get(name)
    if known is None or (known.run.run_id, known.kind) != workspace.store.runs.current_id(name):
        known = kept[name] = _read(workspace, name)
    return known


def _read(
    workspace: Workspace, name: str, segment: str | None = None, now: datetime | None = None
) -> PublishedScores:
    prediction = workspace.store.predictions.get(name)
    run = workspace.store.runs.current(name)
    if run is None:
        raise Conflict("Prediction {name!r} has no scores yet. Score it first.", name=name)
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
