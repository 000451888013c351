"""The plain values a condition compares with, checked without being converted.

Nothing is coerced: ``"5"`` is a text and never the number 5, ``true`` is a flag and never 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from predictive.wording.sentence import Sentence

if TYPE_CHECKING:
    from predictive.tables import PropertyType

MAX_TEXT_CHARACTERS = 1_000
MAX_LIST_VALUES = 1_000
MAX_WINDOW_DAYS = 365


def problem(allowed: str, hint: str | None = None) -> PydanticCustomError:
    """A validation error that carries what is allowed, in words, and the next step."""
    return PydanticCustomError("condition", "{allowed}", {"allowed": allowed, "hint": hint})


def value_type(value: bool | int | float | str) -> PropertyType:
    """The type of property that the value can be compared with."""
    if isinstance(value, bool):
        return "flag"
    return "text" if isinstance(value, str) else "number"


def _is_finite_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def check_number(value: Any) -> int | float:
    """Let a finite int or float through."""
    if not _is_finite_number(value):
        raise problem("a finite number")
    return value  # type: ignore[no-any-return]


def check_text(value: Any) -> str:
    """Let a text through that every database can hold."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT_CHARACTERS:
        raise problem(Sentence("a text of 1 to {most:,} characters", most=MAX_TEXT_CHARACTERS))
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise problem("a text without NUL and without lone surrogates")
    return value


def check_scalar(value: Any) -> bool | int | float | str:
    """Let a text, a finite number or a flag through."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return "" if value == "" else check_text(value)
    if not _is_finite_number(value):
        raise problem("a text, a finite number, true or false")
    return value  # type: ignore[no-any-return]


def check_flag(value: Any) -> bool:
    """Let true and false through."""
    if not isinstance(value, bool):
        raise problem("true or false")
    return value


def whole_number(lowest: int, highest: int | None = None) -> PlainValidator:
    """Let whole numbers of the range through, as they stand."""
    allowed = (
        Sentence("a whole number from {lowest} to {highest}", lowest=lowest, highest=highest)
        if highest
        else Sentence("a whole number from {lowest} up", lowest=lowest)
    )

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise problem(allowed)
        if value < lowest or value > (highest or 2**53):
            raise problem(allowed)
        return value

    return PlainValidator(check)


Text = Annotated[
    str,
    PlainValidator(check_text),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_TEXT_CHARACTERS}),
]
Number = Annotated[int | float, PlainValidator(check_number), WithJsonSchema({"type": "number"})]
Scalar = Annotated[
    bool | int | float | str,
    PlainValidator(check_scalar),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
Scalars = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=MAX_LIST_VALUES)]
Flag = Annotated[bool, PlainValidator(check_flag), WithJsonSchema({"type": "boolean"})]
Count = Annotated[int, whole_number(0), WithJsonSchema({"type": "integer", "minimum": 0})]
PositiveCount = Annotated[int, whole_number(1), WithJsonSchema({"type": "integer", "minimum": 1})]
WindowDays = Annotated[
    int,
    whole_number(1, MAX_WINDOW_DAYS),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_WINDOW_DAYS}),
]
