"""Where metadata and scores are kept: SQLite by default, PostgreSQL when it grows.

`Store` is opened by URL; its parts are ``predictions``, ``models``, ``runs``, ``scores``,
``evaluations``, ``jobs``, ``history``, ``alerts``, ``notifications``, ``checks``, ``imports``,
``sends``, ``keys`` and ``tombstones``.
"""

from __future__ import annotations

from predictive.store.alerts import Alert
from predictive.store.checks import Check
from predictive.store.evaluations import Evaluation
from predictive.store.history import Change
from predictive.store.imports import Import
from predictive.store.jobs import Job, LogLine
from predictive.store.keys import SCOPES, CreatedKey, Key
from predictive.store.models import ModelVersion
from predictive.store.notifications import Notification
from predictive.store.pages import Page
from predictive.store.predictions import Applied, Prediction
from predictive.store.run import Run
from predictive.store.score import Score
from predictive.store.sends import Send
from predictive.store.store import Store

__all__ = [
    "SCOPES",
    "Alert",
    "Applied",
    "Change",
    "Check",
    "CreatedKey",
    "Evaluation",
    "Import",
    "Job",
    "Key",
    "LogLine",
    "ModelVersion",
    "Notification",
    "Page",
    "Prediction",
    "Run",
    "Score",
    "Send",
    "Store",
]
