from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import evaluation

MODULES = [module.name for module in pkgutil.iter_modules(evaluation.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"evaluation.{name}")).failed == 0


def test_all_is_sorted_and_what_is_really_there() -> None:
    public = [
        name
        for name, value in vars(evaluation).items()
        if not name.startswith("_") and callable(value)
    ]
    assert evaluation.__all__ == sorted(public)
