"""Answers of the hot routes, written by hand: a response model costs more than what it checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from fastapi.responses import JSONResponse
from pydantic_core import to_json

from predictive.store import Page, Score


class QuickJson(JSONResponse):
    """JSON by pydantic's encoder, a sixth of the standard library's time.

    It writes NaN where the standard one refuses it: for numbers that are known to be finite.
    """

    def render(self, content: Any) -> bytes:
        """The body."""
        return to_json(content)


def score_json(prediction: str, score: Score) -> dict[str, Any]:
    """One user's score and where it comes from."""
    return {
        "prediction": prediction,
        **_user_score(score),
        **_origin(score),
        "scored_at": _text(score.scored_at),
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
        "as_of": _text(score.as_of),
    }


# All answers from one run share their moments.
@lru_cache(maxsize=1024)
def _text(moment: datetime) -> str:
    return moment.isoformat()
