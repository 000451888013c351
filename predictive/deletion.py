"""Removing one person everywhere.

From the lake and its history files, the archives of scores, the store and the files of
rejected rows. Models hold no user ids. Tables that are not ours can't be changed: there a
tombstone hides the person from every later reading.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from predictive.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from predictive.workspace import Workspace


def delete_user(workspace: Workspace, user_id: str) -> dict[str, Any]:
    """Remove a user everywhere, for good.

    Cut short, it can be repeated; only the last step is reported as done.

    Parameters
    ----------
    workspace
        Where to remove the user.
    user_id
        The user's id.

    Returns
    -------
    dict
        ``user_id``; the rows removed: ``events``, ``attributes``, ``scores``,
        ``archived_scores``, ``segments`` (snapshots of members),
        ``exports`` (files of them), ``sends``, ``rejected_rows``; and ``hidden``, the events
        of tables of others that are hidden from now on.

    Raises
    ------
    InvalidInput
        The id is empty or no text that could be stored.
    NotFound
        Nobody of that id is known.
    """
    from predictive.segments.export_files import ExportFiles  # noqa: PLC0415  (Arrow)
    from predictive.segments.snapshots import forget_member  # noqa: PLC0415  (Ibis)

    _check(user_id)
    hidden = _events_of_others(workspace, user_id)
    # First of all: a scoring run that has read the user already must not bring them back.
    workspace.store.tombstones.add(user_id, permanent=hidden > 0)
    in_lake = workspace.lake.delete_user(user_id)
    removed = {
        "events": in_lake["events"],
        "attributes": in_lake["attributes"],
        "scores": workspace.store.scores.delete_user(user_id),
        "archived_scores": in_lake["scores"],
        "segments": forget_member(workspace, user_id),
        # After the members they are written from: an export under way notices the change.
        "exports": ExportFiles(workspace.exports_path).delete_user(user_id),
        "sends": workspace.store.sends.delete_user(user_id),
        "rejected_rows": _delete_rejected(workspace.rejects_path, user_id),
        "hidden": hidden,
    }
    workspace.store.database.forget()
    if not any(removed.values()):
        raise NotFound("user", user_id)
    return {"user_id": user_id} | removed


def _check(user_id: str) -> None:
    from predictive.store.texts import is_storable  # noqa: PLC0415  (SQLAlchemy)

    if not user_id or not is_storable(user_id):
        raise InvalidInput("user_id", user_id, "a non-empty text without NUL characters")


def _events_of_others(workspace: Workspace, user_id: str) -> int:
    """Rows about the user in tables that are not ours."""
    if workspace.config.source is None:
        return 0
    from predictive.sources.warehouse import WarehouseSource  # noqa: PLC0415  (Ibis)

    tables = WarehouseSource(workspace.config.source).tables()
    of_user = [
        table.filter(table.user_id == user_id) for table in (tables.events, tables.attributes)
    ]
    return sum(int(rows.count().to_pyarrow().as_py()) for rows in of_user)


def _delete_rejected(folder: Path, user_id: str) -> int:
    """Rewrite the files of rejected rows without those that name the user."""
    return sum(_delete_lines(file, user_id) for file in sorted(folder.glob("*.jsonl")))


def _delete_lines(file: Path, user_id: str) -> int:
    draft = file.with_name(f".{file.name}.unfinished")
    removed = 0
    try:
        with file.open(encoding="utf-8") as rows, draft.open("w", encoding="utf-8") as kept:
            for line in rows:
                if _names(line, user_id):
                    removed += 1
                else:
                    kept.write(line)
        if removed:
            draft.replace(file)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    return removed


def _names(line: str, user_id: str) -> bool:
    try:
        row = json.loads(line)["row"]
    except ValueError:
        # The last line of an import that was killed.
        return user_id in line
    values = row.values() if isinstance(row, dict) else [row]
    return any(str(value).strip() == user_id for value in values)
