"""Who is known, and since when."""

from __future__ import annotations

from typing import Any

import ibis

from predictive.tables import EventTables


def known_users(tables: EventTables) -> ibis.Table:
    """Everyone with an event or a timed attribute, and the time of the first.

    An attribute without a time makes no one known: nobody can say since when.

    Parameters
    ----------
    tables
        The events and attributes.

    Returns
    -------
    ibis.Table
        ``user_id`` (string, distinct) and ``first_seen`` (UTC, microseconds); a user is known at
        ``as_of`` when ``first_seen < as_of``. Not yet executed.
    """
    attributes: Any = tables.attributes
    first = ibis.union(
        _first_seen(tables.events), _first_seen(attributes.filter(attributes.time.notnull()))
    )
    return first.group_by("user_id").aggregate(first_seen=first["first_seen"].min())


def _first_seen(facts: Any) -> ibis.Table:
    return facts.group_by("user_id").aggregate(first_seen=facts.time.min())
