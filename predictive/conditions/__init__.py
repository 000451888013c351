"""One grammar of conditions, compiled once into expressions for every engine Ibis speaks.

``Question``, ``answer`` and ``known_users`` are loaded when first asked for: Ibis takes seconds
to import, and reading a definition needs none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from predictive.conditions.compile import Question, answer
    from predictive.conditions.known import known_users

__all__ = ["Question", "answer", "known_users"]

_MODULES = {"Question": "compile", "answer": "compile", "known_users": "known"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
