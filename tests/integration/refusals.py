"""What every refusal must look like on the command line, and what must stay as it was."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from predictive.cli.main import exit_code

#: Long enough for a path, a value that was cut and what is allowed.
LONGEST_LINE = 1_000


def state(workspace: Path) -> dict[str, Any]:
    """Everything that a refused command may not change: lake, models, store."""
    files = {
        str(file.relative_to(workspace)): file.stat().st_mtime_ns
        for folder in ("lake", "models")
        for file in (workspace / folder).rglob("*")
        if file.is_file()
    }
    return {"files": files, "rows": _rows(workspace / "meta.db")}


def refused(
    capsys: pytest.CaptureFixture[str], workspace: Path, *arguments: object
) -> dict[str, Any]:
    """Run a command that must be refused, for people and for programs; the one error."""
    command = [*(str(argument) for argument in arguments), "--workspace", str(workspace)]
    before = state(workspace) if (workspace / "meta.db").exists() else None
    capsys.readouterr()
    assert exit_code(command) == 2
    for_people = capsys.readouterr()
    check_line(for_people.out, for_people.err)
    assert exit_code([*command, "--json"]) == 2
    for_programs = capsys.readouterr()
    assert "Traceback" not in for_programs.err
    assert before is None or state(workspace) == before
    return the_error(for_programs.out)


def check_line(out: str, err: str) -> None:
    """One line for people, the last one, and no traceback."""
    assert out == ""
    assert "Traceback" not in err
    *progress, line = err.splitlines()
    assert line.startswith("Error: ")
    assert len(line) < LONGEST_LINE
    assert not any("Error" in earlier for earlier in progress)


def the_error(out: str) -> dict[str, Any]:
    """The one error of a program's answer."""
    document = json.loads(out)
    assert list(document) == ["error"]
    error: dict[str, Any] = document["error"]
    assert error["message"].endswith((".", "?", "--help"))
    return error


def _rows(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {name: _kept(connection, name) for (name,) in tables}


def _kept(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    # A run that came to nothing is on record, and so is whoever was refused; what was
    # published is what counts. A service beside it notes in its own time when a key was used.
    where = {"runs": "WHERE state <> 'failed'", "audit": "WHERE false"}.get(table, "")
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    kept = ", ".join(column for column in columns if (table, column) != ("keys", "last_used_at"))
    return connection.execute(f"SELECT {kept} FROM {table} {where}").fetchall()
