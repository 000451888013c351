"""Ready means ready: store, lake, disk; each missing one is told, and nothing else."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest
from sqlalchemy import text

from predictive import readiness
from predictive.errors import Failure
from tests.api.conftest import Service
from tests.api.problems import assert_problem

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def look_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0.0)


def refusal(service: Service) -> str:
    """Why it is not ready; it answers nonetheless."""
    body = assert_problem(service.client.get("/ready"), 503, "unavailable")
    assert service.client.get("/health").json() == {"status": "ok"}
    assert str(service.workspace.path) not in str(body)
    return str(body["detail"])


def test_it_is_ready_with_and_without_a_worker(service: Service) -> None:
    told = service.client.get("/ready").json()
    assert (told["status"], told["worker"]) == ("ready", False)


def test_a_store_that_does_not_answer(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise Failure("The database at secret-host can't be reached.")

    monkeypatch.setattr(service.workspace.store, "check", gone)
    told = refusal(service)
    assert "store does not answer" in told
    assert "secret-host" not in told


def test_a_store_that_was_upgraded_meanwhile(service: Service) -> None:
    with service.workspace.store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "another version" in refusal(service)


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_lake_that_is_gone(service: Service, asked_before: bool) -> None:
    if asked_before:
        assert service.client.get("/ready").status_code == 200
    lake = service.workspace.path / "lake"
    lake.rename(lake.with_name("unmounted"))
    assert "lake" in refusal(service)
    lake.with_name("unmounted").rename(lake)
    assert service.client.get("/ready").status_code == 200


def test_a_full_disk(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 12_000_000))
    assert "12 MB are free, 512 are needed" in refusal(service)


def test_a_service_that_is_ending(service: Service) -> None:
    service.app.state.ending.begun = True
    assert "ending" in refusal(service)
    # Whoever asks now is not to ask again over the same connection.
    assert service.client.get("/health").headers["connection"] == "close"


def test_it_looks_once_a_second(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 3600.0)
    looked = []
    monkeypatch.setattr(readiness, "_disk", lambda _: looked.append(1))
    for _ in range(3):
        service.client.get("/ready")
    assert len(looked) == 1
