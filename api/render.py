"""Scores as JSON-ready dictionaries, written by hand because they are the hot path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from predictive.store import Page, Score


def score_json(prediction: str, score: Score) -> dict[str, Any]:
    """One user's score and where it comes from."""
    return {
        "prediction": prediction,
        **_user_score(score),
        **_origin(score),
        "scored_at": score.scored_at.isoformat(),
    }


def scores_json(
    prediction: str, user_ids: Sequence[str], found: Mapping[str, Score]
) -> dict[str, Any]:
    """Scores in the order asked for, each user once, and the ids that have none."""
    asked = dict.fromkeys(user_ids)
    scores = [found[user_id] for user_id in asked if user_id in found]
    return {
        "prediction": prediction,
        **_origin(scores[0] if scores else None),
        "scores": [_user_score(score) for score in scores],
        "missing": [user_id for user_id in asked if user_id not in found],
    }


def page_json(prediction: str, page: Page) -> dict[str, Any]:
    """One page of scores, all of one run."""
    return {
        "prediction": prediction,
        **_origin(page.scores[0] if page.scores else None),
        "run_id": page.run_id,
        "scores": [_user_score(score) for score in page.scores],
        "next_cursor": page.next_cursor,
    }


def _user_score(score: Score) -> dict[str, Any]:
    return {
        "user_id": score.user_id,
        "probability": score.probability,
        "score": score.score,
        "category": score.category,
    }


def _origin(score: Score | None) -> dict[str, Any]:
    if score is None:
        return {"run_id": None, "model_version": None, "as_of": None}
    return {
        "run_id": score.run_id,
        "model_version": score.model_version,
        "as_of": score.as_of.isoformat(),
    }
