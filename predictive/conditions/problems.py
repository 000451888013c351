"""Turns pydantic's errors into the one error a person reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from predictive.conditions.grammar import (
    KIND_OF_KEY,
    Aggregate,
    AttributeLeaf,
    Behaviour,
    Group,
    PropertyFilter,
    ScoreLeaf,
)
from predictive.errors import InvalidInput, nearest_name, one_of
from predictive.wording.sentence import Sentence

ModelT = TypeVar("ModelT", bound=BaseModel)

_MODEL_OF_KIND: Mapping[str, type[BaseModel]] = {
    "<group>": Group,
    "<behaviour>": Behaviour,
    "<aggregate>": Aggregate,
    "<attribute>": AttributeLeaf,
    "<score>": ScoreLeaf,
}


_IN_WORDS = {
    "missing": "a value; this key is required",
    "tuple_type": "a list",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "model_type": "a mapping of keys to values",
}


def validated(model: type[ModelT], value: object, field: str) -> ModelT:
    """Validate plain values as a model of the grammar.

    Parameters
    ----------
    model
        The model to make.
    value
        Plain values, as a document gives them.
    field
        What stands before the dotted path in errors; empty for a whole definition.

    Raises
    ------
    InvalidInput
        For the first thing wrong; an unknown key comes before a missing one, because a
        misspelt key is both.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        unknown = [problem for problem in problems if problem["type"] == "extra_forbidden"]
        raise _invalid_input((unknown or problems)[0], model, field) from error


def _invalid_input(error: ErrorDetails, model: type[BaseModel], field: str) -> InvalidInput:
    location = error["loc"]
    path = [str(part) for part in location if part not in _MODEL_OF_KIND]
    dotted = ".".join([field, *path] if field else path) or "definition"
    value = None if error["type"] == "missing" else error["input"]
    allowed, hint = _allowed(error, model)
    return InvalidInput(dotted, value, allowed, hint)


def _allowed(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None]:
    context = error.get("ctx", {})
    match error["type"]:
        case "condition":
            return context["allowed"], context["hint"]
        case "extra_forbidden":
            return _known_keys(error, model)
        case "literal_error":
            return _choices(error)
        case "union_tag_not_found":
            return _conditions(error["input"])
        case other:
            return _IN_WORDS.get(other, error["msg"]).format(**context), None


def _known_keys(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None]:
    *parents, key = error["loc"]
    keys = _keys(_model_at(model, parents))
    allowed = Sentence("one of the keys {names}", names=", ".join(keys))
    return allowed, nearest_name(str(key), keys)


def _choices(error: ErrorDetails) -> tuple[str, str | None]:
    names = re.findall(r"'([^']+)'", error["ctx"]["expected"])
    return one_of(names), nearest_name(str(error["input"]), names)


def _conditions(value: object) -> tuple[str, str | None]:
    allowed = Sentence("a condition: a mapping with one of {names}", names=", ".join(KIND_OF_KEY))
    if isinstance(value, list):
        return allowed, "To say none of several, write not: {any: [...]}."
    if not isinstance(value, dict):
        return allowed, None
    hints = (nearest_name(str(key), KIND_OF_KEY) for key in value)
    return allowed, next((hint for hint in hints if hint), None)


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel]:
    for part in location:
        if part in _MODEL_OF_KIND:
            model = _MODEL_OF_KIND[str(part)]
        elif part == "where":
            model = PropertyFilter
        elif part in model.model_fields:
            model = _model_in(model.model_fields[str(part)].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    candidates = (annotation, *get_args(annotation))
    return next(
        (one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None
    )
