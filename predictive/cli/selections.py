"""Whom a simulation reaches and at what prices, from the options that say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from evaluation.money import IncentiveTaker, Money
from evaluation.selection import Selection
from predictive.errors import InvalidInput

_LIMITS = ("--top-share", "--messages", "--budget")


def selected(
    min_score: float | None,
    max_score: float | None,
    top_share: float | None,
    messages: int | None,
    budget: float | None,
    money: Money | None,
) -> Selection:
    """Whom the options select.

    Raises
    ------
    InvalidInput
        When nothing or too much is selected, a number is out of its range, or a budget has
        no price to be spent at.
    """
    given = {
        "--min-score": min_score,
        "--max-score": max_score,
        "--top-share": top_share,
        "--messages": messages,
        "--budget": budget,
    }
    named = [option for option, value in given.items() if value is not None]
    limits = [option for option in named if option in _LIMITS]
    if not named:
        raise InvalidInput("selection", None, "one of " + ", ".join(given))
    if len(limits) > 1 or ("--top-share" in limits and len(named) > 1):
        raise InvalidInput(
            "selection",
            " with ".join(named),
            "a score range, also with --messages or --budget, or --top-share alone",
        )
    if budget is not None and (money is None or not (money.message_cost or money.incentive_cost)):
        raise InvalidInput("--budget", budget, "beside --message-cost or --incentive-cost")
    with _named_by_option():
        return Selection(min_score, max_score, top_share, messages, budget)


def priced(
    conversion_value: float | None,
    share_caused: float,
    message_cost: float,
    incentive_cost: float,
    incentive_taken_by: IncentiveTaker,
) -> Money | None:
    """The prices that the options give, None when they give none.

    Raises
    ------
    InvalidInput
        When a number is out of its range.
    """
    if conversion_value is None and not (message_cost or incentive_cost):
        return None
    with _named_by_option():
        # Without a value, the simulation still tells what the messages cost.
        return Money(
            conversion_value or 0.0, share_caused, message_cost, incentive_cost, incentive_taken_by
        )


@contextmanager
def _named_by_option() -> Iterator[None]:
    """Turn ``field is value. Allowed: …`` of the evaluation into an error about the option."""
    try:
        yield
    except ValueError as error:
        field, _, rest = str(error).partition(" is ")
        value, _, allowed = rest.partition(". Allowed: ")
        option = "--" + field.replace("_", "-")
        raise InvalidInput(option, value, allowed.rstrip(".")) from error
