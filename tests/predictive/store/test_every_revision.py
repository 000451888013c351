"""From every released revision, with rows in every table, up to this version and back again."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, inspect, select

from predictive.store import Store, upgrade
from predictive.store.database import Database
from predictive.store.schema import metadata
from tests.predictive.store.revisions import held_at
from tests.predictive.store.test_migrations import shape, to_revision

REVISIONS = sorted(
    script.revision for script in ScriptDirectory(str(upgrade._MIGRATIONS)).walk_revisions()
)
#: Tables by the name they have today.
RENAMED = {"builds": "jobs"}


def content(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as the database itself describes them."""
    tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    return {
        name: [
            dict(row)
            for row in connection.execute(
                select(Table(name, MetaData(), autoload_with=connection))
            ).mappings()
        ]
        for name in tables
    }


def store_at(url: str, revision: str) -> str:
    """A store as that revision would have left it, with something in every table; its URL."""
    database = Database(url)
    to_revision(database, revision, command.upgrade)
    with database.write() as connection:
        for held in held_at(revision):
            table = Table(held.table, MetaData(), autoload_with=connection)
            connection.execute(insert(table).values(held.row))
    with database.read() as connection:
        assert [name for name, rows in content(connection).items() if not rows] == []
    database.close()
    return url


@pytest.mark.parametrize("revision", REVISIONS)
def test_it_is_upgraded_and_taken_back_without_a_loss(store_url: str, revision: str) -> None:
    url = store_at(store_url, revision)
    database = Database(url)
    with database.read() as connection:
        before, shape_before = content(connection), shape(connection)
    database.close()

    with Store(url) as store:
        store.check()
        with store.database.write() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            assert compare_metadata(context, metadata) == []
            after = content(connection)
        for name, rows in before.items():
            kept = after[RENAMED.get(name, name)]
            assert [{key: row[key] for key in rows[0]} for row in kept] == rows, name
        # What it holds is read by the classes of today.
        assert store.predictions.get("trained").current_run_id == "r1"
        assert store.scores.get("trained", "anna").score == 50.0
        champion = store.models.champion("trained")
        assert champion is not None
        assert champion.report == {"quality": {"value": 41.5}}
        assert [job.id for job in store.jobs.list()] == ["b1"]

    database = Database(url)
    to_revision(database, revision, command.downgrade)
    with database.read() as connection:
        assert content(connection) == before
        assert shape(connection) == shape_before
    database.close()
    with Store(url) as store:
        store.check()


def test_every_step_down_keeps_what_the_older_revision_knew(store_url: str) -> None:
    database = Database(store_at(store_url, REVISIONS[-1]))
    for revision in reversed(REVISIONS[:-1]):
        to_revision(database, revision, command.downgrade)
        with database.read() as connection:
            held = content(connection)
        assert set(held) == {each.table for each in held_at(revision)}
        assert [name for name, rows in held.items() if not rows] == []
    database.close()
