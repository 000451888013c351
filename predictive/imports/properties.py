"""Which columns of the files become properties, and of what type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from predictive.errors import InvalidInput
from predictive.imports.columns import EventColumns
from predictive.imports.files import InputFile
from predictive.lake.layout import MAX_PROPERTIES, check_case, property_column
from predictive.tables import CORE_PROPERTIES, Property, PropertyType

if TYPE_CHECKING:
    import duckdb

_MAX_NAME_LENGTH = 128
#: Of types that fit equally many values, the one that tells most comes first.
_TYPES: tuple[PropertyType, ...] = ("number", "flag", "text")


@dataclass(frozen=True)
class ChosenProperties:
    """Columns to read as properties.

    Parameters
    ----------
    names
        Their names.
    left_out
        Columns that were asked for with all others and can't be kept.
    """

    names: Sequence[str]
    left_out: Sequence[str]


def chosen_properties(
    files: Sequence[InputFile],
    columns: EventColumns,
    known: Mapping[str, Property],
    reserved: Sequence[str],
) -> ChosenProperties:
    """The columns that become properties.

    Parameters
    ----------
    files, columns
        What is imported.
    known
        The lake's properties, which come before new ones when there are too many.
    reserved
        Names that the import itself gives to properties.

    Raises
    ------
    InvalidInput
        A listed column has the name of a core column, two names differ only in case, or
        there are too many.
    """
    taken = {*CORE_PROPERTIES, *reserved}
    if isinstance(columns.properties, str):
        names, left_out = _others(files, columns, known, taken)
    else:
        names, left_out = list(dict.fromkeys(columns.properties)), []
        _check_listed(names, taken)
    check_case([*known, *names, *reserved])
    return ChosenProperties(names, left_out)


def settled_types(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    names: Sequence[str],
    known: Mapping[str, PropertyType],
) -> dict[str, PropertyType]:
    """The type of each property: as it is known, else the one that fits most values.

    A property without a single value is left out.
    """
    if not names:
        return {}
    counted = ", ".join(f"count(p{i}_{kind})" for i in range(len(names)) for kind in _TYPES)
    counts = connection.execute(f"SELECT {counted} FROM ({rows})").fetchall()[0]
    types: dict[str, PropertyType] = {}
    for index, name in enumerate(names):
        fits = dict(zip(_TYPES, counts[3 * index : 3 * index + 3], strict=True))
        if name in known:
            types[name] = known[name]
        elif any(fits.values()):
            types[name] = max(_TYPES, key=lambda kind: fits[kind])
    return types


def property_values(names: Sequence[str], types: Mapping[str, PropertyType]) -> dict[str, str]:
    """The expression of each property's values in staged rows, by the lake's column."""
    return {
        property_column(name): f"p{index}_{types[name]}"
        for index, name in enumerate(names)
        if name in types
    }


def conflicts(names: Sequence[str], types: Mapping[str, PropertyType]) -> dict[str, str]:
    """For each property, the condition under which a staged row has a value of another type."""
    return {
        name: (
            f"coalesce(CAST(p{i}_text AS VARCHAR), CAST(p{i}_number AS VARCHAR), "
            f"CAST(p{i}_flag AS VARCHAR)) IS NOT NULL AND p{i}_{types[name]} IS NULL"
        )
        for i, name in enumerate(names)
        if name in types
    }


def _others(
    files: Sequence[InputFile],
    columns: EventColumns,
    known: Mapping[str, Property],
    taken: set[str],
) -> tuple[list[str], list[str]]:
    if columns.properties == "none":
        return [], []
    found: dict[str, None] = {}
    for file in files:
        used = {name for _, name in columns.mapped(file.header)}
        found |= dict.fromkeys(name for name in file.header if name not in used)
    fitting = [
        n for n in found if n not in taken and 0 < len(n.strip()) <= len(n) <= _MAX_NAME_LENGTH
    ]
    room = MAX_PROPERTIES - len(known)
    new = [name for name in fitting if name not in known][: max(0, room)]
    names = [name for name in fitting if name in known or name in set(new)]
    return names, [name for name in found if name not in set(names)]


def _check_listed(names: Sequence[str], taken: set[str]) -> None:
    for name in names:
        if name in taken:
            raise InvalidInput(
                "properties",
                name,
                "columns whose names the lake does not use itself",
                f"Give it as --{name.removesuffix('_id')}."
                if name in CORE_PROPERTIES
                else "Rename the column.",
            )
        if len(name) > _MAX_NAME_LENGTH:
            raise InvalidInput("properties", name, f"names of up to {_MAX_NAME_LENGTH} characters")
    if len(names) > MAX_PROPERTIES:
        raise InvalidInput("properties", f"{len(names)} names", f"at most {MAX_PROPERTIES}")
