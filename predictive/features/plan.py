"""Which features a model has: fixed before training, kept with the model, used for scoring."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from predictive.windows import microseconds

MAX_LOOKBACKS = 6
_LADDER_DAYS = (1, 3, 7, 14, 28, 56, 91, 182, 364, 728)
_DAY = 86_400_000_000


class OwnFeatures(BaseModel):
    """A recipe's own features, as the feature plan keeps them.

    Parameters
    ----------
    recipe
        Name of the recipe.
    source
        Its Python source, so that scoring computes what training learnt from.
    columns
        The columns that its expression has, in order.
    excluded
        Events, properties and attributes that the definition keeps out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: str
    source: str
    columns: tuple[str, ...]
    excluded: tuple[str, ...] = ()


class FeaturePlan(BaseModel):
    """What the feature kernel computes, as it is stored beside the model.

    Parameters
    ----------
    lookback_days
        Lengths of the windows before ``as_of``, ascending.
    events
        Event names with columns of their own; all others are counted together.
    target_events
        The names the target speaks of: their rhythm has columns of its own.
    money_events
        Event names that carry amounts.
    number_properties, text_properties
        Property name to column: summed and averaged, and counted by distinct value.
    number_attributes
        Attributes read as numbers (flags as 0 and 1).
    text_attributes
        Attribute name to its frequent values, each a column.
    excluded_events
        Names that the definition keeps out of the features altogether.
    has_products
        Whether events name products.
    has_time_of_day
        False when every event lies on midnight: then hours say nothing.
    timezone
        The workspace's zone, in which days, hours and weekdays are read.
    own
        What a recipe adds to all this.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lookback_days: tuple[int, ...]
    events: tuple[str, ...]
    target_events: tuple[str, ...]
    money_events: tuple[str, ...] = ()
    number_properties: dict[str, str] = Field(default_factory=dict)
    text_properties: dict[str, str] = Field(default_factory=dict)
    number_attributes: tuple[str, ...] = ()
    text_attributes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    excluded_events: tuple[str, ...] = ()
    has_products: bool = False
    has_time_of_day: bool = True
    timezone: Annotated[str, Field(min_length=1)] = "UTC"
    own: OwnFeatures | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Event columns that the kernel reads, beside user, name and time."""
        return (
            *(("amount",) if self.money_events else ()),
            *(("product_id",) if self.has_products else ()),
            *self.number_properties.values(),
            *self.text_properties.values(),
        )


def lookbacks(window_days: int, history_days: float) -> tuple[int, ...]:
    """Windows to look back on: a ladder around the outcome window, as far as history goes.

    >>> lookbacks(28, history_days=100)
    (7, 14, 28, 56, 91)
    >>> lookbacks(90, history_days=95)
    (28, 56, 90)
    """
    # A rung close to the window itself would say the same again.
    wanted = {
        days
        for days in _LADDER_DAYS
        if window_days / 4 <= days <= 8 * window_days and not 0.8 <= days / window_days <= 1.25
    }
    reachable = sorted(days for days in wanted | {window_days} if days <= max(history_days, 1))
    near = sorted(reachable, key=lambda days: (abs(_octaves(days, window_days)), days))
    return tuple(sorted(near[:MAX_LOOKBACKS])) or (max(1, int(history_days)),)


def _octaves(days: int, window_days: int) -> float:
    return max(days, window_days) / min(days, window_days)


def lookback_boundaries(as_of: datetime, lookback_days: tuple[int, ...]) -> tuple[int, ...]:
    """Start of each lookback before ``as_of``, in microseconds since the epoch."""
    end = microseconds(as_of)
    return tuple(end - days * _DAY for days in lookback_days)
