"""Bring a database to the revision of this version; refuse one that is newer."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from predictive.errors import InvalidInput
from predictive.store.database import MLFLOW_SCHEMA, SCHEMA, Database
from predictive.store.schema import REVISION

_MIGRATIONS = Path(__file__).parent / "migrations"
#: Any constant: two processes that open one database at once upgrade it in turn.
_LOCK = 5_117_342_001


def upgrade(database: Database) -> None:
    """Create or upgrade the tables; a database that is up to date costs one query.

    Raises
    ------
    InvalidInput
        The database was written by a newer version.
    """
    with database.read() as connection:
        if revision(connection) == REVISION:
            return
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            make_schemas(connection)
        migrate(connection)


def make_schemas(connection: Connection) -> None:
    """Make PostgreSQL's schemas of the store and of MLflow, where they are not there."""
    for schema in (SCHEMA, MLFLOW_SCHEMA):
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))


def revision(connection: Connection) -> str | None:
    """The revision that the database says it has; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def migrate(connection: Connection, target: str = REVISION) -> None:
    """Bring the tables to a revision: this version's own, or an older one that it knows.

    Raises
    ------
    InvalidInput
        The database was written by a newer version.
    """
    from alembic import command  # noqa: PLC0415  (only a database that is behind needs it)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", _MIGRATIONS.as_posix().replace("%", "%%"))
    config.attributes["connection"] = connection
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    found = revision(connection)
    if found is not None and found not in known:
        raise InvalidInput(
            "store revision",
            found,
            f"{known[-1]} to {known[0]}",
            "The store was written by a newer version of predictive: upgrade predictive.",
        )
    command.upgrade(config, target)
