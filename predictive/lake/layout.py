"""How the lake is laid out: columns, buckets of users, and names of property columns.

A user's rows all stand in one bucket, chosen by a hash that any engine can compute, so
that the history of one customer is one small read and no pass needs a global sort.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

import pyarrow as pa

from predictive.errors import InvalidInput
from predictive.tables import Property, PropertyType

TIMESTAMP = pa.timestamp("us", "UTC")

#: Columns of every event file; the property columns follow them.
EVENT_SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("user_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("time", TIMESTAMP, nullable=False),
        pa.field("received_at", TIMESTAMP),
        pa.field("amount", pa.float64()),
        pa.field("quantity", pa.float64()),
        pa.field("currency", pa.string()),
        pa.field("product_id", pa.string()),
        pa.field("order_id", pa.string()),
    ]
)

#: Columns of every attribute file. ``received_at`` settles which of two facts about the
#: same moment counts: the one that came last.
ATTRIBUTE_SCHEMA = pa.schema(
    [
        pa.field("user_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("time", TIMESTAMP),
        pa.field("number", pa.float64()),
        pa.field("text", pa.string()),
        pa.field("flag", pa.bool_()),
        pa.field("received_at", TIMESTAMP),
    ]
)

EVENT_ORDER = ("user_id", "time", "event_id")
ATTRIBUTE_ORDER = ("user_id", "name", "time")

MAX_PROPERTIES = 200
MAX_ID_LENGTH = 256
_PREFIX = "property_"

ARROW_TYPES: Mapping[PropertyType, pa.DataType] = {
    "number": pa.float64(),
    "text": pa.string(),
    "flag": pa.bool_(),
}
_PROPERTY_TYPES: Mapping[pa.DataType, PropertyType] = {
    arrow: name for name, arrow in ARROW_TYPES.items()
}


def bucket_of(user_id: str, buckets: int) -> int:
    """The bucket of a user: the first eight hex digits of MD5 modulo ``buckets``.

    >>> bucket_of("abc", 16)
    8
    """
    digest = hashlib.md5(user_id.encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) % buckets


def bucket_sql(expression: str, buckets: int) -> str:
    """`bucket_of` as DuckDB computes it, for an SQL expression of the user id."""
    # As text, because DuckDB's md5_number functions take several times as long.
    return f"CAST(CAST('0x' || md5({expression})[1:8] AS BIGINT) % {buckets} AS INTEGER)"


def property_column(name: str) -> str:
    """The column that holds a property; any name becomes a plain ASCII column name.

    >>> property_column("Größe (cm)")
    'property_Gr%C3%B6%C3%9Fe%20%28cm%29'
    """
    return _PREFIX + quote(name, safe="").replace(".", "%2E")


def property_name(column: str) -> str:
    """The property that a column holds; the inverse of `property_column`."""
    return unquote(column.removeprefix(_PREFIX))


def properties_of(schema: pa.Schema) -> dict[str, Property]:
    """The properties among the columns of an events schema."""
    return {
        property_name(field.name): Property(field.name, _PROPERTY_TYPES[field.type])
        for field in schema
        if field.name.startswith(_PREFIX)
    }


def schema_with(properties: Mapping[str, PropertyType]) -> pa.Schema:
    """The events schema with a column for each property, in the mapping's order."""
    extra = [
        pa.field(property_column(name), ARROW_TYPES[kind]) for name, kind in properties.items()
    ]
    return pa.schema([*EVENT_SCHEMA, *extra])


def check_case(names: Iterable[str]) -> None:
    """Refuse names that differ only in case: SQL engines can't keep them apart.

    Raises
    ------
    InvalidInput
        Two of the names are equal but for their case.
    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(property_column(name).casefold(), name)
        if other != name:
            raise InvalidInput(
                "properties",
                name,
                "property names that differ in more than upper and lower case",
                f"There is {other!r} already; rename one of the two.",
            )
