"""What a running service clears away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.housekeeping import clear
from predictive.settings import Settings
from predictive.store.idempotency import Answer
from predictive.workspace import Workspace

NOW = datetime(2025, 11, 1, tzinfo=UTC)


def fill(workspace: Workspace) -> None:
    """An entry and an answer of each of ten days."""
    for day in range(10):
        at = NOW - timedelta(days=day)
        workspace.store.audit.add("key", "POST /v1/keys", str(day), 201, at=at)
        workspace.store.idempotency.begin("key", str(day), "sha", at=at)
        answer = Answer("sha", 200, [], b"")
        workspace.store.idempotency.finish("key", str(day), answer, at=at)


def test_what_is_past_its_time_goes(tmp_path: Path) -> None:
    with Workspace.create(settings=Settings(workspace=tmp_path, audit_days=5)) as workspace:
        fill(workspace)
        assert clear(workspace, now=NOW) == {"answers": 9, "audit": 4}
        kept = workspace.store.audit.list()
        assert sorted(entry.target for entry in kept) == ["0", "1", "2", "3", "4", "5"]
        assert clear(workspace, now=NOW) == {"answers": 0, "audit": 0}


def test_an_audit_log_can_be_kept_for_ever(tmp_path: Path) -> None:
    with Workspace.create(settings=Settings(workspace=tmp_path, audit_days=0)) as workspace:
        fill(workspace)
        assert clear(workspace, now=NOW + timedelta(days=9999))["audit"] == 0
