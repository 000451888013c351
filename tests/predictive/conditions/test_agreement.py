"""The compiled conditions against the slow reference, on DuckDB and on a real PostgreSQL."""

from __future__ import annotations

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.predictive.conditions.asking import asked_by, compiled, expected
from tests.predictive.conditions.worlds import Author

seeds = st.integers(0, 2**32 - 1)


def check(seed: int, backend: ibis.BaseBackend) -> None:
    author = Author(seed)
    world, asked = author.world(), asked_by(author)
    assert compiled(asked, world, backend) == expected(asked, world)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(seed=seeds)
def test_duckdb_agrees_with_the_reference(duckdb: ibis.BaseBackend, seed: int) -> None:
    check(seed, duckdb)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_postgres_agrees_with_the_reference(postgresql: ibis.BaseBackend, seed: int) -> None:
    check(seed, postgresql)


def test_the_random_questions_tell_users_apart() -> None:
    """Otherwise agreeing with the reference would prove little."""
    telling = 0
    for seed in range(50):
        author = Author(seed)
        world, asked = author.world(), asked_by(author)
        answers = expected(asked, world).values()
        telling += sum(
            len({row[f"q{number}"] for row in answers}) == 2 for number in range(len(asked))
        )
    assert telling > 0.2 * 50 * 10
