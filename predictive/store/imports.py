"""What imports told of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from predictive.store.database import Database
from predictive.store.insertion import insert_unless
from predictive.store.watch_tables import imports


class Import(NamedTuple):
    """One import: of what kind, its report, and when it was done."""

    import_id: str
    kind: str
    report: Mapping[str, Any]
    at: datetime


class Imports:
    """The imports that a store remembers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, import_id: str, kind: str, report: Mapping[str, Any], at: datetime) -> None:
        """Keep an import's report; the same import a second time changes nothing.

        Its examples of rejected rows are left out: they name users.
        """
        kept = {name: value for name, value in report.items() if name != "examples"}
        row = {"import_id": import_id, "kind": kind, "report": kept, "at": at}
        with self._database.write() as connection:
            insert_unless(connection, imports, row, taken="import_id")

    def list(self, limit: int | None = None) -> Sequence[Import]:
        """Imports, newest first."""
        columns = (imports.c.import_id, imports.c.kind, imports.c.report, imports.c.at)
        query = select(*columns).order_by(imports.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [Import(*row) for row in connection.execute(query)]
