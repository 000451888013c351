"""Scores: of one user, of many, of everyone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from predictive_client.answers import (
    Category,
    Format,
    Reasons,
    Score,
    ScoreDistribution,
    ScoresFound,
    UserScore,
)
from predictive_client.errors import PredictiveError
from predictive_client.nouns.given import given
from predictive_client.nouns.noun import Noun, Run, call, items
from predictive_client.steps import Flow, Give, Part, Request
from predictive_client.streaming import pieces, rows

_PREDICTION = "/v1/predictions/{name}"
_ALL = f"{_PREDICTION}/scores"
_STREAM = f"{_PREDICTION}/score-stream"
#: What the service takes in one request.
_MOST_IDS = 1_000
_MOST_ROWS = 1_000
_REASONS = "/reasons"


class Scores(Noun[Run]):
    """How likely each user is."""

    @call
    def get(self, prediction: str, user_id: str) -> Flow[Score]:
        """The score of one user.

        An id that ends in ``/reasons`` has an address of its own; look it up by :meth:`many`.
        """
        if user_id.endswith(_REASONS):
            raise ValueError(f"user_id is {user_id!r}. Look it up by scores.many.")
        return self.read(f"{_ALL}/{{user_id}}", name=prediction, user_id=user_id)

    @call
    def reasons(self, prediction: str, user_id: str) -> Flow[Reasons]:
        """What moves the score of one user, in plain words."""
        return self.read(f"{_ALL}/{{user_id}}/reasons", name=prediction, user_id=user_id)

    @call
    def many(self, prediction: str, user_ids: Iterable[str]) -> Flow[ScoresFound]:
        """The scores of any number of users, in the order asked for, all of one scoring run.

        Asked for by the thousand. When a newer run is published meanwhile, it begins anew.
        """
        asked = list(dict.fromkeys(user_ids))
        chunks = [asked[at : at + _MOST_IDS] for at in range(0, len(asked), _MOST_IDS)] or [[]]
        for _ in range(self.asking.attempts):
            found = yield from self._chunks(prediction, chunks)
            if len({each["run_id"] for each in found if each["scores"]}) <= 1:
                yield Give(_merged(found))
                return
        raise PredictiveError("A newer scoring run was published each time before all were read.")

    @items
    def list(
        self, prediction: str, *, min_score: float | None = None, max_score: float | None = None
    ) -> Flow[UserScore]:
        """Users in a range, highest score first, all of one scoring run."""
        query = given(min_score=min_score, max_score=max_score, limit=_MOST_ROWS)
        return self.listed("scores", _ALL, query, name=prediction)

    @items
    def stream(
        self,
        prediction: str,
        *,
        min_score: float | None = None,
        max_score: float | None = None,
        category: Category | None = None,
    ) -> Flow[UserScore]:
        """All users in a range by id, in memory that does not grow; each exactly once.

        All are of one scoring run. A connection that is cut is made anew, from the last row on.
        """
        query = given(min_score=min_score, max_score=max_score, category=category)
        request = Request("GET", _STREAM, {"name": prediction}, query)
        return rows(self.asking, request, "predictive-run-id")

    @items
    def file(
        self,
        prediction: str,
        form: Format = "parquet",
        *,
        min_score: float | None = None,
        max_score: float | None = None,
        category: Category | None = None,
    ) -> Flow[bytes]:
        """The same as the bytes of a file; one that is cut off is an error."""
        query = given(format=form, min_score=min_score, max_score=max_score, category=category)
        return pieces(self.asking, Request("GET", _STREAM, {"name": prediction}, query))

    @call
    def distribution(
        self, prediction: str, *, segment: str | None = None
    ) -> Flow[ScoreDistribution]:
        """How many users have which score: in 20 ranges, and by category."""
        template = f"{_PREDICTION}/score-distribution"
        return self.read(template, given(segment=segment), name=prediction)

    def _chunks(
        self, prediction: str, chunks: Sequence[Sequence[str]]
    ) -> Part[Sequence[ScoresFound]]:
        found = []
        for chunk in chunks:
            body = {"user_ids": chunk}
            request = Request("POST", _ALL, {"name": prediction}, body=body)
            reply = yield from self.asking.ask(request)
            found.append(reply.document())
        return found


def _merged(found: Sequence[ScoresFound]) -> ScoresFound:
    # An answer without scores names no run.
    told: Any = next((each for each in found if each["scores"]), found[0])
    return ScoresFound(
        prediction=told["prediction"],
        run_id=told["run_id"],
        model_version=told["model_version"],
        as_of=told["as_of"],
        scores=[score for each in found for score in each["scores"]],
        missing=[user for each in found for user in each["missing"]],
    )
