"""The one shape in which events and attributes reach the rest of the code.

Sources (the lake, warehouse tables) deliver these Ibis tables; conditions, labels and
features read nothing else.

Events: ``event_id, user_id, name`` (strings), ``time, received_at`` (UTC, microseconds),
``amount, quantity`` (float64, null when absent), ``currency, product_id, order_id``
(strings, null when absent) and one nullable column per property.

Attributes: ``user_id, name``, ``time`` (null: always true), and the value in one of
``number`` (float64), ``text`` (string), ``flag`` (boolean), the other two null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ibis

PropertyType = Literal["number", "text", "flag"]

#: Core columns that a condition may read as properties, with their types.
CORE_PROPERTIES: Mapping[str, PropertyType] = {
    "amount": "number",
    "quantity": "number",
    "currency": "text",
    "product_id": "text",
    "order_id": "text",
}


@dataclass(frozen=True)
class Property:
    """A property of events: the column that holds it and its type."""

    column: str
    type: PropertyType


@dataclass(frozen=True)
class EventTables:
    """Events and attributes of a source, or of one partition of it.

    Parameters
    ----------
    events, attributes
        Ibis tables of the shapes in the module's docstring.
    properties
        Name to column and type, for every property beyond the core columns.
    """

    events: ibis.Table
    attributes: ibis.Table
    properties: Mapping[str, Property] = field(default_factory=dict)

    def property(self, name: str) -> Property | None:
        """Where the property stands, or None when no event ever had it."""
        if name in CORE_PROPERTIES:
            return Property(name, CORE_PROPERTIES[name])
        return self.properties.get(name)
