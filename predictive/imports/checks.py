"""What is checked before a file is opened."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from predictive.errors import Conflict, InvalidInput, nearest_hint
from predictive.imports.files import FORMATS
from predictive.windows import FUTURE_TOLERANCE

if TYPE_CHECKING:
    from predictive.workspace import Workspace


def check_lake_is_read(workspace: Workspace) -> None:
    """Refuse an import that nobody would ever see."""
    if workspace.config.source is not None:
        raise Conflict(
            "This workspace reads tables of yours, as [source] in its workspace.toml says: what "
            "is imported would not be seen. Add it to the tables, or take [source] out."
        )


def check_files(files: Sequence[Path]) -> None:
    """Refuse an import of nothing."""
    if not files:
        raise InvalidInput("file", None, f"one or more files, each {FORMATS}")


def check_timezone(name: str) -> None:
    """Refuse an unknown time zone."""
    known = _timezones()
    if name not in known:
        raise InvalidInput(
            "timezone",
            name,
            "an IANA time zone such as UTC or Europe/London",
            nearest_hint(name, known),
        )


@cache
def _timezones() -> frozenset[str]:
    """All names; looking for them searches folders, which an import a minute would feel."""
    return frozenset(zoneinfo.available_timezones())


def check_complete_through(moment: datetime | None, now: datetime) -> None:
    """Refuse data that claims to cover the future, or an unclear moment."""
    if moment is None:
        return
    if moment.tzinfo is None:
        raise InvalidInput("complete_through", moment.isoformat(), "a time with a time zone")
    if moment > now + FUTURE_TOLERANCE:
        raise InvalidInput(
            "complete_through",
            moment.isoformat(),
            f"a time until {now.isoformat(timespec='seconds')}",
        )
