from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from predictive.customer import profile
from predictive.definitions import Definition
from predictive.errors import NotFound
from predictive.lake.layout import property_column
from predictive.workspace import Workspace

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PROPERTY = "Colour (m²)"
HOSTILE = "'; DROP TABLE events --/ü"


@pytest.fixture
def workspace(tmp_path: Path):
    with Workspace.create(tmp_path / "workspace") as opened:
        users = ["anna"] * 3 + [HOSTILE]
        times = [NOON + timedelta(days=day) for day in (0, 2, 1, 0)]
        opened.lake.append_events(
            pa.table(
                {
                    "event_id": list("abcd"),
                    "user_id": users,
                    "name": ["visit", "purchase", "visit", "visit"],
                    "time": pa.array(times, pa.timestamp("us", "UTC")),
                    "amount": [None, 12.5, None, None],
                    property_column(PROPERTY): [None, "red", None, None],
                }
            )
        )
        opened.store.predictions.create_or_update(
            Definition.from_text(
                "{name: buys, kind: event, target: {within_days: 7, all: [{did: purchase}]}}"
            )
        )
        yield opened


def test_the_newest_events_come_first(workspace: Workspace) -> None:
    told = profile(workspace, "anna", events=2)
    assert [(event["name"], event["time"]) for event in told["events"]] == [
        ("purchase", "2026-01-03T12:00:00+00:00"),
        ("visit", "2026-01-02T12:00:00+00:00"),
    ]
    assert told["events"][0]["properties"] == {"amount": 12.5, PROPERTY: "red"}
    assert told["events"][1]["properties"] == {}
    # The prediction is a draft: it offers nothing.
    assert told["scores"] == []


def test_any_id_is_looked_up_as_it_is(workspace: Workspace) -> None:
    assert len(profile(workspace, HOSTILE)["events"]) == 1


def test_of_nobody_nothing_is_known(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="customer"):
        profile(workspace, "ben")
