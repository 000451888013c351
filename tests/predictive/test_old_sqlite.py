"""The one function that DBOS needs and an old SQLite lacks."""

import time

import pytest
from sqlalchemy import create_engine, text

from predictive.jobs.old_sqlite import support_old_sqlite, unixepoch


def test_a_default_of_subseconds_is_kept_on_any_sqlite(tmp_path):
    support_old_sqlite()
    support_old_sqlite()  # once is enough, twice does no harm
    engine = create_engine(f"sqlite:///{tmp_path / 'queue.db'}")
    before = time.time()
    with engine.begin() as connection:
        stamp = "INTEGER NOT NULL DEFAULT (unixepoch('subsec') * 1000)"
        connection.execute(text(f"CREATE TABLE workflow (id TEXT, created_at {stamp})"))
        connection.execute(text("INSERT INTO workflow (id) VALUES ('one')"))
        kept = connection.execute(text("SELECT created_at FROM workflow")).scalar_one()
    engine.dispose()
    assert before - 1 <= kept / 1000 <= time.time() + 1


def test_another_use_of_the_function_fails_loudly():
    with pytest.raises(ValueError, match="modifier is 'now'"):
        unixepoch("now")
