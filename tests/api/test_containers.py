"""The image and the compose file, as far as they can be checked without a container engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from predictive.cli.main import app
from predictive.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    return found


def test_every_service_says_when_it_is_well(services: dict[str, Any]) -> None:
    assert set(services) == {"init", "service", "worker", "postgres", "mlflow"}
    for name, service in services.items():
        # The service's own check is the image's; init ends, and a worker answers nothing.
        stated = service.get("healthcheck", {})
        assert name == "service" or stated.get("disable") or stated.get("test"), name
        for other, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert services[other]["healthcheck"]["test"]


def test_commands_are_ones_that_we_have(services: dict[str, Any]) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    lines = [each["command"] for each in services.values() if "command" in each]
    ours = [line for line in lines if line[0] == "predictive"]
    assert {line[1] for line in ours} == {"serve", "worker"}
    for _, name, *arguments in ours:
        # Raises on an option that the command does not know.
        commands[name].make_parser(typer.Context(commands[name])).parse_args(arguments)


def test_settings_are_ones_that_we_read(services: dict[str, Any]) -> None:
    known = {f"PREDICTIVE_{name.upper()}" for name in Settings.model_fields} | {
        "MLFLOW_TRACKING_URI"
    }
    for name in ("init", "service", "worker"):
        assert set(services[name]["environment"]) <= known


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    secrets = re.findall(r"(?:PASSWORD: |predictive:)(\$\{[^}]+\})", text)
    assert len(secrets) == 2
    assert all(":?" in secret for secret in secrets)


def test_the_image_runs_as_nobody_special_and_checks_itself() -> None:
    steps = (ROOT / "Dockerfile").read_text("utf-8")
    assert steps.count("FROM python:") == 2
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", steps, re.MULTILINE)
    assert "HEALTHCHECK" in steps
    assert "--require-hashes" in steps
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", steps, re.MULTILINE):
        for source in copied.split():
            assert (ROOT / source).exists(), source
