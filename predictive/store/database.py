"""One database behind one URL: SQLite in WAL mode or a schema of PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Engine, Row, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from predictive.errors import Failure

#: Schema of the store in PostgreSQL.
SCHEMA = "predictive"
MLFLOW_SCHEMA = "mlflow"

_BUSY_SECONDS = 30
_CACHE_KIB = 65_536
#: Pages in the write-ahead log before they go to the file: fewer, larger moves while
#: a run of scores is written.
_CHECKPOINT_PAGES = 8_000


AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"


class Query:
    """A fixed read, with ``:name`` parameters, in the words of each driver.

    Both drivers keep a statement prepared that comes again as the same text.
    """

    def __init__(self, sql: str) -> None:
        self._sql = text(sql)

    @cached_property
    def sqlite(self) -> str:
        """The statement as sqlite3 takes it."""
        return str(self._sql)

    @cached_property
    def postgresql(self) -> str:
        """The statement as psycopg takes it."""
        dialect = make_url("postgresql+psycopg://").get_dialect()()
        return str(self._sql.compile(dialect=dialect))


class Database:
    """Connections to one database: consistent reads, writes that wait for their turn.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if address.get_backend_name() == "sqlite" else "postgresql"
        )
        self.name = address.render_as_string(hide_password=True)
        self._snapshots = _engine(address, self.dialect)
        #: What the driver raises when a row breaks a constraint.
        self.integrity_error: type[Exception] = self._snapshots.dialect.loaded_dbapi.IntegrityError
        self._readers = self._snapshots
        if self.dialect == "postgresql":
            # Autocommit: one look-up is one round trip, without BEGIN and ROLLBACK.
            self._readers = _engine(address, self.dialect, isolation_level="AUTOCOMMIT")

    def fetch_all(self, query: Query, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of one statement, straight from the driver.

        A connection that the server had closed meanwhile is replaced once.

        Raises
        ------
        Failure
            The database can't be reached.
        """
        sql = query.sqlite if self.dialect == "sqlite" else query.postgresql
        try:
            return self._fetch(sql, parameters)
        except Exception as error:
            if not self._readers.dialect.is_disconnect(error, None, None):  # type: ignore[arg-type]
                raise
        self._readers.dispose()
        return self._fetch(sql, parameters)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Several reads of one and the same state of the database."""
        with self._begin("REPEATABLE READ" if self.dialect == "postgresql" else "DEFERRED") as c:
            yield c

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that writes: all of it happens, or nothing."""
        with self._begin("READ COMMITTED" if self.dialect == "postgresql" else "IMMEDIATE") as c:
            yield c

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()
        self._snapshots.dispose()

    def _fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        connection = self._readers.raw_connection()
        try:
            cursor = connection.cursor()
            try:
                cursor.execute(sql, parameters)
                return list(cursor.fetchall())
            finally:
                cursor.close()
        finally:
            connection.close()

    @contextmanager
    def _begin(self, mode: str) -> Iterator[Connection]:
        options = (
            {"isolation_level": mode} if self.dialect == "postgresql" else {"begin_mode": mode}
        )
        try:
            connection = self._snapshots.connect()
        except DBAPIError as error:
            raise Failure(f"The database {self.name} can't be reached: {error.orig}") from error
        with connection:
            connection = connection.execution_options(**options)
            with connection.begin():
                yield connection


def mlflow_url(url: str) -> str:
    """The same PostgreSQL database with MLflow's own schema, for MLflow's tables."""
    address = make_url(url).update_query_dict({"options": f"-csearch_path={MLFLOW_SCHEMA}"})
    return address.render_as_string(hide_password=False)


def _engine(address: URL, dialect: str, **options: Any) -> Engine:
    # NaN is no JSON: PostgreSQL refuses it, so SQLite must too.
    engine = create_engine(
        address,
        json_serializer=partial(json.dumps, allow_nan=False, ensure_ascii=False),
        pool_size=10,
        max_overflow=50,
        **options,
    )
    if dialect == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, record: object) -> None:  # noqa: ARG001
    # The driver's own BEGIN would come too late, and never as IMMEDIATE.
    connection.isolation_level = None
    pragmas: Sequence[str] = (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        f"cache_size = -{_CACHE_KIB}",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        # What a person asked to have deleted must not stay in free pages.
        "secure_delete = ON",
    )
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin_mode", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _set_up_postgresql(connection: Any, record: object) -> None:  # noqa: ARG001
    before = connection.autocommit
    connection.autocommit = True
    connection.execute(f"SET search_path TO {SCHEMA}")
    connection.autocommit = before
