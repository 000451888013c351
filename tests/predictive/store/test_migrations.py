"""Migrations keep what a store holds, up and down, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from predictive.store import Store, upgrade
from predictive.store.database import SCHEMA, Database
from predictive.store.schema import metadata

OLD_ROWS = (
    "INSERT INTO predictions (id, name, kind, state, definition_version, champion_version,"
    " created_at, updated_at) VALUES (1, 'trained', 'churn', 'draft', 1, 1, 10, 10),"
    " (2, 'fresh', 'churn', 'draft', 1, NULL, 10, 10)",
    "INSERT INTO definitions (prediction_id, version, yaml, window_microseconds, created_at)"
    " VALUES (1, 1, 'a', 1000, 10), (2, 1, 'b', 1000, 10)",
    "INSERT INTO models (prediction_id, version, definition_version, as_of, seed, data_version,"
    " code_version, base_rate, report, folder, created_at)"
    " VALUES (1, 1, 1, 5, 0, '1', 'c', 0.5, '{}', 'f', 7)",
    "INSERT INTO runs (run_number, run_id, prediction_id, model_version, as_of, matures_at, state,"
    " users, medium_from_hundredths, high_from_hundredths, started_at)"
    " VALUES (1, 'r1', 1, 1, 20, 40, 'published', 1, 5000, 7500, 20)",
    "INSERT INTO scores (run_number, user_id, probability, score_hundredths)"
    " VALUES (1, 'anna', 0.5, 5000)",
    "INSERT INTO evaluations (run_number, report, created_at) VALUES (1, '{}', 50)",
    "INSERT INTO builds (id, prediction_id, kind, state, params, result, cancel_requested,"
    """ created_at, updated_at) VALUES ('b1', 1, 'build', 'succeeded', '{"seed": 3}',"""
    """ '{"train": {}}', FALSE, 10, 11)""",
)


def to_revision(database: Database, revision: str, step: Callable[..., None]) -> None:
    """Bring a database to a revision, up or down."""
    config = Config()
    config.set_main_option("script_location", upgrade._MIGRATIONS.as_posix())
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        config.attributes["connection"] = connection
        step(config, revision)


@pytest.fixture
def old_url(store_url: str) -> str:
    """A store as version 0.1 left it, with something in every table."""
    database = Database(store_url)
    to_revision(database, "0001", command.upgrade)
    with database.write() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement.replace(":", r"\:")))
    database.close()
    return store_url


def count(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_an_old_store_is_upgraded_with_all_it_holds(old_url: str) -> None:
    with Store(old_url) as store:
        with store.database.read() as connection:
            assert not inspect(connection).has_table("builds")
            for table in ("models", "runs", "scores", "evaluations", "jobs"):
                assert count(connection, table) == 1, table
        job = store.jobs.get("b1")
        assert (job.prediction, job.kind, job.state) == ("trained", "build", "succeeded")
        assert (job.params, job.result) == ({"seed": 3}, {"train": {}})
        assert (job.requested_by, job.key) == ("", None)
        model = store.models.get("trained", 1)
        assert model.recipe == {"name": "standard", "version": 1}
        assert model.promoted_at == model.created_at
        assert store.predictions.get("trained").state == "active"
        assert store.predictions.get("fresh").state == "draft"
        assert [run.profile for run in store.runs.list()] == [None]


def test_an_upgraded_store_is_like_a_new_one(old_url: str) -> None:
    with Store(old_url) as store, store.database.write() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_down_and_up_again_keeps_what_the_old_version_knew(old_url: str) -> None:
    with Store(old_url) as store:
        store.jobs.create("check", None, {})
        store.jobs.create("score", "trained", {}, key="score:trained")
        store.jobs.log("b1", "hello")
        store.sends.add("trained", "r1", store.runs.get("r1").as_of, 0.1, ["anna"], ["ben"])
        to_revision(store.database, "0001", command.downgrade)
        with store.database.read() as connection:
            tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
            assert tables == {
                *("predictions", "definitions", "models", "runs", "scores", "evaluations"),
                *("builds", "keys", "tombstones"),
            }
            assert connection.execute(text("SELECT id, kind FROM builds")).all() == [
                ("b1", "build")
            ]
            for table in ("models", "runs", "scores", "evaluations"):
                assert count(connection, table) == 1, table
    with Store(old_url) as store:
        assert [job.id for job in store.jobs.list()] == ["b1"]
        assert store.jobs.read_log("b1") == []


def test_the_old_revision_is_restored_exactly(old_url: str) -> None:
    database = Database(old_url)
    with database.read() as connection:
        before = shape(connection)
    to_revision(database, "0002", command.upgrade)
    to_revision(database, "0001", command.downgrade)
    with database.read() as connection:
        assert shape(connection) == before
    database.close()


def shape(connection: Connection) -> dict[str, object]:
    """Columns, keys and indexes of every table."""
    inspector = inspect(connection)
    return {
        table: (
            [
                (column["name"], str(column["type"]), column["nullable"])
                for column in inspector.get_columns(table)
            ],
            inspector.get_pk_constraint(table),
            sorted(map(str, inspector.get_foreign_keys(table))),
            sorted(map(str, inspector.get_indexes(table))),
        )
        for table in inspector.get_table_names()
    }
