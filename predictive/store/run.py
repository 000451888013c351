"""A scoring run, as it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from predictive.store.database import AnyRow
from predictive.store.tables import models, predictions, runs


@dataclass(frozen=True)
class Run:
    """One scoring run.

    Parameters
    ----------
    as_of, matures_at
        The moment of prediction, and when its outcome window has passed.
    state
        ``writing``, ``finished``, ``published``, ``superseded`` or ``failed``.
    users
        Rows written so far; all of them once it is finished.
    categories
        Scores from which a user is ``medium`` and ``high``.
    archive
        Where the lake keeps its scores.
    scores_deleted_at
        When its rows in the store were deleted; the archive stays.
    job_id
        The job that scored; None when no job did.
    profile
        How its features and scores are distributed, to compare with training.
    """

    run_id: str
    prediction: str
    definition_version: int
    model_version: int
    as_of: datetime
    matures_at: datetime
    state: str
    users: int
    categories: tuple[float, float]
    data_version: str | None
    code_version: str | None
    archive: str | None
    started_at: datetime
    finished_at: datetime | None
    published_at: datetime | None
    superseded_at: datetime | None
    scores_deleted_at: datetime | None
    job_id: str | None
    profile: Mapping[str, Any] | None


def run_rows() -> Select[Any]:
    """The rows that `run_of` takes, one a run."""
    hidden = {"run_number", "prediction_id", "histogram"}
    columns: Mapping[str, Any] = {c.name: c for c in runs.c if c.name not in hidden}
    return (
        select(predictions.c.name, models.c.definition_version, *columns.values())
        .join(predictions, predictions.c.id == runs.c.prediction_id)
        .join(
            models,
            (models.c.prediction_id == runs.c.prediction_id)
            & (models.c.version == runs.c.model_version),
        )
    )


def run_of(row: AnyRow) -> Run:
    """The run in a row of `run_rows`."""
    columns = row._asdict()
    bounds = columns.pop("medium_from_hundredths"), columns.pop("high_from_hundredths")
    return Run(
        prediction=columns.pop("name"),
        categories=(bounds[0] / 100, bounds[1] / 100),
        **columns,
    )
