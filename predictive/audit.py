"""The audit log: a line for each change that was asked for, and how it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from predictive import cursors
from predictive.errors import Failure
from predictive.logs import get_logger

if TYPE_CHECKING:
    from predictive.workspace import Workspace

_MOST_CHARACTERS = 300

_log = get_logger(__name__)


def note(workspace: Workspace, by: str, action: str, target: str, status: int) -> None:
    """Write down a change that was asked for; when that fails, the process's log has it.

    Parameters
    ----------
    workspace
        Where it is written down.
    by
        Id of the API key, or ``command line``.
    action
        The method and route, the command, or what was done in the dashboard.
    target
        What it was asked of, without ids of users.
    status
        The HTTP status, or the command's exit code.
    """
    try:
        workspace.store.audit.add(by, action, _shown(target), status, at=datetime.now(UTC))
    except Failure:
        # What was asked for has happened: whoever asked must hear so.
        _log.error("audit entry lost", by=by, action=action, status=status)


def _shown(target: str) -> str:
    """As text that any database and terminal takes."""
    text = target.encode("utf-8", "replace").decode()
    text = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return text[:_MOST_CHARACTERS]


def list_audit(
    workspace: Workspace,
    *,
    key_id: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Changes that were asked for, newest first.

    Parameters
    ----------
    workspace
        Where they are written down.
    key_id
        Only those of one key, or of ``command line``.
    limit
        At most as many.
    cursor
        ``next_cursor`` of the page before.

    Returns
    -------
    dict
        ``entries`` and ``next_cursor``, None on the last page.

    Raises
    ------
    InvalidInput
        The cursor is none.
    """
    found = workspace.store.audit.list(
        key_id=key_id, before_id=cursors.number_of(cursor), limit=cursors.room_for(limit)
    )
    shown, following = cursors.page(found, limit, lambda entry: [entry.id])
    entries = [entry._asdict() | {"at": entry.at.isoformat()} for entry in shown]
    return {"entries": entries, "next_cursor": following}
