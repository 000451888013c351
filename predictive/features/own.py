"""Own features of a recipe: an Ibis expression, asked once a partition for all snapshots.

What the expression is given has been cut here: events before ``as_of``, attributes true before
it, and nothing that the definition excludes. It is asked of parts of the users, and of single
users, so a user's row may depend on that user's rows only; :func:`check_own_features` finds out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from models.own_code import own_module
from predictive.errors import InvalidInput, PredictiveError
from predictive.features.plan import OwnFeatures
from predictive.tables import EventTables

if TYPE_CHECKING:
    from predictive.snapshots import SnapshotUsers
    from predictive.sources import EventSource

#: What an own column's name begins with among a model's features.
OWN_PREFIX = "own:"
MAX_OWN_COLUMNS = 200
FUNCTION = "features"
#: Users whose features are asked for alone, to see whether they stay the same.
CHECKED_USERS = 50
_CLOSE = 1e-6
_FIELD = "recipe"
_EXAMPLE = "Write for example events.group_by('user_id').agg(orders=events.order_id.nunique())."

Matrix = npt.NDArray[np.float32]


def own_names(own: OwnFeatures | None) -> tuple[str, ...]:
    """Names of the own columns among a model's features, in order."""
    return () if own is None else tuple(f"{OWN_PREFIX}{column}" for column in own.columns)


def declared_features(
    recipe: str, source: str, tables: EventTables, as_of: datetime, excluded: Sequence[str]
) -> OwnFeatures:
    """The own features of a recipe, their columns found by asking it once.

    Raises
    ------
    InvalidInput
        When the function fails, or gives something other than one numeric row a user.
    """
    draft = OwnFeatures(recipe=recipe, source=source, columns=(), excluded=tuple(excluded))
    table = _expression(draft, tables, as_of)
    columns = tuple(name for name in table.columns if name != "user_id")
    _check_columns(table, columns, recipe)
    return draft.model_copy(update={"columns": columns})


@dataclass(frozen=True)
class OwnQuestion:
    """What a partition is asked: rows ``snapshot, user_id, c0, c1, …`` for every snapshot."""

    own: OwnFeatures
    snapshots: tuple[datetime, ...]

    def __call__(self, tables: EventTables) -> ibis.Table:
        """The expression over a partition's tables."""
        parts = [self._at(number, as_of, tables) for number, as_of in enumerate(self.snapshots)]
        return parts[0] if len(parts) == 1 else ibis.union(*parts)

    def _at(self, number: int, as_of: datetime, tables: EventTables) -> ibis.Table:
        table = _expression(self.own, tables, as_of)
        values = {f"c{i}": _number(table[name]) for i, name in enumerate(self.own.columns)}
        return table.select(
            snapshot=ibis.literal(number, "int32"),
            user_id=table.user_id.cast("string"),
            **values,
        )


def own_features(
    source: EventSource, users: SnapshotUsers, snapshots: Sequence[datetime], own: OwnFeatures
) -> Matrix:
    """Own features of the users of a partition.

    Returns
    -------
    numpy.ndarray
        (snapshots, users, columns) float32; NaN where the expression has no row or no finite
        value.

    Raises
    ------
    InvalidInput
        When the expression fails or gives a user more than one row.
    """
    question = OwnQuestion(own, tuple(snapshots))
    with _told_of(own.recipe):
        ((_, answer),) = source.ask(question, users.partition)
    out = np.full((len(snapshots), len(users.user_ids), len(own.columns)), np.nan, np.float32)
    ids = answer.column("user_id").cast(pa.string())
    place = pc.index_in(ids, pc.cast(users.user_ids, pa.string()))
    wanted = pc.is_valid(place).to_numpy()
    rows = pc.fill_null(place, 0).to_numpy()[wanted]
    moments = answer.column("snapshot").to_numpy()[wanted]
    _check_one_row_a_user(own, moments, rows, ids.filter(pa.array(wanted)))
    for column in range(len(own.columns)):
        values = answer.column(f"c{column}").to_numpy()[wanted].astype(np.float32)
        out[moments, rows, column] = np.where(np.isfinite(values), values, np.nan)
    return out


def check_own_features(source: EventSource, own: OwnFeatures, as_of: datetime) -> None:
    """Refuse features of a user that depend on other users.

    They would change with the way the users are parted, and for a user who is scored alone.
    One partition is asked twice: whole, and with the facts of a few users only.

    Raises
    ------
    InvalidInput
        Naming a column that came out differently.
    """
    question = OwnQuestion(own, (as_of,))
    partition = source.partitions[0]
    with _told_of(own.recipe):
        ((_, whole),) = source.ask(question, partition)
        ids = sorted(set(whole.column("user_id").to_pylist()))
        few = ids[:: max(1, len(ids) // CHECKED_USERS)][:CHECKED_USERS]

        def of_few(tables: EventTables) -> ibis.Table:
            return question(
                EventTables(
                    tables.events.filter(tables.events.user_id.isin(few)),
                    tables.attributes.filter(tables.attributes.user_id.isin(few)),
                    tables.properties,
                )
            )

        alone = next(table for _, table in source.ask(of_few, partition)) if few else whole
    for name, column in zip(own.columns, range(len(own.columns)), strict=True):
        if not _same(_by_user(whole, column, few), _by_user(alone, column, few)):
            raise _refused(
                own.recipe,
                name,
                "a column that depends on a user's own events and attributes only",
                "It changed when other users were left out.",
            )


def _cut(tables: EventTables, as_of: datetime, excluded: Sequence[str]) -> EventTables:
    """What a recipe may see of a partition: nothing at or after a moment, nothing excluded."""
    events, attributes = tables.events, tables.attributes
    moment = ibis.literal(as_of)
    events = events.filter(events.time < moment)
    attributes = attributes.filter(attributes.time.isnull() | (attributes.time < moment))
    hidden = [
        column
        for name in excluded
        if (column := _column_of(tables, name)) is not None and column in events.columns
    ]
    if excluded:
        events = events.filter(events.name.notin(excluded)).drop(*hidden)
        attributes = attributes.filter(attributes.name.notin(excluded))
    taken = {column.casefold() for column in events.columns}
    plain = {
        name: prop.column
        for name, prop in tables.properties.items()
        if name.casefold() not in taken and prop.column in events.columns
    }
    return EventTables(events.rename(plain), attributes, tables.properties)


def _column_of(tables: EventTables, name: str) -> str | None:
    found = tables.property(name)
    return None if found is None else found.column


def _expression(own: OwnFeatures, tables: EventTables, as_of: datetime) -> ibis.Table:
    """What the recipe's function makes of the tables, checked as far as its types go."""
    seen = _cut(tables, as_of, own.excluded)
    with _told_of(own.recipe):
        function: Callable[..., Any] = getattr(own_module(own.source), FUNCTION)
        table = function(seen.events, seen.attributes, as_of)
    if not isinstance(table, ibis.Table) or "user_id" not in table.columns:
        raise _refused(
            own.recipe, type(table).__name__, "an Ibis table with a column user_id", _EXAMPLE
        )
    missing = [name for name in own.columns if name not in table.columns]
    if missing:
        raise _refused(own.recipe, missing[0], "the same columns at every moment")
    return table


def _check_columns(table: ibis.Table, columns: Sequence[str], recipe: str) -> None:
    if not 1 <= len(columns) <= MAX_OWN_COLUMNS:
        raise _refused(
            recipe, f"{len(columns)} columns", f"1 to {MAX_OWN_COLUMNS} columns beside user_id"
        )
    for name in columns:
        kind = table.schema()[name]
        if not (kind.is_numeric() or kind.is_boolean()):
            raise _refused(recipe, name, f"a column of numbers or booleans, not of {kind}")


def _number(column: ibis.Value) -> ibis.Value:
    # PostgreSQL casts no boolean to a float at once.
    whole = column.cast("int32") if column.type().is_boolean() else column
    return whole.cast("float64")


def _check_one_row_a_user(
    own: OwnFeatures,
    moments: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int32],
    ids: pa.ChunkedArray,
) -> None:
    key = moments.astype(np.int64) * (int(rows.max(initial=0)) + 1) + rows
    _, first, count = np.unique(key, return_index=True, return_counts=True)
    twice = first[count > 1]
    if len(twice):
        raise _refused(
            own.recipe,
            ids[int(twice[0])].as_py(),
            "one row a user",
            "Group by user_id and aggregate. " + _EXAMPLE,
        )


def _by_user(answer: pa.Table, column: int, wanted: Sequence[str]) -> dict[str, float]:
    ids = answer.column("user_id").to_pylist()
    values = answer.column(f"c{column}").to_numpy()
    found = dict(zip(ids, map(float, values), strict=True))
    return {user: found.get(user, np.nan) for user in wanted}


def _same(one: dict[str, float], other: dict[str, float]) -> bool:
    return np.allclose(
        list(one.values()), list(other.values()), rtol=_CLOSE, atol=_CLOSE, equal_nan=True
    )


@contextmanager
def _told_of(recipe: str) -> Iterator[None]:
    """Whatever goes wrong in somebody's expression, the answer says where it was."""
    try:
        yield
    except PredictiveError:
        raise
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise _refused(
            recipe,
            f"{FUNCTION}()",
            "a function of events, attributes and as_of that gives an Ibis table",
            f"It failed with {type(error).__name__}: {reason}",
        ) from error


def _refused(recipe: str, value: object, allowed: str, hint: str = "") -> InvalidInput:
    return InvalidInput(f"{_FIELD}.{recipe}.{FUNCTION}", value, allowed, hint)
