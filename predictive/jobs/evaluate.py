"""The ``evaluate`` job: a matured scoring run against what really happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from predictive.errors import Conflict, InsufficientData, NotFound
from predictive.evaluation_report import counted, evaluation_report
from predictive.lifecycle import require_updating
from predictive.opened_prediction import open_prediction
from predictive.outcomes import ScoredOutcomes, scored_outcomes
from predictive.progress import NoProgress, Progress
from predictive.reach import reach, sends_within
from predictive.store.runs import Run
from predictive.wording import moments
from predictive.wording.sentence import Sentence
from predictive.workspace import Workspace


def evaluate(
    workspace: Workspace, name: str, *, run_id: str | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """Compare a matured scoring run with the outcomes.

    Parameters
    ----------
    workspace
        Where prediction and events stand.
    name
        The prediction.
    run_id
        The scoring run; default: the newest one that has matured.
    now
        When the evaluation is made; default: this moment.

    Returns
    -------
    dict
        ``expected`` (from the backtest) and ``actual``, blocks of the same shape;
        ``confusion_matrices`` and ``true_positives``, expected and actual, at each category
        bound; ``bands``; ``runs`` and how many of them have ``matured``.

    Raises
    ------
    NotFound
        When there is no such prediction or run.
    Conflict
        When it is archived, or nothing has been scored yet.
    InsufficientData
        When the window of the run has not passed yet; says when it will have.
    """
    require_updating(workspace.store.predictions.get(name))
    runs = workspace.store.runs.list(name)
    data_end = open_prediction(workspace, name).source.data_end()
    run = _chosen(runs, name, run_id, data_end)
    if run.matures_at > data_end:
        covered, matures = moments.apart(data_end, run.matures_at)
        raise InsufficientData(
            "run",
            run.run_id,
            Sentence(
                "a scoring run whose window has passed: this one's ends at {end}, the data at "
                "{data_end}",
                end=matures,
                data_end=covered,
            ),
            "Import the events up to that moment, then evaluate again.",
        )
    return _evaluated(workspace, run, now or datetime.now(UTC)) | _maturity(runs, data_end)


def evaluate_matured(
    workspace: Workspace, name: str, *, now: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Evaluate every run whose window has passed and that has no evaluation yet.

    Safe to repeat: what has been evaluated is not evaluated again.

    Parameters
    ----------
    workspace
        Where prediction and events stand.
    name
        The prediction.
    now
        When the evaluations are made.

    Returns
    -------
    dict
        ``evaluated`` and ``not_evaluated``, oldest run first, the latter with the reason;
        ``runs`` and how many of them have ``matured``.

    Raises
    ------
    NotFound
        When there is no such prediction.
    Conflict
        When it is archived.
    """
    listener = progress or NoProgress()
    require_updating(workspace.store.predictions.get(name))
    runs = workspace.store.runs.list(name)
    data_end = open_prediction(workspace, name).source.data_end()
    waiting = _waiting(workspace, name, [run for run in runs if run.matures_at <= data_end])
    evaluated, refused = [], []
    listener.stage("Evaluating", total=len(waiting))
    for run in sorted(waiting, key=lambda run: (run.as_of, run.run_id)):
        try:
            evaluated.append(_summary(_evaluated(workspace, run, now)))
        except InsufficientData as error:
            refused.append(
                {"run_id": run.run_id, "as_of": run.as_of.isoformat(), "reason": str(error)}
            )
        listener.advance()
    return {
        "prediction": name,
        "evaluated": evaluated,
        "not_evaluated": refused,
    } | _maturity(runs, data_end)


def _waiting(workspace: Workspace, name: str, matured: Sequence[Run]) -> list[Run]:
    """Runs without an evaluation, or with one from before a send was recorded."""
    done = workspace.store.evaluations.evaluated_at(name)
    sends = workspace.store.sends.list(name)
    return [
        run
        for run in _published(matured)
        if run.run_id not in done
        or any(send.created_at > done[run.run_id] for send in sends_within(sends, run))
    ]


def _summary(report: dict[str, Any]) -> dict[str, Any]:
    """What a list of evaluations tells of one."""
    return {
        "run_id": report["run_id"],
        "as_of": report["as_of"],
        "model_version": report["model_version"],
        "expected": report["expected"]["quality"],
        "actual": report["actual"]["quality"],
    }


def _published(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.published_at is not None]


def _maturity(runs: Sequence[Run], data_end: datetime) -> dict[str, Any]:
    """How many runs there are, and how many of them have matured."""
    published = _published(runs)
    return {
        "runs": len(published),
        "matured": sum(run.matures_at <= data_end for run in published),
    }


def _evaluated(workspace: Workspace, run: Run, now: datetime) -> dict[str, Any]:
    """Compare a run with the outcomes and keep what that tells; once for the same data."""
    prediction = open_prediction(workspace, run.prediction, run.definition_version)
    sends = sends_within(workspace.store.sends.list(run.prediction), run)
    inputs = {
        "data_version": prediction.source.version,
        "sends": [send.send_id for send in sends],
    }
    for kept in workspace.store.evaluations.of_run(run.run_id)[:1]:
        if inputs.items() <= kept.report.items():
            return dict(kept.report)
    archived = pa.Table.from_batches(workspace.lake.read_scores(run.run_id))
    outcomes = scored_outcomes(prediction.source, prediction.definition, run.as_of, archived)
    reached = reach(workspace.store.sends, sends, outcomes.user_ids)
    _check_both_outcomes(run, counted(outcomes, reached))
    expected = workspace.store.models.get(run.prediction, run.model_version).report
    report = evaluation_report(run, expected, outcomes, reached)
    report |= inputs | {"evaluated_at": now.isoformat()}
    return dict(workspace.store.evaluations.add(run.run_id, report))


def _chosen(runs: Sequence[Run], name: str, run_id: str | None, data_end: datetime) -> Run:
    """The run asked for, or the published one that matured last, else the next to mature."""
    published = _published(runs)
    if run_id is not None:
        for run in published:
            if run.run_id == run_id:
                return run
        raise NotFound("scoring run", run_id, [run.run_id for run in published])
    if not published:
        raise Conflict("Prediction {name!r} has no scores yet. Score it first.", name=name)
    ready = [run for run in published if run.matures_at <= data_end]
    if ready:
        return max(ready, key=lambda run: (run.as_of, run.run_id))
    return min(published, key=lambda run: run.matures_at)


def _check_both_outcomes(run: Run, outcomes: ScoredOutcomes) -> None:
    if not outcomes.has_both:
        raise InsufficientData(
            "run",
            run.run_id,
            Sentence(
                "a run with at least one user of each outcome: this one has {positives} positive "
                "of {users} users",
                positives=outcomes.positives,
                users=len(outcomes.labels),
            ),
            "Check that the events of the target are still being imported.",
        )
