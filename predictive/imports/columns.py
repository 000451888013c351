"""Which columns of a file hold what an event has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from predictive.errors import InvalidInput, nearest_hint
from predictive.lake.layout import MAX_ID_LENGTH

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class EventColumns:
    """The columns to import, by the names that the files give them.

    Parameters
    ----------
    user, time
        Columns of the user's id and of the time.
    event, event_name
        Either the column with the names of events, or one name for every row.
    amount, quantity
        Columns of numbers.
    currency
        A column, or a three-letter code for every row.
    product, order
        Columns of ids.
    id
        Column of event ids, unique for their user. Without it, an event's id is made from
        its row.
    properties
        Columns to keep as properties: their names, ``"all"`` others, or ``"none"``.
    """

    user: str
    time: str
    event: str | None = None
    event_name: str | None = None
    amount: str | None = None
    quantity: str | None = None
    currency: str | None = None
    product: str | None = None
    order: str | None = None
    id: str | None = None
    properties: Sequence[str] | Literal["all", "none"] = "none"

    def __post_init__(self) -> None:
        if (self.event is None) == (self.event_name is None):
            raise InvalidInput(
                "event",
                self.event,
                "either --event COLUMN or --event-name NAME, and not both",
            )
        listed = self.properties
        if isinstance(listed, str) and listed not in ("all", "none"):
            raise InvalidInput("properties", listed, "a list of columns, 'all' or 'none'")
        name = self.event_name
        if name is not None and not 0 < len(name.strip()) <= len(name) <= MAX_ID_LENGTH:
            raise InvalidInput("event_name", name, f"1 to {MAX_ID_LENGTH} characters")

    def currency_code(self, header: Sequence[str]) -> str | None:
        """The code for every row, when ``currency`` is no column but a code."""
        given = self.currency
        if given is None or given in header or not _CURRENCY.fullmatch(given):
            return None
        return given

    def mapped(self, header: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each field that stands for a column, with that column's name."""
        for field in ("user", "time", "event", "amount", "quantity", "currency", "product"):
            yield from self._pair(field, header)
        for field in ("order", "id"):
            yield from self._pair(field, header)

    def check(self, header: Sequence[str], file: str) -> None:
        """Refuse a file that lacks one of the columns.

        Raises
        ------
        InvalidInput
            Names the column, the file and the nearest column there is.
        """
        listed = [] if isinstance(self.properties, str) else self.properties
        wanted = [*self.mapped(header), *(("properties", name) for name in listed)]
        for field, name in wanted:
            check_column(field, name, header, file)

    def _pair(self, field: str, header: Sequence[str]) -> Iterator[tuple[str, str]]:
        name = getattr(self, field)
        if name is not None and not (field == "currency" and self.currency_code(header)):
            yield field, name


def check_column(field: str, name: str, header: Iterable[str], file: str) -> None:
    """Refuse a column that a file does not have."""
    if name not in header:
        raise InvalidInput(field, name, f"a column of {file}", nearest_hint(name, header))
