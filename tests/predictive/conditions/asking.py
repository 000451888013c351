"""The same questions, asked of the compiler and of the slow reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from predictive.conditions.compile import Question, answer
from predictive.conditions.grammar import Group
from tests.predictive.conditions.worlds import USERS, Author, World, users_table
from tests.reference.conditions import Asked, is_true

#: A condition, the moment, the direction and the target's window.
Asking = tuple[dict[str, Any], Any, str, int | None]


def asked_by(author: Author) -> list[Asking]:
    """Outcomes, mirrored outcomes and audiences at several moments, all in one answer."""
    forward = [(author.target(), author.moment(), "forward", days) for days in (2, 5, 30)]
    mirrored = [(author.target(), author.moment(), "backward", days) for days in (2, 5, 30)]
    audience = [(author.audience(), author.moment(), "backward", None) for _ in range(4)]
    return [*forward, *mirrored, *audience]


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
