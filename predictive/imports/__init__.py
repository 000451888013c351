"""Bringing files into the lake."""

from __future__ import annotations

from predictive.imports.columns import EventColumns
from predictive.imports.events import import_events
from predictive.imports.report import ImportReport
from predictive.imports.users import import_users

__all__ = ["EventColumns", "ImportReport", "import_events", "import_users"]
