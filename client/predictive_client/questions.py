"""What the service is asked, where it takes more than plain parameters."""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

#: A definition or a segment: as plain values, or as a text in YAML or JSON.
Document: TypeAlias = dict[str, Any] | str


class Money(TypedDict):
    """What a conversion is worth and what reaching for it costs."""

    conversion_value: float
    share_caused: NotRequired[float]
    message_cost: NotRequired[float]
    incentive_cost: NotRequired[float]
    incentive_taken_by: NotRequired[Literal["converters", "everyone"]]


class Selection(TypedDict, total=False):
    """Whom to reach: a score range, a top share, or a limit, which may stand beside a range."""

    min_score: float
    max_score: float
    top_share: float
    messages: int
    budget: float


class Scenario(Selection, total=False):
    """A selection with its prices and what people call it."""

    money: Money
    label: str
