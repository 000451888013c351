"""The model versions of a prediction: what each is, which one scores, and its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from predictive import cursors
from predictive.errors import Conflict, NotFound
from predictive.model_card import read_card
from predictive.model_card_text import card_text

if TYPE_CHECKING:
    from predictive.store.models import ModelVersion
    from predictive.workspace import Workspace


def list_versions(
    workspace: Workspace, name: str, *, limit: int | None = None, cursor: str | None = None
) -> dict[str, Any]:
    """The versions of a prediction's model, newest first; by default all of them.

    Parameters
    ----------
    workspace
        Where they are kept.
    name
        The prediction.
    limit
        At most so many versions.
    cursor
        ``next_cursor`` of the page before.

    Returns
    -------
    dict
        ``prediction``, ``champion_version``, ``challenger_version`` and ``models``, each with
        ``version``, ``role``, ``recipe``, ``as_of``, ``quality`` and what traces it; and
        ``next_cursor``, None on the last page.

    Raises
    ------
    NotFound
        When there is no such prediction.
    """
    roles = _roles(workspace, name)
    by_role = {role: version for version, role in roles.items()}
    found = workspace.store.models.list(
        name, limit=cursors.room_for(limit), before=cursors.number_of(cursor)
    )
    shown, following = cursors.page(found, limit, lambda version: [version.version])
    return {
        "prediction": name,
        "champion_version": by_role.get("champion"),
        "challenger_version": by_role.get("challenger"),
        "models": [_summary(version, roles) for version in shown],
        "next_cursor": following,
    }


def show_version(workspace: Workspace, name: str, version: int | None = None) -> dict[str, Any]:
    """One version with its whole training report; by default the champion.

    Raises
    ------
    NotFound
        When there is no such prediction or version.
    Conflict
        When no version is named and there is no champion.
    """
    found = _version(workspace, name, version)
    roles = _roles(workspace, name)
    return {"prediction": name} | _summary(found, roles) | {"report": dict(found.report)}


def show_card(workspace: Workspace, name: str, version: int | None = None) -> dict[str, Any]:
    """The model card of a version, by default the champion's.

    Returns
    -------
    dict
        :func:`predictive.model_card.model_card` with ``version``, ``role`` and ``text``, the
        same in Markdown.

    Raises
    ------
    NotFound
        When there is no such prediction or version, or it was made before there were cards.
    Conflict
        When no version is named and there is no champion.
    """
    found = _version(workspace, name, version)
    card = read_card(workspace.path / found.folder)
    if card is None:
        kind = f"model card of prediction {name!r} for version"
        raise NotFound(kind, str(found.version), field="version")
    role = _roles(workspace, name).get(found.version)
    return (
        {"version": found.version, "role": role} | card | {"text": card_text(card, found.version)}
    )


def _version(workspace: Workspace, name: str, version: int | None) -> ModelVersion:
    if version is not None:
        return workspace.store.models.get(name, version)
    champion = workspace.store.models.champion(name)
    if champion is None:
        raise Conflict(f"Prediction {name!r} has no champion yet. Train it, or name a version.")
    return champion


def _roles(workspace: Workspace, name: str) -> Mapping[int, str]:
    champion = workspace.store.models.champion(name)
    challenger = workspace.store.models.challenger(name)
    roles = {challenger.version: "challenger"} if challenger else {}
    return roles | ({champion.version: "champion"} if champion else {})


def _summary(version: ModelVersion, roles: Mapping[int, str]) -> dict[str, Any]:
    report = version.report
    return {
        "version": version.version,
        "role": roles.get(version.version),
        "recipe": dict(version.recipe),
        "definition_version": version.definition_version,
        "as_of": version.as_of.isoformat(),
        "created_at": version.created_at.isoformat(),
        "promoted_at": version.promoted_at.isoformat() if version.promoted_at else None,
        "promotion_reason": report.get("promotion_reason"),
        "comparison": report.get("comparison"),
        "quality": report.get("quality"),
        "base_rate": version.base_rate,
        "seed": version.seed,
        "data_version": version.data_version,
        "code_version": version.code_version,
        "mlflow_run_id": version.mlflow_run_id,
        "job_id": version.job_id,
    }
