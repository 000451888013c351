"""From a brand's own event history to measured, served scores.

The names below are the Python interface: what notebooks import, and what the command line and
the HTTP service call. Each is loaded when it is first used.

Examples
--------
>>> import predictive
>>> predictive.Definition.from_text(
...     "{name: churn-28d, kind: churn, target: {within_days: 28, all: [{did_not: purchase}]}}"
... ).window.days
28
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaluation.money import Money
    from evaluation.selection import Selection
    from predictive.comparison import backtest_recipe, compare_recipes
    from predictive.definitions import Definition
    from predictive.errors import PredictiveError
    from predictive.frames import training_frame
    from predictive.imports import EventColumns, import_events, import_users
    from predictive.jobs.estimate import estimate
    from predictive.jobs.evaluate import evaluate
    from predictive.jobs.score import score
    from predictive.jobs.simulate import simulate
    from predictive.jobs.train import train
    from predictive.notebook_progress import show_progress
    from predictive.predictions import apply
    from predictive.promotion import promote, rollback
    from predictive.reasons import show_reasons
    from predictive.versions import list_versions, show_card
    from predictive.why import show_why
    from predictive.workspace import Workspace

__all__ = [
    "Definition",
    "EventColumns",
    "Money",
    "PredictiveError",
    "Selection",
    "Workspace",
    "apply",
    "backtest_recipe",
    "compare_recipes",
    "estimate",
    "evaluate",
    "import_events",
    "import_users",
    "list_versions",
    "promote",
    "rollback",
    "score",
    "show_card",
    "show_progress",
    "show_reasons",
    "show_why",
    "simulate",
    "train",
    "training_frame",
]

_HOMES = {
    "Definition": "predictive.definitions",
    "EventColumns": "predictive.imports",
    "Money": "evaluation.money",
    "PredictiveError": "predictive.errors",
    "Selection": "evaluation.selection",
    "Workspace": "predictive.workspace",
    "apply": "predictive.predictions",
    "backtest_recipe": "predictive.comparison",
    "compare_recipes": "predictive.comparison",
    "estimate": "predictive.jobs.estimate",
    "evaluate": "predictive.jobs.evaluate",
    "import_events": "predictive.imports",
    "import_users": "predictive.imports",
    "list_versions": "predictive.versions",
    "promote": "predictive.promotion",
    "rollback": "predictive.promotion",
    "score": "predictive.jobs.score",
    "show_card": "predictive.versions",
    "show_progress": "predictive.notebook_progress",
    "show_reasons": "predictive.reasons",
    "show_why": "predictive.why",
    "simulate": "predictive.jobs.simulate",
    "train": "predictive.jobs.train",
    "training_frame": "predictive.frames",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'predictive' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
