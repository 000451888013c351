"""The shortest way from a look-up to its rows: a prepared statement on a kept connection."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

Rows = list[tuple[Any, ...]]


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


class Reader(Protocol):
    """Answers one statement at a time, from what is committed."""

    def fetch_all(self, query: Query, parameters: Mapping[str, Any]) -> Rows:
        """All rows of the statement."""

    def close(self) -> None:
        """Close the connections."""


class SqliteReader:
    """A connection for each thread: taking one from a pool would double a look-up's time.

    Parameters
    ----------
    connect
        Makes a connection that any thread may close.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._local = threading.local()
        self._opened: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()

    def fetch_all(self, query: Query, parameters: Mapping[str, Any]) -> Rows:
        """All rows of the statement."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
        return connection.execute(query.sqlite, parameters).fetchall()

    def close(self) -> None:
        """Close the connections of all threads; a later look-up opens a new one."""
        with self._lock:
            for connection in self._opened.values():
                connection.close()
            self._opened.clear()
            self._local = threading.local()

    def _open(self) -> sqlite3.Connection:
        connection = self._connect()
        with self._lock:
            ended = [thread for thread in self._opened if not thread.is_alive()]
            for thread in ended:
                self._opened.pop(thread).close()
            self._opened[threading.current_thread()] = connection
        return connection


class PostgresqlReader:
    """Connections of a pool, without BEGIN and ROLLBACK: a look-up is one round trip.

    Parameters
    ----------
    engine
        An engine in autocommit.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def fetch_all(self, query: Query, parameters: Mapping[str, Any]) -> Rows:
        """All rows; a connection that the server had closed meanwhile is replaced once."""
        try:
            return self._fetch(query, parameters)
        except self._engine.dialect.loaded_dbapi.OperationalError:
            self._engine.dispose()
            return self._fetch(query, parameters)

    def close(self) -> None:
        """Close the pool."""
        self._engine.dispose()

    def _fetch(self, query: Query, parameters: Mapping[str, Any]) -> Rows:
        connection = self._engine.raw_connection()
        try:
            driver: Any = connection.driver_connection
            rows: Rows = driver.execute(query.postgresql, parameters).fetchall()
        except BaseException:
            connection.invalidate()
            raise
        connection.close()
        return rows
