"""What a person asks to be predicted: a target, an audience, and how to treat the answer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from predictive.conditions.document import check_nesting, read_document, write_document
from predictive.conditions.grammar import (
    MAX_DEPTH,
    MAX_LEAVES,
    Aggregate,
    AttributeLeaf,
    Behaviour,
    Group,
    ScoreLeaf,
)
from predictive.conditions.problems import validated
from predictive.conditions.values import Text, WindowDays, problem, whole_number
from predictive.errors import InvalidInput
from predictive.schedules import ALLOWED as SCHEDULE_ALLOWED
from predictive.schedules import Schedule
from predictive.wording.sentence import Sentence

Kind = Literal["churn", "purchase", "event"]

MAX_HOLDOUT_SHARE = 0.5
MAX_FILE_BYTES = 1_000_000
DEFAULT_RETRAINING_DAYS = 14
MAX_RETRAINING_DAYS = 365
#: Keys that say when, and by whom, and nothing about the model or the scores.
_CADENCE = frozenset({"schedule", "retraining", "holdout_share"})
_SUBJECTS = ("aggregate", "event", "of", "attribute", "property", "prediction")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_NAME_ALLOWED = "1 to 63 of a-z, 0-9 and -, beginning with a letter or a digit"
_EXAMPLE = "Write for example target: {within_days: 28, all: [{did_not: purchase}]}."


def _check_name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise problem(_NAME_ALLOWED)
    return value


def _check_schedule(value: Any) -> str:
    try:
        return str(Schedule.parse(value))
    except ValueError:
        raise problem(SCHEDULE_ALLOWED) from None


def _between(lowest: float, highest: float) -> PlainValidator:
    allowed = Sentence("a number from {lowest:g} to {highest:g}", lowest=lowest, highest=highest)

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise problem(allowed)
        if not (math.isfinite(value) and lowest <= value <= highest):
            raise problem(allowed)
        return float(value)

    return PlainValidator(check)


Name = Annotated[
    str,
    PlainValidator(_check_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"}),
]
ScheduleText = Annotated[
    str,
    PlainValidator(_check_schedule),
    WithJsonSchema({"type": "string", "examples": ["daily 03:00", "weekly mon 03:00", "none"]}),
]
Bound = Annotated[
    float,
    _between(0, 100),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100}),
]
RetrainingDays = Annotated[
    int,
    whole_number(1, MAX_RETRAINING_DAYS),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_RETRAINING_DAYS}),
]
HoldoutShare = Annotated[
    float,
    _between(0, MAX_HOLDOUT_SHARE),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_HOLDOUT_SHARE}),
]


class Categories(BaseModel):
    """Lowest score of each category; ``low`` begins at 0 so that every score has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: Bound = 0.0
    medium: Bound = 50.0
    high: Bound = 75.0

    @model_validator(mode="after")
    def _rising(self) -> Categories:
        if not 0 == self.low < self.medium < self.high:
            raise problem("bounds with low = 0 < medium < high <= 100")
        return self


class Retraining(BaseModel):
    """How often a new model is trained, and who decides that it takes over.

    Parameters
    ----------
    every_days
        Days between two trainings, 1 to 365.
    promotion
        ``automatic``: the new model takes over unless it is worse; ``manual``: it waits as
        challenger until somebody promotes it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_days: RetrainingDays = DEFAULT_RETRAINING_DAYS
    promotion: Literal["automatic", "manual"] = "automatic"


class Target(Group):
    """What must come true, for a prediction to count as positive, within the window."""

    within_days: WindowDays

    @property
    def condition(self) -> Group:
        """The target's conditions without its window."""
        return Group(all=self.all_, any=self.any_, **{"not": self.not_})


class Definition(BaseModel):
    """A prediction as a person wrote it, validated.

    Parameters
    ----------
    name
        1 to 63 of a-z, 0-9 and -.
    kind
        Decides who is scored and the wording: churn, purchase or event.
    target
        The outcome, over ``[as_of, as_of + within_days)``.
    audience
        Who is scored beyond what the kind says; everybody when absent.
    categories
        Lowest scores of low, medium and high, when not 0, 50 and 75.
    exclude_features
        Names of events, properties or attributes that the model may not see.
    schedule
        When it is scored: a time of day, an interval, a cron expression or ``none``; see
        `predictive.schedules.Schedule`. When absent, every day at 03:00.
    holdout_share
        Share of the audience kept out of every send, 0 to 0.5.
    retraining
        How often a new model is trained, and who decides that it takes over.

    Examples
    --------
    >>> text = "{name: churn-28d, kind: churn, target: {within_days: 28, all: [{did_not: buy}]}}"
    >>> Definition.from_text(text).window.days
    28
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    kind: Kind
    target: Target
    audience: Group | None = None
    categories: Categories | None = None
    exclude_features: Annotated[tuple[Text, ...], Field(max_length=1_000)] = ()
    schedule: ScheduleText | None = None
    holdout_share: HoldoutShare = 0.0
    retraining: Retraining = Retraining()

    @classmethod
    def from_mapping(cls, document: Mapping[str, Any], source: str = "definition") -> Definition:
        """Validate plain values, as JSON gives them.

        Raises
        ------
        InvalidInput
            Naming the dotted field, its value, what is allowed and the nearest key.
        """
        if not isinstance(document, Mapping):
            raise InvalidInput(source, document, "a mapping of keys to values")
        check_nesting(document, source)
        definition = validated(cls, dict(document), "")
        _check_target(definition.target)
        if definition.audience is not None:
            _check_audience(definition.audience)
        return definition

    @classmethod
    def from_text(cls, text: str, source: str = "definition") -> Definition:
        """Read a definition in YAML or JSON.

        Raises
        ------
        InvalidInput
            When the text cannot be read or says something that is not allowed.
        """
        return cls.from_mapping(read_document(text, source), source)

    @classmethod
    def from_file(cls, path: str | Path) -> Definition:
        """Read a definition from a UTF-8 file.

        Raises
        ------
        InvalidInput
            When the file is missing, not text, or says something that is not allowed.
        """
        return cls.from_text(text_of_file(Path(path)), str(path))

    def to_yaml(self) -> str:
        """Write the definition as YAML that reads back to an equal one."""
        document = self.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
        )
        return write_document({key: subjects_first(value) for key, value in document.items()})

    def needs_another_model(self, trained: Definition) -> bool:
        """Whether a model of another definition gives other scores or categories than this asks.

        Examples
        --------
        >>> text = "{name: a, kind: event, target: {within_days: 7, all: [{did: buy}]}}"
        >>> daily = Definition.from_text(text)
        >>> daily.model_copy(update={"schedule": "every 6h"}).needs_another_model(daily)
        False
        """
        return self.model_dump(exclude=set(_CADENCE)) != trained.model_dump(exclude=set(_CADENCE))

    @property
    def window(self) -> timedelta:
        """Length of the outcome window."""
        return timedelta(days=self.target.within_days)

    @property
    def target_events(self) -> frozenset[str]:
        """Names of the events that the outcome is made of."""
        leaves = (leaf for _, leaf in self.target.leaves("target"))
        return frozenset(leaf.event for leaf in leaves if isinstance(leaf, Behaviour | Aggregate))

    @property
    def category_bounds(self) -> dict[str, float]:
        """Lowest score of each category, lowest category first."""
        return (self.categories or Categories()).model_dump()


def subjects_first(value: Any) -> Any:
    """What a condition speaks of before what it asks, as a person would write it."""
    if isinstance(value, list):
        return [subjects_first(item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: key not in _SUBJECTS)
    return {key: subjects_first(value[key]) for key in keys}


def text_of_file(path: Path) -> str:
    """The text of a UTF-8 file of moderate size.

    Raises
    ------
    InvalidInput
        When the file is missing, too large or no text.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InvalidInput("file", str(path), f"a text of at most {MAX_FILE_BYTES:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("file", str(path), "a text in UTF-8", f"{error.reason}.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput("file", str(path), "a file that can be read", f"{reason}.") from error


def _check_target(target: Target) -> None:
    check_size(target, "target")
    for path, leaf in target.leaves("target"):
        _refuse_score(path, leaf)
        if isinstance(leaf, AttributeLeaf):
            raise InvalidInput(
                f"{path}.attribute",
                leaf.attribute,
                "events only in a target: an attribute is no outcome",
                "Put it into the audience.",
            )
        if getattr(leaf, "within_days", None) is not None:
            raise InvalidInput(
                f"{path}.within_days",
                leaf.within_days,  # type: ignore[union-attr]
                "no window of its own; the target's within_days holds for all its conditions",
            )


def _check_audience(audience: Group) -> None:
    check_size(audience, "audience")
    for path, leaf in audience.leaves("audience"):
        _refuse_score(path, leaf)


def _refuse_score(path: str, leaf: object) -> None:
    if isinstance(leaf, ScoreLeaf):
        raise InvalidInput(
            f"{path}.prediction",
            leaf.prediction,
            "scores in segments only, not in targets and audiences",
        )


def check_size(group: Group, field: str) -> None:
    """Refuse conditions that are nested too deeply or too many."""
    if group.depth() > MAX_DEPTH:
        raise InvalidInput(
            field, f"{group.depth()} groups deep", Sentence("at most {most} deep", most=MAX_DEPTH)
        )
    leaves = sum(1 for _ in group.leaves(field))
    if leaves > MAX_LEAVES:
        raise InvalidInput(
            field,
            f"{leaves} conditions",
            Sentence("at most {most} conditions", most=MAX_LEAVES),
        )
