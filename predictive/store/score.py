"""One user's score, as it is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from predictive.store.moments import from_microseconds

#: What `score_of` takes, from ``scores s`` and ``runs r``.
SCORE_COLUMNS = (
    "s.user_id, s.probability, s.score_hundredths, r.model_version, r.finished_at, r.as_of,"
    " r.run_id, r.medium_from_hundredths, r.high_from_hundredths"
)


class Score(NamedTuple):
    """What one run says of one user; a tuple, because a thousand are made for one answer.

    Parameters
    ----------
    probability
        Calibrated, in [0, 1].
    score
        0 to 100 in steps of 0.01; 50 is as likely as the average customer.
    category
        ``low``, ``medium`` or ``high``, by the bounds of the run.
    scored_at
        When the run was finished.
    as_of
        The moment of prediction.
    """

    user_id: str
    probability: float
    score: float
    category: str
    model_version: int
    scored_at: datetime
    as_of: datetime
    run_id: str


def score_of(row: Sequence[Any]) -> Score:
    """The score in a row of `SCORE_COLUMNS`."""
    user_id, probability, hundredths, version, finished, as_of, run_id, medium, high = row
    return Score(
        user_id,
        probability,
        hundredths / 100,
        category(hundredths, medium, high),
        version,
        from_microseconds(finished),
        from_microseconds(as_of),
        run_id,
    )


def category(hundredths: int, medium_from: int, high_from: int) -> str:
    """The category of a stored score, by the bounds of its run."""
    if hundredths >= high_from:
        return "high"
    return "medium" if hundredths >= medium_from else "low"
