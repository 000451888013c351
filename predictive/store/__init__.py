"""Where metadata and scores are kept: SQLite by default, PostgreSQL when it grows.

`Store` is opened by URL; its parts are ``predictions``, ``models``, ``runs``, ``scores``,
``evaluations``, ``builds``, ``keys`` and ``tombstones``.
"""

from __future__ import annotations

from predictive.store.builds import Build
from predictive.store.evaluations import Evaluation
from predictive.store.keys import SCOPES, CreatedKey, Key
from predictive.store.models import ModelVersion
from predictive.store.pages import Page
from predictive.store.predictions import Applied, Prediction
from predictive.store.run import Run
from predictive.store.score import Score
from predictive.store.store import Store

__all__ = [
    "SCOPES",
    "Applied",
    "Build",
    "CreatedKey",
    "Evaluation",
    "Key",
    "ModelVersion",
    "Page",
    "Prediction",
    "Run",
    "Score",
    "Store",
]
