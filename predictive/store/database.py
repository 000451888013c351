"""One database behind one URL: SQLite in WAL mode or a schema of PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Engine, Row, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.dml import ReturningDelete

from predictive.errors import Failure
from predictive.store.readers import PostgresqlReader, Query, Reader, Rows, SqliteReader
from predictive.wording.said import Said
from predictive.wording.sentence import Sentence

#: Schema of the store in PostgreSQL.
SCHEMA = "predictive"
MLFLOW_SCHEMA = "mlflow"

_BUSY_SECONDS = 30
_PRAGMAS = (
    f"busy_timeout = {_BUSY_SECONDS * 1000}",
    "journal_mode = WAL",
    # What was acknowledged survives a power cut; batches are large, so it costs little.
    "synchronous = FULL",
    "foreign_keys = ON",
    "temp_store = MEMORY",
    "cache_size = -65536",
    # Fewer, larger moves from the log to the file while a run of scores is written.
    "wal_autocheckpoint = 8000",
    # What a person asked to have deleted must not stay in free pages.
    "secure_delete = ON",
)

AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"


class Unavailable(Failure):
    """The database does not answer, or is busy for too long."""

    code = "unavailable"
    http_status = 503

    def __init__(self, reason: BaseException | None) -> None:
        super().__init__(f"The store does not answer: {reason}")

    @property
    def sentence(self) -> Said:
        """Without the reason, which names hosts and paths."""
        return Sentence("The store does not answer just now. Try again in a moment.")

    def details(self) -> dict[str, Any]:
        """Without the reason, too."""
        return super().details() | {"message": str(self.sentence)}


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
        # A connection that the server closed meanwhile is found out before it is used.
        self._engine = _engine(address, self.dialect, pool_pre_ping=True)
        self._reader = _reader(address, self.dialect)
        driver = self._engine.dialect.loaded_dbapi
        #: What the driver raises when a row breaks a constraint.
        self.integrity_error: type[Exception] = driver.IntegrityError
        self._driver_error: type[Exception] = driver.OperationalError

    def fetch_all(self, query: Query, parameters: Mapping[str, Any]) -> Rows:
        """All rows of one statement, straight from the driver.

        Raises
        ------
        Unavailable
            The database does not answer.
        """
        try:
            return self._reader.fetch_all(query, parameters)
        except (OperationalError, self._driver_error) as error:
            raise Unavailable(getattr(error, "orig", error)) from error

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

    def delete_in_batches(self, statement: ReturningDelete[Any], rows_at_once: int) -> int:
        """Repeat a limited deletion until little is left, each in a transaction of its own.

        Parameters
        ----------
        statement
            Deletes at most ``rows_at_once`` rows and returns a column of each.

        Returns
        -------
        int
            How many rows went.
        """
        deleted = 0
        while True:
            with self.write() as connection:
                gone = len(connection.execute(statement).all())
            deleted += gone
            if gone < rows_at_once:
                return deleted

    def forget(self) -> None:
        """Let no deleted row live on in SQLite's log; PostgreSQL vacuums by itself."""
        if self.dialect == "sqlite":
            with self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        self._reader.close()
        self._engine.dispose()

    @contextmanager
    def _begin(self, mode: str) -> Iterator[Connection]:
        option = "isolation_level" if self.dialect == "postgresql" else "begin_mode"
        try:
            with self._engine.connect() as connection:
                connection.execution_options(**{option: mode})
                with connection.begin():
                    yield connection
        except (OperationalError, self._driver_error) as error:
            raise Unavailable(getattr(error, "orig", error)) from error


def mlflow_url(url: str) -> str:
    """The same PostgreSQL database with MLflow's own schema, for MLflow's tables."""
    address = make_url(url).update_query_dict({"options": f"-csearch_path={MLFLOW_SCHEMA}"})
    return address.render_as_string(hide_password=False)


def _engine(address: URL, dialect: str, **options: Any) -> Engine:
    # NaN is no JSON: PostgreSQL refuses it, so SQLite must too.
    serializer = partial(json.dumps, allow_nan=False, ensure_ascii=False)
    engine = create_engine(
        address, json_serializer=serializer, pool_size=10, max_overflow=50, **options
    )
    if dialect == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _reader(address: URL, dialect: str) -> Reader:
    if dialect == "postgresql":
        return PostgresqlReader(_engine(address, dialect, isolation_level="AUTOCOMMIT"))

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(str(address.database), check_same_thread=False)
        _set_up_sqlite(connection, None)
        return connection

    return SqliteReader(connect)


def _set_up_sqlite(connection: sqlite3.Connection, record: object) -> None:  # noqa: ARG001
    # The driver's own BEGIN would come too late, and never as IMMEDIATE.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin_mode", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _set_up_postgresql(connection: Any, record: object) -> None:  # noqa: ARG001
    before = connection.autocommit
    connection.autocommit = True
    connection.execute(f"SET search_path TO {SCHEMA}")
    connection.autocommit = before
