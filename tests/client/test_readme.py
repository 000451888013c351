"""What the pages show of the client does what they say."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from predictive_client import AsyncClient
from predictive_client.nouns.noun import Noun, call, items
from tests.api.conftest import SCORES, Service
from tests.client.conftest import url_of
from tests.test_docs import CLIENT, README, fenced

SHOWN_URL = "http://127.0.0.1:8000"


def shown(page: Path) -> list[str]:
    return [code for code in fenced(page, "python") if "predictive_client" in code]


@pytest.mark.parametrize("page", [README, CLIENT], ids=lambda page: str(page.parent.name))
def test_the_first_example_runs(
    few: Service, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = shown(page)[0]
    assert SHOWN_URL in code
    exec(code.replace(SHOWN_URL, url_of(few)), {"key": few.keys["read"]})
    printed = capsys.readouterr().out.splitlines()
    likely = [f"{user} {p}" for user, p, score in sorted(SCORES) if score >= 75]
    assert printed[-len(likely) :] == likely


def test_the_asynchronous_example_uses_methods_that_are_there() -> None:
    code = next(code for code in fenced(CLIENT, "python") if "AsyncClient" in code)
    tree = ast.parse(code)
    client: Any = AsyncClient(SHOWN_URL, "key")
    used = [
        (node.value.attr, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)
    ]
    assert len(used) >= 2
    for noun, method in used:
        assert callable(getattr(getattr(client, noun), method))


def test_the_table_has_every_method() -> None:
    told = {}
    for nouns, methods in rows_of_table():
        for noun, named in zip(nouns.split(", "), methods.split("; "), strict=True):
            told[noun.strip("`")] = {name.strip("`") for name in named.split(", ")}
    client = AsyncClient(SHOWN_URL, "key")
    real = {
        name: {
            method for method, each in vars(type(noun)).items() if isinstance(each, call | items)
        }
        for name, noun in vars(client).items()
        if isinstance(noun, Noun)
    }
    assert told == real


def rows_of_table() -> list[list[str]]:
    page = CLIENT.read_text("utf-8").split("## What it takes care of")[0]
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
