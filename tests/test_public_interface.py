"""What notebooks import: written down, really there, and quick to reach."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import predictive

ROOT = Path(__file__).parents[1]
HEAVY = ("pandas", "duckdb", "ibis", "mlflow", "lightgbm", "sklearn", "deltalake")
_SEEN = f"import json, sys; print(json.dumps([name for name in {HEAVY} if name in sys.modules]))"


def loaded_after(code: str) -> list[str]:
    """The heavy modules that a fresh process has loaded after some code."""
    finished = subprocess.run(
        [sys.executable, "-c", f"{code}\n{_SEEN}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded: list[str] = json.loads(finished.stdout.splitlines()[-1])
    return loaded


def test_all_is_sorted_and_each_name_is_there() -> None:
    assert predictive.__all__ == sorted(set(predictive.__all__))
    assert dir(predictive) == predictive.__all__
    for name in predictive.__all__:
        assert getattr(predictive, name).__name__ == name


def test_each_name_is_documented() -> None:
    for name in predictive.__all__:
        assert getattr(predictive, name).__doc__, name


def test_the_types_that_checkers_see_are_the_names_that_there_are() -> None:
    tree = ast.parse(Path(predictive.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing")
        for alias in node.names
    }
    assert imported == set(predictive.__all__)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tran'"):
        _ = predictive.tran


@pytest.mark.parametrize(
    "code",
    [
        "import predictive",
        "from predictive.cli.main import exit_code; exit_code(['--help'])",
        "from predictive.cli.main import exit_code; exit_code(['import', 'events', '--help'])",
        "import predictive; predictive.Definition",
    ],
)
def test_nothing_heavy_is_loaded_early(code: str) -> None:
    assert loaded_after(code) == []


def test_a_heavy_import_would_be_seen() -> None:
    assert "duckdb" in loaded_after("import duckdb")
