"""The life of a prediction."""

from typing import Any, TypedDict

from predictive_client.answers.predictions import State


class Deleted(TypedDict):
    """What went with a prediction."""

    name: str
    models: int
    runs: int
    archives: int


class StateChange(TypedDict):
    """The state, and the one before."""

    name: str
    state: State
    before: State
    changed: bool
    may_become: list[State]


class Change(TypedDict):
    """One change."""

    at: str
    kind: str
    by: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    note: str
