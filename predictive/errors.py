"""The errors that people meet, and what each one carries.

::

    PredictiveError
    ├── InvalidInput          a value that was given is wrong       (exit 2, HTTP 422)
    │   └── InsufficientData  history holds too little to do it     (exit 2, HTTP 422)
    ├── NotFound              a name or id that does not exist      (exit 2, HTTP 404)
    ├── Conflict              the state of things forbids it        (exit 2, HTTP 409)
    └── Failure               our side failed, the input was fine   (exit 1, HTTP 500)

Every message says what was wrong, the value, what is allowed and the next step.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from predictive.wording.said import Said
from predictive.wording.sentence import Sentence, sentence

_SHOWN_CHARACTERS = 200


class PredictiveError(Exception):
    """Base of every error this project raises on purpose."""

    code = "error"
    exit_code = 1
    http_status = 500

    @property
    def sentence(self) -> Said:
        """The message of `details`, which can be said in other languages."""
        return sentence(str(self) if not self.args else self.args[0])

    def details(self) -> dict[str, Any]:
        """The error as JSON-ready fields, the message among them."""
        return {"code": self.code, "message": str(self)}


class InvalidInput(PredictiveError):
    """A given value is wrong; nothing was changed.

    Parameters
    ----------
    field
        Dotted path of the field, for example ``target.within_days``.
    value
        What was given.
    allowed
        What is allowed, in words.
    hint
        The next step or the nearest valid name, when there is one.
    """

    code = "invalid_input"
    exit_code = 2
    http_status = 422

    def __init__(self, field: str, value: object, allowed: str, hint: str | None = None) -> None:
        self.field, self.value, self.allowed, self.hint = field, value, allowed, hint
        message: Said = Sentence("{field} is missing", field=field)
        if isinstance(value, Said):
            message = Sentence("{field} is '{value}'", field=field, value=value)
        elif value is not None:
            message = Sentence("{field} is {value}", field=field, value=shown(value))
        message = Sentence("{given}. Allowed: {allowed}.", given=message, allowed=sentence(allowed))
        if hint:
            message = Sentence("{message} {hint}", message=message, hint=sentence(hint))
        super().__init__(message)

    def details(self) -> dict[str, Any]:
        """The error as JSON-ready fields, with what was given and what is allowed."""
        return super().details() | {
            "field": self.field,
            "value": shown(self.value),
            "allowed": str(self.allowed),
            "hint": self.hint and str(self.hint),
        }


class InsufficientData(InvalidInput):
    """History holds too little for what was asked; says what is needed and what there is."""

    code = "insufficient_data"


class NotFound(PredictiveError):
    """Nothing of that kind has that name.

    Parameters
    ----------
    kind
        What was looked for, for example ``prediction``.
    name
        The name or id asked for.
    known
        The names there are; the nearest is suggested.
    field
        The field that gave the name; ``kind`` when None.
    """

    code = "not_found"
    exit_code = 2
    http_status = 404

    def __init__(
        self, kind: str, name: str, known: Iterable[str] = (), *, field: str | None = None
    ) -> None:
        self.kind, self.name, self.field = kind, name, field or kind
        self.hint = nearest_hint(name, known)
        message = Sentence("There is no {kind} {name}.", kind=Sentence(kind), name=shown(name))
        if self.hint:
            message = Sentence("{message} {hint}", message=message, hint=self.hint)
        super().__init__(message)

    def details(self) -> dict[str, Any]:
        """The error as JSON-ready fields, with the name asked for."""
        return super().details() | {
            "field": self.field,
            "value": shown(self.name),
            "hint": self.hint and str(self.hint),
        }


class Conflict(PredictiveError):
    """The state of things forbids the change; nothing was changed.

    Parameters
    ----------
    message, values
        As a :class:`~predictive.wording.sentence.Sentence` reads them.
    """

    code = "conflict"
    exit_code = 2
    http_status = 409

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(Sentence(message, **values) if values else sentence(message))


class Failure(PredictiveError):
    """Something on our side failed; the input was fine."""

    code = "failure"


def shown(value: object) -> str:
    """A value as a message may show it: quoted, and cut when long."""
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}… (cut)"


def one_of(names: Iterable[str]) -> Said:
    """What is allowed where there are a few names to choose from."""
    return Sentence("one of {names}", names=", ".join(names))


def nearest_hint(name: str, known: Iterable[str]) -> str | None:
    """A question with the nearest name, or the names there are, or None."""
    names = sorted(known)
    nearest = nearest_name(name, names)
    if nearest:
        return nearest
    if names:
        listed = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
        return Sentence("There is {names}.", names=listed)
    return None


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """A question with the nearest name, where the names there are have been told already."""
    close = difflib.get_close_matches(name[:_SHOWN_CHARACTERS], sorted(known), n=1, cutoff=0.6)
    return Sentence("Did you mean {name}?", name=shown(close[0])) if close else None
