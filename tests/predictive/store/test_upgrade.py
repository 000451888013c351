from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from predictive.errors import InvalidInput
from predictive.store import Store, upgrade
from predictive.store.schema import REVISION, metadata


def test_an_empty_database_gets_exactly_the_tables_of_this_version(store: Store) -> None:
    with store.database.write() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_the_details_of_the_score_table_are_as_declared(store: Store) -> None:
    with store.database.read() as connection:
        inspector = inspect(connection)
        assert inspector.get_pk_constraint("scores")["constrained_columns"] == [
            "run_number",
            "user_id",
        ]
        (index,) = inspector.get_indexes("scores")
        assert index["name"] == "ix_scores_by_score"
        if store.database.dialect == "sqlite":
            sql = connection.execute(
                text("SELECT sql FROM sqlite_master WHERE name IN ('scores', 'runs') ORDER BY name")
            ).scalars()
            runs, scores = list(sql)
            assert "AUTOINCREMENT" in runs
            assert "WITHOUT ROWID" in scores


def test_the_revision_known_without_alembic_is_its_newest() -> None:
    scripts = ScriptDirectory(str(upgrade._MIGRATIONS))
    assert scripts.get_heads() == [REVISION]


def test_opening_again_changes_nothing(store_url: str) -> None:
    with Store(store_url) as first:
        key = first.keys.create("kept", ["read"])
    with Store(store_url) as second:
        assert second.keys.verify(key.secret) is not None


def test_opening_what_is_up_to_date_imports_no_alembic(store_url: str) -> None:
    Store(store_url).close()
    code = (
        "import sys; from predictive.store import Store; Store(sys.argv[1]).close();"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, store_url], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store_url: str) -> None:
    with Store(store_url) as store, store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InvalidInput) as refusal:
        Store(store_url)
    assert refusal.value.field == "store revision"
    assert "'9999'" in str(refusal.value)
    assert "upgrade predictive" in str(refusal.value)


def test_an_upgrade_cut_short_leaves_nothing_behind(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("cut short")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_index", fail)
        with pytest.raises(RuntimeError, match="cut short"):
            Store(store_url)
    with Store(store_url) as store:
        assert store.predictions.list() == []


def test_many_may_open_an_empty_database_at_once(store_url: str) -> None:
    code = "import sys; from predictive.store import Store; Store(sys.argv[1]).close()"

    def open_in_process(_: int) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-c", code, store_url], capture_output=True, check=False
        )

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(open_in_process, range(2)))
    assert [result.stderr for result in results] == [b"", b""]
