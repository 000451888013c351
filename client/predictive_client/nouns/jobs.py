"""Jobs: asked for, followed, stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from predictive_client.answers import Job, JobKind, JobState, LogLine
from predictive_client.following import JobEvent, follow
from predictive_client.nouns.given import given, moment
from predictive_client.nouns.noun import Noun, Run, call, items
from predictive_client.steps import Flow, each_of

_ONE = "/v1/jobs/{job_id}"
_OF_PREDICTION = "/v1/predictions/{name}/jobs"


class Jobs(Noun[Run]):
    """Training, scoring and evaluating, done by a worker."""

    @call
    def start(
        self,
        prediction: str,
        kind: Literal["build", "train", "score", "evaluate"] = "build",
        *,
        as_of: datetime | str | None = None,
        seed: int | None = None,
        recipe: str | None = None,
        run_id: str | None = None,
    ) -> Flow[Job]:
        """Queue a job: ``build`` trains and then scores.

        ``seed`` and ``recipe`` are for training, ``run_id`` for evaluating one scoring run alone.
        """
        body = given(kind=kind, as_of=moment(as_of), seed=seed, recipe=recipe, run_id=run_id)
        return self.write("POST", _OF_PREDICTION, body, name=prediction)

    @items
    def list(
        self,
        prediction: str | None = None,
        *,
        kind: JobKind | None = None,
        unfinished: bool | None = None,
    ) -> Flow[JobState]:
        """Jobs, newest first: of one prediction, or all; ``unfinished`` is for all alone."""
        query = given(kind=kind, unfinished=unfinished)
        if prediction is None:
            return self.listed("jobs", "/v1/jobs", query)
        return self.listed("jobs", _OF_PREDICTION, query, name=prediction)

    @call
    def show(self, job_id: str) -> Flow[Job]:
        """Where it stands; the reports or the error once it has ended."""
        return self.read(_ONE, job_id=job_id)

    @items
    def log(self, job_id: str, *, after: int = 0) -> Flow[LogLine]:
        """What it has said, from the line after a number."""
        return self.listed("lines", f"{_ONE}/log", {"after": after}, job_id=job_id)

    @call
    def cancel(self, job_id: str) -> Flow[Job]:
        """Ask it to stop."""
        return self.write("POST", f"{_ONE}/cancel", job_id=job_id)

    @items
    def follow(self, job_id: str) -> Flow[JobEvent]:
        """What happens to it, as it happens, until it ends; a cut connection loses no line."""
        return follow(self.asking, job_id)

    @call
    def wait(self, job_id: str) -> Flow[Job]:
        """The job, once it has ended; its ``state`` says how."""
        return each_of(
            follow(self.asking, job_id),
            lambda event: [event["job"]] if event["event"] == "end" else [],
        )
