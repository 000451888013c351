"""API keys: make, list, revoke."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.auth import Admin
from api.dependencies import WorkspaceOf
from api.pages import Cursor, Limit
from api.schemas.keys import KeyList, KeyMade, KeyRequest, KeyShown
from api.schemas.problems import problems
from predictive import cursors
from predictive.errors import InvalidInput

router = APIRouter(prefix="/keys", tags=["keys"], responses=problems(401, 403, 422))


@router.post("", status_code=201, summary="Make a key")
def create(asked: KeyRequest, workspace: WorkspaceOf, _: Admin, response: Response) -> KeyMade:
    """Make a key. The answer holds its secret, which is kept nowhere and shown only here."""
    if asked.expires_at is not None and asked.expires_at <= datetime.now(UTC):
        raise InvalidInput("expires_at", asked.expires_at.isoformat(), "a moment to come")
    key_id, secret = workspace.store.keys.create(asked.name, asked.scopes, asked.expires_at)
    response.headers["Cache-Control"] = "no-store"
    return KeyMade(
        id=key_id, secret=secret, name=asked.name, scopes=asked.scopes, expires_at=asked.expires_at
    )


@router.get("", summary="List the keys")
def listing(workspace: WorkspaceOf, _: Admin, limit: Limit = 100, cursor: Cursor = None) -> KeyList:
    """Keys without their secrets, oldest first, revoked ones too."""
    found = workspace.store.keys.list(
        limit=cursors.room_for(limit), after=cursors.moment_of(cursor)
    )
    keys, following = cursors.page(
        found, limit, lambda key: cursors.at_moment(key.created_at, key.id)
    )
    shown = [KeyShown.model_validate(key, from_attributes=True) for key in keys]
    return KeyList(keys=shown, next_cursor=following)


@router.delete("/{key_id}", status_code=204, summary="Revoke a key", responses=problems(404))
def revoke(
    key_id: Annotated[
        str,
        Path(
            description="Id of the key.",
            max_length=64,
            pattern=r"^[A-Za-z0-9_-]+$",
            examples=["df3df55372ae"],
        ),
    ],
    workspace: WorkspaceOf,
    _: Admin,
) -> None:
    """Revoke a key at once. Revoking it again changes nothing."""
    workspace.store.keys.revoke(key_id)
