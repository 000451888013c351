from __future__ import annotations

from pathlib import Path

import pytest

from predictive.errors import InvalidInput
from predictive.settings import Settings, load_settings, postgresql_url


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PREDICTIVE_{name.upper()}", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_the_defaults_run_on_a_laptop() -> None:
    settings = load_settings()
    assert settings.workspace is None
    assert settings.database_url is None
    assert (settings.host, settings.port, settings.threads) == ("127.0.0.1", 8000, 1)


def test_the_environment_sets_and_arguments_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDICTIVE_WORKSPACE", "/somewhere")
    monkeypatch.setenv("PREDICTIVE_THREADS", "4")
    monkeypatch.setenv("PREDICTIVE_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("PREDICTIVE_HOST", "")
    settings = load_settings(port=9000, workspace=None)
    assert settings.workspace == Path("/somewhere")
    assert (settings.threads, settings.port, settings.log_level) == (4, 9000, "debug")
    assert settings.host == "127.0.0.1"
    assert load_settings(workspace=Path("/other")).workspace == Path("/other")


@pytest.mark.parametrize("name", ["PREDICTIVE_MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_URI"])
def test_mlflow_is_found_under_either_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://mlflow:5000")
    assert load_settings().mlflow_tracking_uri == "http://mlflow:5000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PREDICTIVE_THREADS", "none"),
        ("PREDICTIVE_THREADS", "0"),
        ("PREDICTIVE_PORT", "70000"),
        ("PREDICTIVE_LOG_LEVEL", "loud"),
        ("PREDICTIVE_DATABASE_URL", "mysql://x/y"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput) as refusal:
        load_settings()
    assert refusal.value.field == name
    assert "Allowed: " in str(refusal.value)


@pytest.mark.parametrize("password", ["changeme", "CHANGE-ME", "<password>"])
def test_a_placeholder_is_no_password(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("PREDICTIVE_DATABASE_URL", f"postgresql://me:{password}@host/database")
    with pytest.raises(InvalidInput, match="real password"):
        load_settings()


def test_no_message_and_no_repr_shows_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDICTIVE_DATABASE_URL", "mysql://me:hush-hush@host/database")
    with pytest.raises(InvalidInput) as refusal:
        load_settings()
    assert "hush-hush" not in str(refusal.value)
    assert "hush-hush" not in str(refusal.value.details())
    assert "hush-hush" not in repr(load_settings(database_url="postgresql://me:hush-hush@host/d"))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_spelling_of_postgresql_gets_our_driver(scheme: str) -> None:
    url = postgresql_url(f"{scheme}://me:pass@host:5432/database?sslmode=require")
    assert url == "postgresql+psycopg://me:pass@host:5432/database?sslmode=require"
