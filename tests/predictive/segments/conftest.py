"""A workspace with a few people, their events, and published scores of one prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from predictive.imports import EventColumns, import_events, import_users
from predictive.jobs.score import SCORES_SCHEMA
from predictive.workspace import Workspace
from tests.predictive.store.samples import NAME, add_prediction

END = datetime(2025, 11, 1, tzinfo=UTC)

Bring = Callable[[str], None]
Publish = Callable[[dict[str, float]], str]

EVENTS = """user,what,when
anna,visit,2025-10-31T10:00Z
anna,purchase,2025-10-01T10:00Z
ben,visit,2025-10-20T10:00Z
cleo,review,2025-10-31T12:00Z
dora,purchase,2025-09-01T10:00Z
"""


@pytest.fixture
def workspace(tmp_path: Path, bring: Bring) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "workspace") as opened:
        add_prediction(opened.store)
        yield opened


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    """Imports events; the first ones and two people's languages are there already."""
    folder = tmp_path / "workspace"
    Workspace.create(folder).close()

    def bring(lines: str) -> None:
        file = tmp_path / "events.csv"
        file.write_text(lines)
        columns = EventColumns(user="user", time="when", event="what")
        with Workspace.open(folder) as opened:
            import_events(opened, [file], columns)

    bring(EVENTS)
    people = tmp_path / "people.csv"
    people.write_text("user,language,points\nanna,ko,31000\nben,en,200\n")
    with Workspace.open(folder) as opened:
        import_users(opened, people, user="user")
    return bring


@pytest.fixture
def publish(workspace: Workspace) -> Publish:
    """Publishes scores as a scoring run would; each later than the one before."""
    runs = 0

    def publish(scores: dict[str, float]) -> str:
        nonlocal runs
        runs += 1
        store, values = workspace.store, list(scores.values())
        run_id = store.runs.begin(NAME, 1, END + timedelta(hours=runs), categories=(50.0, 75.0))
        store.scores.write_batch(run_id, list(scores), [one / 100 for one in values], values)
        rows = [
            {"user_id": user, "probability": score / 100, "score": score, "category": "low"}
            for user, score in scores.items()
        ]
        batch = pa.RecordBatch.from_pylist(rows, schema=SCORES_SCHEMA)
        workspace.lake.archive_scores(run_id, [batch])
        store.runs.finish(run_id, histogram=b"", users=len(scores))
        store.runs.publish(run_id)
        return run_id

    return publish
