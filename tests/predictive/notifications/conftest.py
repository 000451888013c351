from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.predictive.notifications.servers import Postbox, Receiver, mail_server, receiving

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
NOW = datetime(2024, 5, 1, 3, 0, tzinfo=UTC)
Told = Callable[..., Workspace]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with mail_server() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of a workspace on each database."""
    if request.param == "sqlite":
        return Settings()
    return Settings(database_url=request.getfixturevalue("postgres_url"))


@pytest.fixture
def told(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Makes the workspace, with what its settings say of notifications."""
    monkeypatch.setenv("ALERTS_SECRET", SECRET)
    opened = []

    def make(notify: str) -> Workspace:
        path = tmp_path / "shop"
        Workspace.create(path, settings=settings).close()
        with (path / "workspace.toml").open("a") as file:
            file.write(notify)
        opened.append(Workspace.open(path, settings))
        return opened[0]

    yield make
    for workspace in opened:
        workspace.close()


def webhook(url: str, name: str = "ops") -> str:
    return f'\n[[notify.webhooks]]\nname = "{name}"\nurl = "{url}"\nsecret = "${{ALERTS_SECRET}}"\n'


def email(port: int, *to: str, address: str = "smtp://127.0.0.1") -> str:
    recipients = ", ".join(f'"{one}"' for one in to or ("ops@example.com",))
    return (
        f'\n[notify.email]\nsmtp = "{address}:{port}"\n'
        f'from = "predictive@example.com"\nto = [{recipients}]\n'
    )


def open_alert(workspace: Workspace, subject: str = "purchase") -> int:
    return workspace.store.alerts.open(
        None,
        "event_stopped",
        subject,
        severity="critical",
        message=f"No {subject} since 29 April; 310 a day are usual.",
        details={"since": "2024-04-29", "usual": 310.5},
        at=NOW,
    ).id
