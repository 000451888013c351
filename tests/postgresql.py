"""Databases of the real PostgreSQL server that the tests start."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def new_database(socket: Path, options: str = "") -> Iterator[str]:
    """SQLAlchemy URL of a database that goes at the end."""
    name = f"test_{uuid.uuid4().hex}"
    as_admin(socket, f"CREATE DATABASE {name} {options}")
    yield url_of(socket, name)
    as_admin(socket, f"DROP DATABASE {name} WITH (FORCE)")


def url_of(socket: Path, name: str) -> str:
    """SQLAlchemy URL of a database."""
    return f"postgresql+psycopg://postgres@/{name}?host={socket}"


def as_admin(socket: Path, statement: str) -> None:
    """Run a statement outside any transaction."""
    with psycopg.connect(f"postgresql://postgres@/postgres?host={socket}", autocommit=True) as c:
        c.execute(statement)
