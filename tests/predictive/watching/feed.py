"""A workspace whose daily counts of events are given, and that is checked day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from evaluation.arrays import FloatArray
from predictive.definitions import Definition
from predictive.settings import Settings
from predictive.store.alerts import Alert
from predictive.watching import check
from predictive.workspace import Workspace

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NAME = "buys-14d"
LEVELS = {"visit": 120.0, "purchase": 40.0, "cart": 60.0}
WEEK = np.array([1, 1, 1, 1.1, 1.3, 1.2, 0.6])


def quiet_counts(days: int, seed: int = 0) -> dict[str, FloatArray]:
    """Counts of each event on each day, nothing being wrong."""
    random = np.random.default_rng(seed)
    common = WEEK[np.arange(days) % 7] * np.exp(0.05 * random.normal(size=days))
    return {name: random.poisson(level * common).astype(float) for name, level in LEVELS.items()}


@dataclass
class Feed:
    """A workspace with an active prediction, fed by daily counts."""

    workspace: Workspace

    @classmethod
    def of(cls, folder: Path, database_url: str | None = None, timezone: str = "UTC") -> Feed:
        settings = Settings(workspace=folder / "workspace", database_url=database_url)
        workspace = Workspace.create(timezone=timezone, settings=settings, buckets=2)
        workspace.store.predictions.create_or_update(
            Definition.from_text(
                f"name: {NAME}\nkind: purchase\n"
                "target: {within_days: 14, all: [{did: purchase}]}\n"
            )
        )
        workspace.store.predictions.set_state(NAME, "active", "test", START)
        return cls(workspace)

    def send(
        self,
        counts: Mapping[str, FloatArray],
        first: int,
        end: int,
        received_at: datetime | None = None,
    ) -> None:
        """Bring in the events of some days; received with the last of them, it is complete."""
        names, days = [], []
        for name, row in counts.items():
            for day in range(first, end):
                names.extend([name] * int(row[day]))
                days.extend([day] * int(row[day]))
        moments = [START + day * DAY + timedelta(hours=12) for day in days]
        stamp = received_at or START + end * DAY + timedelta(hours=1)
        self.workspace.lake.append_events(
            pa.table(
                {
                    "event_id": [f"{stamp:%j%H}-{first}-{number}" for number in range(len(names))],
                    "user_id": [f"u{number % 97}" for number in range(len(names))],
                    "name": names,
                    "time": pa.array(moments, pa.timestamp("us", "UTC")),
                    "received_at": pa.array([stamp] * len(names), pa.timestamp("us", "UTC")),
                }
            )
        )
        if received_at is None:
            self.workspace.lake.set_complete_through(START + end * DAY)

    def check(self, day: int, prediction: str | None = None) -> dict[str, Any]:
        """The check of the morning after ``day`` whole days."""
        now = START + day * DAY + timedelta(hours=3)
        return check(self.workspace, now=now, prediction=prediction)

    def open(self) -> list[Alert]:
        return list(self.workspace.store.alerts.list(open_only=True))

    def told(self) -> set[tuple[str, str]]:
        """Kind and subject of what is open."""
        return {(alert.kind, alert.subject) for alert in self.open()}
