from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from predictive.errors import Failure, NotFound
from predictive.store import Store
from predictive.store import database as database_module
from predictive.store.database import Database, Unavailable, mlflow_url

from .samples import NAME, add_prediction, publish


def test_a_read_sees_one_state_throughout(store: Store) -> None:
    add_prediction(store)
    with store.database.read() as connection:
        count = text("SELECT count(*) FROM predictions")
        assert connection.execute(count).scalar() == 1
        add_prediction(store, "other")
        assert connection.execute(count).scalar() == 1
    assert len(store.predictions.list()) == 2


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    add_prediction(store)
    with pytest.raises(RuntimeError), store.database.write() as connection:
        connection.execute(text("UPDATE predictions SET kind = 'purchase'"))
        raise RuntimeError
    assert store.predictions.get(NAME).kind == "churn"


def test_writers_wait_for_each_other(store: Store) -> None:
    add_prediction(store)

    def count_up(_: int) -> None:
        with store.database.write() as connection:
            number = connection.execute(
                text("SELECT definition_version FROM predictions FOR UPDATE")
                if store.database.dialect == "postgresql"
                else text("SELECT definition_version FROM predictions")
            ).scalar_one()
            connection.execute(
                text("UPDATE predictions SET definition_version = :n"), {"n": number + 1}
            )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(40)))
    with store.database.read() as connection:
        found = connection.execute(text("SELECT definition_version FROM predictions")).scalar()
    assert found == 41


def test_look_ups_from_many_threads_agree_and_their_connections_close(store: Store) -> None:
    add_prediction(store)
    publish(store, {f"u{index}": float(index) for index in range(50)})

    def look_up(index: int) -> bool:
        return store.scores.get(NAME, f"u{index % 50}").score == index % 50

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(look_up, range(400)))
    store.close()
    assert store.scores.get(NAME, "u7").score == 7


def test_threads_that_ended_leave_no_connection_open(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'meta.db'}") as store:
        for _ in range(20):
            thread = threading.Thread(target=store.keys.verify, args=("pk_0123456789ab_x",))
            thread.start()
            thread.join()
        assert len(store.database._reader._opened) <= 1  # type: ignore[attr-defined]


def test_a_database_out_of_reach_is_unavailable_and_says_so_without_its_address() -> None:
    for url in (
        "sqlite:////no/such/folder/meta.db",
        "postgresql+psycopg://someone:hush-hush@127.0.0.1:9/x?connect_timeout=2",
    ):
        with pytest.raises(Unavailable) as failure:
            Store(url)
        assert "does not answer" in str(failure.value)
        assert "hush-hush" not in str(failure.value)
        assert failure.value.http_status == 503
        assert isinstance(failure.value, Failure)
        assert failure.value.details() == {
            "code": "unavailable",
            "message": "The store does not answer just now. Try again in a moment.",
        }


def test_connections_that_the_server_closed_are_replaced(postgres_url: str) -> None:
    with Store(postgres_url) as store:
        add_prediction(store)
        publish(store, {"anna": 5.0})
        assert store.scores.get(NAME, "anna").score == 5.0
        other = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
        with other.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        other.dispose()
        assert store.scores.get(NAME, "anna").score == 5.0
        store.check()
        with pytest.raises(NotFound):
            store.scores.get(NAME, "ben")


def test_a_database_that_stays_locked_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = ("busy_timeout = 1", *database_module._PRAGMAS[1:])
    monkeypatch.setattr(database_module, "_PRAGMAS", pragmas)
    file = tmp_path / "meta.db"
    with Store(f"sqlite:///{file}") as store:
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            add_prediction(store)
        assert store.predictions.list() == []
        holder.close()
        add_prediction(store)


def test_what_is_deleted_is_gone_from_the_file_and_its_log(tmp_path: Path) -> None:
    file = tmp_path / "meta.db"
    with Store(f"sqlite:///{file}") as store:
        add_prediction(store)
        publish(store, {"anna-the-customer": 5.0, "ben": 6.0})
        assert b"anna-the-customer" in _bytes(file)
        store.scores.delete_user("anna-the-customer")
        store.database.forget()
        assert b"anna-the-customer" not in _bytes(file)
        assert store.scores.get(NAME, "ben").score == 6.0


def _bytes(file: Path) -> bytes:
    return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'meta.db'}")
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


def test_mlflow_gets_a_schema_of_its_own(postgres_url: str) -> None:
    Store(postgres_url).close()
    engine = create_engine(mlflow_url(postgres_url))
    with engine.begin() as connection:
        assert connection.execute(text("SELECT current_schema()")).scalar() == "mlflow"
        connection.execute(text("CREATE TABLE experiments (id integer)"))
    engine.dispose()
    with Store(postgres_url) as store, store.database.read() as connection:
        assert connection.execute(text("SELECT current_schema()")).scalar() == "predictive"
