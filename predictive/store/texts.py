"""Texts from outside, which may be anything."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine


def is_storable(text: str) -> bool:
    """Whether a database can hold the text at all: no NUL, no lone surrogates."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


class Name(TypeDecorator[str]):
    """A column of names or ids that people ask for.

    What no database can hold equals nothing that is stored, so a look-up of it finds
    nothing, where a driver would fail; to store it is refused by NOT NULL. Names sort by
    their bytes on both databases, so that pages come in one order.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text; in PostgreSQL with the collation that SQLite has."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Nothing for what can't be held."""
        return value if value is not None and is_storable(value) else None
