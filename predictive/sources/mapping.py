"""A warehouse's own columns as the columns of events and attributes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datatypes as dt

from predictive.errors import InvalidInput, nearest_hint
from predictive.lake.layout import check_case, property_column
from predictive.sources.connection import table_names
from predictive.tables import CORE_PROPERTIES, Property, PropertyType
from predictive.windows import FUTURE_TOLERANCE

if TYPE_CHECKING:
    from predictive.configuration import AttributesMapping, EventsMapping

_UTC = dt.Timestamp(timezone="UTC")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CODE_LENGTH = 3


def events_table(backend: Any, mapping: EventsMapping, now: datetime) -> ibis.Table:
    """The mapped events; rows without a user, a name or a possible time are left out.

    As in files, a time before 1970 or more than a day after ``now`` is none: a single one would
    move the beginning or the end of the data, and with it every snapshot.

    Without an id column, the row's own values stand for the id: it only settles the order of
    events at the same time.
    """
    table = _table(backend, "source.events.table", mapping.table)
    column = functools.partial(_column, table, "source.events")
    text = functools.partial(_optional, column, "string")
    number = functools.partial(_optional, column, "float64")
    columns = {
        "user_id": column("user", mapping.user).cast("string"),
        "name": (
            ibis.literal(mapping.event_name)
            if mapping.event is None
            else column("event", mapping.event).cast("string")
        ),
        "time": _moment(column("time", mapping.time), "source.events.time"),
        "received_at": (
            ibis.null(_UTC)
            if mapping.received_at is None
            else _moment(column("received_at", mapping.received_at), "source.events.received_at")
        ),
        "amount": number("amount", mapping.amount),
        "quantity": number("quantity", mapping.quantity),
        "currency": _currency(table, column, mapping.currency),
        "product_id": text("product", mapping.product),
        "order_id": text("order", mapping.order),
    }
    for name, found in properties_of_table(backend, mapping).items():
        columns[found.column] = _typed(table[name], found.type)
    columns["event_id"] = (
        _identity(columns) if mapping.id is None else column("id", mapping.id).cast("string")
    )
    events = table.select(**columns)
    return events.filter(
        events.user_id.notnull(),
        events.user_id != "",
        events.name.notnull(),
        events.time >= ibis.literal(_EPOCH, type=_UTC),
        events.time <= ibis.literal(now + FUTURE_TOLERANCE, type=_UTC),
    )


def properties_of_table(backend: Any, mapping: EventsMapping) -> Mapping[str, Property]:
    """The properties that the mapping names, with the types of their columns."""
    table = _table(backend, "source.events.table", mapping.table)
    if mapping.properties == "none":
        return {}
    used = set(mapping.model_dump(exclude={"table", "properties", "event_name"}).values())
    names = (
        [name for name in table.columns if name not in used and name not in CORE_PROPERTIES]
        if mapping.properties == "all"
        else list(mapping.properties)
    )
    for name in names:
        _column(table, "source.events", "properties", name)
    check_case(names)
    return {name: Property(property_column(name), _type(table.schema()[name])) for name in names}


def attributes_table(
    backend: Any, mapping: AttributesMapping | None, events: ibis.Table
) -> ibis.Table:
    """A wide table as timed facts, one a value that is not null; without one, no facts."""
    if mapping is None:
        none = events.filter(ibis.literal(False))
        return none.select(
            user_id=none.user_id, name=none.name, time=none.time, **_value(none.name, "text")
        )
    table = _table(backend, "source.attributes.table", mapping.table)
    column = functools.partial(_column, table, "source.attributes")
    user = column("user", mapping.user).cast("string")
    time = (
        ibis.null(_UTC)
        if mapping.time is None
        else _moment(column("time", mapping.time), "source.attributes.time")
    )
    names = (
        [name for name in table.columns if name not in {mapping.user, mapping.time}]
        if mapping.columns == "all"
        else list(mapping.columns)
    )
    facts = [
        table.filter(column("columns", name).notnull(), user.notnull()).select(
            user_id=user,
            name=ibis.literal(name),
            time=time,
            **_value(table[name], _type(table.schema()[name])),
        )
        for name in names
    ]
    if not facts:
        raise InvalidInput("source.attributes.columns", [], "at least one column")
    return ibis.union(*facts) if len(facts) > 1 else facts[0]


def _value(column: ibis.Value, kind: PropertyType) -> dict[str, ibis.Value]:
    types = {"number": "float64", "text": "string", "flag": "boolean"}
    return {
        name: _typed(column, kind) if name == kind else ibis.null(target)
        for name, target in types.items()
    }


def _table(backend: Any, field: str, name: str) -> ibis.Table:
    schema, _, table = name.rpartition(".")
    known = table_names(backend, schema or None)
    if table not in known:
        raise InvalidInput(field, name, "a table that is there", nearest_hint(table, known))
    return backend.table(table, database=schema or None)


def _column(table: ibis.Table, section: str, key: str, name: str) -> ibis.Column:
    if name not in table.columns:
        hint = nearest_hint(name, table.columns)
        raise InvalidInput(f"{section}.{key}", name, "a column of the table", hint)
    return table[name]


def _optional(column: Any, kind: str, key: str, name: str | None) -> ibis.Value:
    return ibis.null(kind) if name is None else column(key, name).cast(kind)


def _currency(table: ibis.Table, column: Any, name: str | None) -> ibis.Value:
    if name is None:
        return ibis.null("string")
    if name not in table.columns and len(name) == _CODE_LENGTH and name.isupper():
        return ibis.literal(name)
    return column("currency", name).cast("string")


def _moment(column: ibis.Column, field: str) -> ibis.Value:
    kind = column.type()
    if kind.is_date():
        return column.cast("timestamp").cast(_UTC)
    if not kind.is_timestamp():
        raise InvalidInput(field, column.get_name(), f"a date or timestamp column, not {kind}")
    return column.cast(_UTC)


def _type(kind: dt.DataType) -> PropertyType:
    if kind.is_boolean():
        return "flag"
    return "number" if kind.is_numeric() else "text"


def _typed(column: ibis.Value, kind: PropertyType) -> ibis.Value:
    return column.cast({"number": "float64", "text": "string", "flag": "boolean"}[kind])


def _identity(columns: Mapping[str, ibis.Value]) -> ibis.Value:
    parts = [
        columns[name].cast("string").fill_null("")
        for name in ("name", "amount", "quantity", "product_id", "order_id")
    ]
    return functools.reduce(lambda left, right: left + "|" + right, parts)
