"""A workspace with scoring runs of known probabilities and true outcomes; nothing is trained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from evaluation import Fold, ScoreHistogram, quality_report, shift_variance
from models.scale import category_codes, scores_from_probabilities
from predictive.definitions import Definition
from predictive.imports import EventColumns, import_events
from predictive.jobs.score import SCORES_SCHEMA
from predictive.predictions import apply
from predictive.settings import Settings
from predictive.workspace import Workspace

NAME = "buys-7d"
AS_OF = datetime(2025, 3, 1, tzinfo=UTC)
WINDOW = timedelta(days=7)
BASE_RATE = 0.25


@dataclass
class ScoredShop:
    """Users who buy within a week with probabilities that are known.

    Parameters
    ----------
    probabilities
        (users,) float64, true without a message.
    """

    workspace: Workspace
    probabilities: npt.NDArray[np.float64]
    random: np.random.Generator

    @property
    def users(self) -> list[str]:
        return [f"u{number:04d}" for number in range(len(self.probabilities))]

    def publish(self, as_of: datetime = AS_OF, *, model_version: int = 1) -> str:
        """A published run of all users with their true probabilities; its id."""
        workspace, scores = (
            self.workspace,
            scores_from_probabilities(self.probabilities, BASE_RATE),
        )
        run_id = workspace.store.runs.begin(NAME, model_version, as_of)
        workspace.store.scores.write_batch(run_id, self.users, self.probabilities, scores)
        names = pa.array(["low", "medium", "high"])
        categories = names.take(category_codes(scores, (50.0, 75.0)))
        columns = [pa.array(self.users), pa.array(self.probabilities), pa.array(scores), categories]
        batch = pa.RecordBatch.from_arrays(columns, schema=SCORES_SCHEMA)
        workspace.lake.archive_scores(run_id, [batch])
        histogram = ScoreHistogram.from_scores(scores, self.probabilities)
        workspace.store.runs.finish(run_id, histogram=histogram.to_bytes(), users=len(self.users))
        workspace.store.runs.publish(run_id)
        return run_id

    def pass_a_week(
        self, as_of: datetime = AS_OF, *, caused: npt.NDArray[np.bool_] | None = None
    ) -> npt.NDArray[np.bool_]:
        """Import the week after ``as_of``; who bought, by their probability or by a message."""
        bought = self.random.random(len(self.probabilities)) < self.probabilities
        if caused is not None:
            bought |= caused
        times = as_of + timedelta(days=1)
        self.write(
            pd.DataFrame(
                {"user": np.array(self.users)[bought], "event": "purchase", "time": times}
            ),
            complete_through=as_of + WINDOW,
        )
        return bought

    def write(self, events: pd.DataFrame, *, complete_through: datetime) -> None:
        file = self.workspace.path.parent / f"{complete_through:%Y%m%dT%H%M%S}.parquet"
        events.to_parquet(file, index=False)
        columns = EventColumns(user="user", time="time", event="event")
        import_events(self.workspace, [file], columns, complete_through=complete_through)

    def add_model(self) -> int:
        """A model version whose backtest was on three snapshots like the runs; its number."""
        folds = []
        for _ in range(3):
            labels = self.random.random(len(self.probabilities)) < self.probabilities
            folds.append(Fold(labels, self.probabilities, np.arange(len(labels))))
        moments = [(AS_OF - k * WINDOW).isoformat() for k in (3, 2, 1)]
        shift = shift_variance(folds)
        report = quality_report(folds, moments)
        report |= {"shift": {"tau2": shift.tau2, "degrees": shift.degrees}}
        version = self.workspace.store.models.add_version(
            NAME,
            definition_version=1,
            as_of=AS_OF,
            seed=0,
            data_version="1",
            code_version="test",
            base_rate=BASE_RATE,
            report=report,
            folder="none",
        )
        self.workspace.store.models.set_champion(NAME, version)
        return version


def scored_shop(
    folder: Path, users: int = 1500, *, seed: int = 7, database_url: str | None = None
) -> ScoredShop:
    """Users known by an event before ``AS_OF``, a prediction and a model; no run yet."""
    settings = Settings(workspace=folder / "workspace", database_url=database_url)
    workspace = Workspace.create(settings=settings, buckets=4)
    random = np.random.default_rng(seed)
    shop = ScoredShop(workspace, 1 / (1 + np.exp(1.5 - 1.2 * random.normal(size=users))), random)
    events = np.where(random.random(users) < 0.5, "visit", "purchase")
    visits = pd.DataFrame({"user": shop.users, "event": events, "time": AS_OF - timedelta(days=2)})
    shop.write(visits, complete_through=AS_OF)
    apply(
        workspace,
        Definition.from_text(
            f"name: {NAME}\nkind: purchase\ntarget: {{within_days: 7, all: [{{did: purchase}}]}}"
        ),
    )
    shop.add_model()
    return shop
