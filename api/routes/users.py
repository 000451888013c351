"""Customers: what is known of one, and removing one everywhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.auth import Admin, Reader
from api.dependencies import UserIdInPath, WorkspaceOf
from api.schemas.problems import problems
from api.schemas.users import Customer, ProfileWanted, UserDeleted
from predictive.customer import profile
from predictive.deletion import delete_user

router = APIRouter(prefix="/users", tags=["users"], responses=problems(401, 403, 404, 422))


@router.get("/{user_id:text}", summary="What is known of one user", response_model=Customer)
def show(
    user_id: UserIdInPath,
    workspace: WorkspaceOf,
    _: Reader,
    wanted: Annotated[ProfileWanted, Query()],
) -> dict[str, Any]:
    """Attributes, newest events and scores as of now; with `reasons`, why each score is so."""
    return profile(workspace, user_id, events=wanted.events, reasons=wanted.reasons)


@router.delete("/{user_id:text}", summary="Remove one user everywhere", response_model=UserDeleted)
def delete(user_id: UserIdInPath, workspace: WorkspaceOf, _: Admin) -> dict[str, Any]:
    """Remove a user from events, attributes, scores, archives, segments, sends and exports.

    For good. It rewrites the files that name the user and answers when that is done, which may
    take minutes on a large lake. Cut short, it can be repeated. Backups are not reached.
    """
    return delete_user(workspace, user_id)
