"""The audit log: who asked for which change."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.auth import Admin
from api.dependencies import WorkspaceOf
from api.pages import Cursor, Limit
from api.schemas.audit import AuditPage
from api.schemas.problems import problems
from predictive.audit import list_audit

router = APIRouter(prefix="/audit", tags=["keys"], responses=problems(401, 403, 422))


@router.get("", summary="Read the audit log", response_model=AuditPage)
def listing(
    workspace: WorkspaceOf,
    _: Admin,
    key: Annotated[
        str | None,
        Query(max_length=64, description="Only what this key asked for, or `command line`."),
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Every change that was asked for, newest first, and how it ended; without ids of users."""
    return list_audit(workspace, key_id=key, limit=limit, cursor=cursor)
