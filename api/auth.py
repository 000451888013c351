"""API keys and their scopes, as annotated dependencies.

A route says who may call it by one argument: ``_: Reader``. The key stands in the
``Authorization: Bearer`` header and nowhere else, so that no address or access log holds one.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from starlette.exceptions import HTTPException

from api.dependencies import WorkspaceOf, look_up
from predictive.store import Key

#: What each scope lets a key do; ``admin`` includes the others.
SCOPES = {
    "read": "Read predictions, builds, quality and scores.",
    "simulate": "Simulate thresholds and read threshold curves.",
    "events": "Send events and attributes.",
    "manage": "Create predictions, estimate and build them.",
    "admin": "Make and revoke keys, and everything else.",
}

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="ApiKey",
    description="A key made by `predictive keys create` or `POST /v1/keys`.",
)


async def authorised(
    needed: SecurityScopes,
    workspace: WorkspaceOf,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Key:
    """The valid key of this request, holding every needed scope.

    Raises
    ------
    HTTPException
        401 without a valid key, 403 without the scope.
    """
    if credentials is None:
        raise _unauthorized("No API key came. Send it as 'Authorization: Bearer <key>'.")
    key = await look_up(workspace, workspace.store.keys.verify, credentials.credentials)
    if key is None:
        raise _unauthorized("The API key is unknown, revoked or expired.")
    missing = [scope for scope in needed.scopes if not key.allows(scope)]
    if missing:
        raise _forbidden(key, missing[0])
    return key


def _forbidden(key: Key, scope: str) -> HTTPException:
    return HTTPException(
        403,
        f"The key's scopes are {', '.join(sorted(key.scopes))}; this route needs {scope}.",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
    )


def _unauthorized(detail: str) -> HTTPException:
    return HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})


Reader = Annotated[Key, Security(authorised, scopes=["read"])]
Simulator = Annotated[Key, Security(authorised, scopes=["simulate"])]
Manager = Annotated[Key, Security(authorised, scopes=["manage"])]
Admin = Annotated[Key, Security(authorised, scopes=["admin"])]
