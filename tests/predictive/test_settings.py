from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from predictive.errors import InvalidInput
from predictive.settings import SECRETS, Settings, load_settings, postgresql_url, shown_settings
from tests.predictive.cli.runner import CommandLine

EXAMPLE = Path(__file__).parents[2] / "predictive.example.toml"


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


@pytest.fixture
def in_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file that the environment names."""
    file = tmp_path / "predictive.toml"
    monkeypatch.setenv("PREDICTIVE_CONFIG_FILE", str(file))
    return file


def test_a_file_sets_and_the_environment_comes_before_it(
    in_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file.write_text('port = 9000\nthreads = 3\nlog_level = "ERROR"\nworkspace = "/srv/shop"\n')
    monkeypatch.setenv("PREDICTIVE_THREADS", "2")
    settings = load_settings(host="::1")
    assert (settings.port, settings.threads, settings.host) == (9000, 2, "::1")
    assert (settings.log_level, settings.workspace) == ("error", Path("/srv/shop"))
    assert load_settings(port=1).port == 1
    told = {each["name"]: each["from"] for each in shown_settings(settings, {"host"})}
    assert (told["port"], told["threads"], told["host"]) == ("file", "environment", "option")
    assert told["metrics"] == "default"


@pytest.mark.parametrize("name", ["PREDICTIVE_MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_URI"])
def test_the_address_of_mlflow_in_the_environment_comes_before_the_file(
    in_file: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    in_file.write_text('mlflow_tracking_uri = "http://of-file:5000"\n')
    assert load_settings().mlflow_tracking_uri == "http://of-file:5000"
    monkeypatch.setenv(name, "http://of-environment:5000")
    assert load_settings().mlflow_tracking_uri == "http://of-environment:5000"


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        ("port = 70000", "predictive.toml: port", "less than or equal to 65535"),
        ('port = "many"', "predictive.toml: port", "valid integer"),
        ("prot = 1", "predictive.toml: prot", "Did you mean 'port'?"),
        ('config_file = "x"', "predictive.toml: config_file", "Allowed: the settings"),
        ("[service]\nport = 1", "predictive.toml: service", "Allowed: the settings"),
        ("port = ", "PREDICTIVE_CONFIG_FILE", "valid TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(
    in_file: Path, content: str, field: str, words: str
) -> None:
    in_file.write_text(content)
    with pytest.raises(InvalidInput) as refusal:
        load_settings()
    assert refusal.value.field.endswith(field)
    assert words in str(refusal.value)


def test_a_file_that_is_not_there_is_named(in_file: Path) -> None:
    with pytest.raises(InvalidInput, match="PREDICTIVE_CONFIG_FILE"):
        load_settings()


def test_no_error_shows_a_password_of_the_file(in_file: Path) -> None:
    for line in ('database_url = "mysql://me:hush@host/d"', 'database = "postgres://me:hush@h/d"'):
        in_file.write_text(line)
        with pytest.raises(InvalidInput) as refusal:
            load_settings()
        assert "hush" not in str(refusal.value.details())


def test_the_example_has_every_setting_with_its_default() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    assert defaults.pop("config_file") is None
    without = {name for name, default in defaults.items() if default is None}
    assert tomllib.loads(text) == {name: defaults[name] for name in defaults.keys() - without}
    # What has no default stands there as a comment that is valid once it is none.
    assert set(re.findall(r"^# (\w+) = ", text, re.MULTILINE)) == without
    whole = tomllib.loads(re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE))
    assert set(Settings(**whole).model_fields_set) == set(defaults)


def test_the_settings_can_be_shown_without_their_secrets(
    in_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_file.write_text('database_url = "postgresql://me:hush-hush@host/d"\nport = 9001\n')
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:hush-hush@mlflow")
    predictive = CommandLine(Path("/srv/shop"), capsys)
    shown = predictive("config", "show", "--json").ok().document["settings"]
    assert [each["name"] for each in shown] == list(Settings.model_fields)
    found = {each["name"]: each for each in shown}
    assert found["port"] == {"name": "port", "value": 9001, "from": "file"}
    assert found["workspace"] == {"name": "workspace", "value": "/srv/shop", "from": "option"}
    assert all(found[name]["value"] == "(hidden)" for name in SECRETS)
    for ran in (predictive("config", "show"), predictive("config", "show", "--json")):
        assert "hush-hush" not in ran.ok().out + ran.err
