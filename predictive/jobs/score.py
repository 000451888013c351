"""The ``score`` job: one scoring run, archived in the lake and published whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.histogram import ScoreHistogram
from models.propensity import PropensityModel
from models.scale import CATEGORIES, category_codes, scores_from_probabilities
from predictive.code_version import code_version
from predictive.dataset import feature_blocks
from predictive.errors import Conflict, InvalidInput
from predictive.features.plan import FeaturePlan
from predictive.lifecycle import require_targeting, require_updating
from predictive.model_folder import read_model
from predictive.opened_prediction import OpenPrediction, open_prediction
from predictive.progress import NoProgress, Progress
from predictive.snapshots import snapshot_users
from predictive.store.publication import has_newer
from predictive.store.runs import Run
from predictive.watching.profile import ProfileSample, read_profile
from predictive.windows import checked_as_of
from predictive.wording import moments
from predictive.wording.sentence import Sentence
from predictive.workspace import Workspace

SCORES_SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("probability", pa.float64()),
        ("score", pa.float64()),
        ("category", pa.string()),
    ]
)


def score(
    workspace: Workspace,
    name: str,
    *,
    as_of: datetime | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
    job_id: str | None = None,
) -> dict[str, Any]:
    """Score the audience as of a moment, archive the scores and publish them.

    Parameters
    ----------
    workspace
        Where prediction and events stand.
    name
        The prediction; its champion scores.
    as_of
        Moment of prediction; default: where the data ends.
    out
        A Parquet file to write as well: ``user_id, probability, score, category``.
    job_id
        The job that scores. What it published before is told again and not scored twice, and
        what it left half-written is given up, so that a killed job can simply be run again.

    Returns
    -------
    dict
        ``run_id``, ``model_version``, ``as_of``, ``users``, ``expected_positives``,
        ``categories`` and ``buckets`` (users by score).

    Raises
    ------
    NotFound
        When there is no such prediction.
    Conflict
        When it is archived or has no model yet, newer scores than ``as_of`` are published, or
        a file is asked for and it is not active.
    """
    check_out(out)
    found = workspace.store.predictions.get(name)
    require_updating(found)
    if out is not None:
        require_targeting(found)
    run = _published_before(workspace, job_id) if job_id else None
    if run is None:
        run = _scored(workspace, name, as_of, progress or NoProgress(), job_id)
    workspace.store.scores.delete_superseded()
    if out is not None:
        export_scores(workspace, run.run_id, out)
    return _report(workspace, run) | {"out": str(out) if out else None}


def _published_before(workspace: Workspace, job_id: str) -> Run | None:
    """The run that a job has published already; one that it left unfinished is given up."""
    run = workspace.store.runs.of_job(job_id)
    if run is None or run.published_at is not None:
        return run
    workspace.store.runs.fail(run.run_id)
    workspace.lake.scores.discard(run.run_id)
    return None


def _scored(
    workspace: Workspace, name: str, as_of: datetime | None, progress: Progress, job_id: str | None
) -> Run:
    champion = workspace.store.models.champion(name)
    if champion is None:
        raise Conflict("Prediction {name!r} has no model yet. Train it first.", name=name)
    prediction = open_prediction(workspace, name, champion.definition_version)
    source = prediction.source
    moment = checked_as_of(as_of, source.history_start(), source.data_end())
    current = workspace.store.predictions.get(name).current_as_of
    if current is not None and moment < current:
        # Publishing would refuse it as well, but only after all the work.
        raise has_newer(name, moment, current)
    model, plan = read_model(workspace.path / champion.folder)
    runs = workspace.store.runs
    run_id = runs.begin(
        name,
        champion.version,
        moment,
        categories=_bounds(prediction),
        data_version=source.version,
        code_version=code_version(),
        job_id=job_id,
    )
    try:
        sample = ProfileSample()
        histogram = _write_scores(
            workspace, prediction, run_id, moment, model, plan, sample, progress
        )
        _check_somebody(histogram, moment)
        _keep_profile(workspace, run_id, workspace.path / champion.folder, sample)
        runs.finish(run_id, histogram=histogram.to_bytes(), users=histogram.total)
        _forget_deleted_users(workspace, run_id)
        runs.publish(run_id)
    except BaseException:
        # First: of a prediction that was deleted meanwhile, the run can't even fail.
        workspace.lake.scores.discard(run_id)
        runs.fail(run_id)
        raise
    return runs.get(run_id)


def _report(workspace: Workspace, run: Run) -> dict[str, Any]:
    histogram = ScoreHistogram.from_bytes(workspace.store.runs.histogram(run.run_id))
    return {
        "prediction": run.prediction,
        "run_id": run.run_id,
        "model_version": run.model_version,
        "as_of": run.as_of.isoformat(),
        "users": histogram.total,
        "expected_positives": histogram.expected_positives,
        "categories": _category_counts(histogram, run.categories),
        "buckets": histogram.buckets(20),
    }


def scored_batches(
    prediction: OpenPrediction,
    as_of: datetime,
    model: PropensityModel,
    plan: FeaturePlan,
    sample: ProfileSample,
    progress: Progress,
) -> Iterator[pa.RecordBatch]:
    """Probability, score and category of every user of the audience, in bounded batches.

    Every row is offered to the sample from which the run's profile is made.
    """
    progress.stage("Scoring", total=len(prediction.source.partitions))
    for users in snapshot_users(
        prediction.source, prediction.definition, [as_of], outcomes=False, progress=progress
    ):
        for block in feature_blocks(prediction.source, users, [as_of], plan):
            ids = users.user_ids.take(pa.array(block.rows))
            batch = scored(ids, block.features[0], model, _bounds(prediction))
            sample.add(block.features[0], batch.column("score").to_numpy())
            yield batch


def scored(
    user_ids: pa.Array,
    features: npt.NDArray[np.float32],
    model: PropensityModel,
    bounds: tuple[float, float],
) -> pa.RecordBatch:
    """A feature table as probabilities, scores and categories.

    Parameters
    ----------
    user_ids
        (n,) strings.
    features
        (n, f) float32.
    model
        The model that scores.
    bounds
        Lowest scores of medium and high.
    """
    probabilities = model.probabilities(features)
    scores = scores_from_probabilities(probabilities, model.base_rate)
    categories = pa.DictionaryArray.from_arrays(category_codes(scores, bounds), CATEGORIES)
    return pa.RecordBatch.from_arrays(
        [user_ids, pa.array(probabilities), pa.array(scores), categories.cast(pa.string())],
        schema=SCORES_SCHEMA,
    )


def _bounds(prediction: OpenPrediction) -> tuple[float, float]:
    bounds = prediction.definition.category_bounds
    return bounds["medium"], bounds["high"]


def _category_counts(histogram: ScoreHistogram, bounds: tuple[float, float]) -> dict[str, int]:
    edges = [0, *(round(100 * bound) for bound in bounds), len(histogram.counts)]
    return {
        name: int(histogram.counts[first:last].sum())
        for name, (first, last) in zip(CATEGORIES, pairwise(edges), strict=True)
    }


def check_out(out: Path | None) -> None:
    """Refuse a file that could not be written, before any work is done."""
    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise InvalidInput("out", str(out), "a file in an existing folder")


def _write_scores(
    workspace: Workspace,
    prediction: OpenPrediction,
    run_id: str,
    as_of: datetime,
    model: PropensityModel,
    plan: FeaturePlan,
    sample: ProfileSample,
    progress: Progress,
) -> ScoreHistogram:
    histogram = ScoreHistogram.empty()

    def stored() -> Iterator[pa.RecordBatch]:
        nonlocal histogram
        yield pa.RecordBatch.from_pylist([], schema=SCORES_SCHEMA)
        for batch in scored_batches(prediction, as_of, model, plan, sample, progress):
            ids, probabilities, scores = (batch.column(index) for index in range(3))
            workspace.store.scores.write_batch(
                run_id, ids, probabilities.to_numpy(), scores.to_numpy()
            )
            histogram = histogram + ScoreHistogram.from_scores(
                scores.to_numpy(), probabilities.to_numpy()
            )
            yield batch

    workspace.lake.archive_scores(run_id, stored())
    return histogram


def _keep_profile(workspace: Workspace, run_id: str, folder: Path, sample: ProfileSample) -> None:
    """Keep how features and scores are distributed, in the bins of the model's own profile."""
    training = read_profile(folder)
    if training is not None:
        workspace.store.runs.set_profile(run_id, sample.profile(training))


def _check_somebody(histogram: ScoreHistogram, as_of: datetime) -> None:
    if not histogram.total:
        raise InvalidInput(
            "audience",
            Sentence("nobody"),
            Sentence(
                "an audience with at least one eligible user as of {moment}",
                moment=moments.moment(as_of),
            ),
            "Widen the audience or choose another moment.",
        )


def _forget_deleted_users(workspace: Workspace, run_id: str) -> None:
    """Take users who were deleted while the run read them out of its archive, too."""
    began = workspace.store.runs.get(run_id).started_at
    for user_id in workspace.store.tombstones.since(began):
        workspace.lake.scores.delete_user(user_id)


def export_scores(workspace: Workspace, run_id: str, out: Path) -> None:
    """Write an archived run as one Parquet file; it appears whole or not at all."""
    unfinished = out.with_name(f".{out.name}.unfinished")
    with pq.ParquetWriter(unfinished, SCORES_SCHEMA) as writer:
        for batch in workspace.lake.read_scores(run_id):
            writer.write_batch(batch)
    unfinished.replace(out)
