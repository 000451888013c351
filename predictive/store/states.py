"""The states of a prediction: which may follow which, and what each of them refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from predictive.errors import Conflict, InvalidInput, one_of
from predictive.wording.sentence import Sentence

State = Literal["draft", "preview", "active", "archived"]

#: To which states each may change.
TRANSITIONS: Mapping[State, tuple[State, ...]] = {
    "draft": ("preview", "active", "archived"),
    "preview": ("draft", "active", "archived"),
    "active": ("preview", "archived"),
    "archived": ("draft", "preview", "active"),
}


def require_transition(name: str, before: State, state: str) -> State:
    """The state to change to; refuses a change that is none of `TRANSITIONS`.

    Raises
    ------
    InvalidInput
        There is no such state.
    Conflict
        The present state can't change to it.
    """
    if state not in TRANSITIONS:
        raise InvalidInput("state", state, one_of(TRANSITIONS))
    for allowed in TRANSITIONS[before]:
        if allowed == state:
            return allowed
    raise Conflict(
        "Prediction {name!r} is {before} and can't become {state}; it can become {following}.",
        name=name,
        before=before,
        state=state,
        following=", ".join(TRANSITIONS[before]),
    )


def require_targeting(name: str, state: str) -> None:
    """Refuse to offer the scores of a prediction that is not active.

    Raises
    ------
    Conflict
        It is a draft, in preview or archived.
    """
    if state != "active":
        raise Conflict(
            "Prediction {name!r} is {state}: its scores are not offered. Make it active first: "
            "`predictive state {name} active`.",
            name=name,
            state=Sentence(_WORDS[state]),
        )


def require_updating(name: str, state: str) -> None:
    """Refuse to train, score or evaluate a prediction that is archived.

    Raises
    ------
    Conflict
        It is archived.
    """
    if state == "archived":
        raise Conflict(
            "Prediction {name!r} is archived: it is no longer trained, scored or evaluated. Bring "
            "it back first: `predictive state {name} active`.",
            name=name,
        )


_WORDS = {"draft": "a draft", "preview": "in preview", "archived": "archived"}
