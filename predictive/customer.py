"""One customer as known now: attributes, newest events and scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis

from predictive.errors import Conflict, NotFound
from predictive.sources import open_source
from predictive.sources.one_user import OneUser
from predictive.tables import CORE_PROPERTIES

if TYPE_CHECKING:
    from predictive.store import Score
    from predictive.tables import EventTables
    from predictive.workspace import Workspace

_EVENTS = 20


def profile(
    workspace: Workspace, user_id: str, *, events: int = _EVENTS, reasons: bool = False
) -> dict[str, Any]:
    """What the workspace holds of one customer.

    Parameters
    ----------
    events
        How many of the newest events to tell.
    reasons
        Whether to tell why each score is what it is, too.

    Returns
    -------
    dict
        ``user_id``; ``attributes``: name, value and since when, the newest of each;
        ``events``: name, time and what is known of each, newest first; ``scores``: of each
        prediction that offers one, the score and where it comes from; its ``reasons`` (None
        unless asked for), as :func:`predictive.reasons.show_reasons` tells them.

    Raises
    ------
    NotFound
        Nothing is known of them.
    """
    source = OneUser(open_source(workspace), user_id)

    def newest(tables: EventTables) -> ibis.Table:
        return tables.events.order_by(ibis.desc("time"), ibis.desc("event_id")).limit(events)

    named = {column: column for column in CORE_PROPERTIES} | {
        kept.column: name for name, kept in source.tables().properties.items()
    }
    told = {
        "user_id": user_id,
        "attributes": _attributes(_rows(source, lambda tables: tables.attributes)),
        "events": [_event(row, named) for row in _rows(source, newest)],
        "scores": _scores(workspace, user_id, reasons),
    }
    if not (told["attributes"] or told["events"] or told["scores"]):
        raise NotFound("customer", user_id)
    return told


def _rows(source: OneUser, question: Any) -> list[dict[str, Any]]:
    return [row for _, table in source.ask(question) for row in table.to_pylist()]


def _attributes(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest fact of each name; one without a time counts as older than any other."""
    newest: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["time"].timestamp() if row["time"] else 0.0):
        newest[row["name"]] = row
    return [
        {
            "name": name,
            "value": next((row[k] for k in ("text", "number", "flag") if row[k] is not None), None),
            "since": row["time"].isoformat() if row["time"] else None,
        }
        for name, row in sorted(newest.items())
    ]


def _event(row: dict[str, Any], named: Mapping[str, str]) -> dict[str, Any]:
    known = {name: row[column] for column, name in named.items() if row[column] is not None}
    return {"name": row["name"], "time": row["time"].isoformat(), "properties": known}


def _scores(workspace: Workspace, user_id: str, reasons: bool) -> list[dict[str, Any]]:
    told = []
    for prediction in workspace.store.predictions.list():
        try:
            score = workspace.store.scores.get_many(prediction.name, [user_id]).get(user_id)
        except Conflict:
            # It offers no scores: a draft, in preview, archived, or not scored yet.
            continue
        if score is not None:
            why = _reasons(workspace, prediction.name, score) if reasons else None
            told.append(_score(prediction.name, score) | {"reasons": why})
    return told


def _score(prediction: str, score: Score) -> dict[str, Any]:
    return {
        "prediction": prediction,
        "user_id": score.user_id,
        "score": score.score,
        "probability": score.probability,
        "category": score.category,
        "run_id": score.run_id,
        "model_version": score.model_version,
        "as_of": score.as_of.isoformat(),
        "scored_at": score.scored_at.isoformat(),
    }


def _reasons(workspace: Workspace, prediction: str, score: Score) -> list[dict[str, Any]]:
    from predictive.reasons import reasons_of  # noqa: PLC0415  (LightGBM)

    reasons: list[dict[str, Any]] = reasons_of(workspace, prediction, score)["reasons"]
    return reasons
