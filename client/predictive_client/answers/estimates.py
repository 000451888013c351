"""Numbers with their intervals."""

from typing import TypedDict


class Estimate(TypedDict):
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float
