"""What a person who writes conditions may choose from: names that occur, and usual values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from predictive.conditions.vocabulary import Vocabulary
from predictive.sources import open_source
from predictive.tables import PropertyType

if TYPE_CHECKING:
    from predictive.tables import EventTables
    from predictive.workspace import Workspace

#: A value that fewer customers share says more of them than of a condition.
_SHARED = 10
_VALUES = 50
#: Values read of each attribute in each part of the customers.
_READ = 1_000


@dataclass(frozen=True)
class Suggestions:
    """What occurs in a workspace.

    Parameters
    ----------
    vocabulary
        Names of events, properties and attributes.
    types
        Of each attribute; of one with several, the type that most customers have.
    values
        Of each attribute that is text: what at least ten customers share, the most usual first,
        at most 50.
    """

    vocabulary: Vocabulary
    types: Mapping[str, PropertyType]
    values: Mapping[str, list[str]]


def suggestions(workspace: Workspace) -> Suggestions:
    """What conditions on this workspace can speak of."""
    source = open_source(workspace)
    types: dict[str, Counter[PropertyType]] = defaultdict(Counter)
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for _, table in source.ask(_counted):
        for row in table.to_pylist():
            name = row["name"]
            types[name].update(number=row["numbers"], flag=row["flags"], text=row["texts"])
            if row["text"] is not None:
                values[name][row["text"]] += row["texts"]
    return Suggestions(
        source.vocabulary(),
        {name: counted.most_common(1)[0][0] for name, counted in types.items()},
        {name: _usual(counted) for name, counted in values.items()},
    )


def _counted(tables: EventTables) -> ibis.Table:
    """Facts by name and text; of an attribute that is different for everybody, a part."""
    facts = tables.attributes
    counted = facts.group_by("name", "text").aggregate(
        texts=facts.text.count(), numbers=facts.number.count(), flags=facts.flag.count()
    )
    rank = ibis.row_number().over(group_by="name", order_by=[ibis.desc("texts"), "text"])
    ranked = counted.mutate(rank=rank)
    kept: ibis.Table = ranked.filter(ranked.text.isnull() | (ranked["rank"] < _READ))
    return kept


def _usual(counted: Counter[str]) -> list[str]:
    return [text for text, shared in counted.most_common(_VALUES) if shared >= _SHARED]
