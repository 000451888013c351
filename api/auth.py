"""API keys and their scopes, as annotated dependencies.

A route says who may call it by one argument: ``_: Reader``. The key stands in the
``Authorization: Bearer`` header and nowhere else, so that no address or access log holds one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.exceptions import HTTPException

from api.dependencies import look_up, workspace_of
from api.parameters import Parameters
from api.rates import RATE, TOO_MANY_WRONG, WAIT, Limits
from predictive.store import Key

#: Where a request's scope tells the valid key that came with it, a `Key`.
KEY = "predictive.key"
Scope = Literal["read", "simulate", "events", "manage", "admin"]


class HoldsScope(SecurityBase):
    """Gives the valid key of a request that holds a scope; ``admin`` includes the others.

    One dependency that reads the header itself: a chain of them would cost a look-up of a
    score more than its query. So it also refuses what the route does not know, once it
    is clear who asks.

    Parameters
    ----------
    scope
        What the key must allow.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.scheme_name = "ApiKey"
        self.model = HTTPBearer(
            description="A key made by `predictive keys create` or `POST /v1/keys`."
        )

    async def __call__(self, request: Request) -> Key:
        """Verify the key; raises as :meth:`admit`."""
        return await self.admit(request, workspace_of(request).store.keys.verify)

    async def admit(self, request: Request, verify: Callable[[str], Key | None]) -> Key:
        """Verify the key by a function of its secret.

        Raises
        ------
        HTTPException
            401 without a valid key, 403 without the scope, 429 when there were too many.
        InvalidInput
            For a query parameter that the route does not know.
        """
        secret = bearer(request)
        if secret is None:
            raise _unauthorized("No API key came. Send it as 'Authorization: Bearer <key>'.")
        limits: Limits = request.app.state.limits
        address = address_of(request)
        if not limits.may_try(secret, address):
            raise HTTPException(429, TOO_MANY_WRONG, headers=WAIT)
        key = await look_up(workspace_of(request), verify, secret)
        if key is None:
            limits.note_wrong(address)
            raise _unauthorized("The API key is unknown, revoked or expired.")
        limits.note_right(secret)
        request.scope[KEY] = key
        if not key.allows(self.scope):
            raise _forbidden(key, self.scope)
        taken = request.scope[RATE] = limits.take(key.id, self.scope)
        if taken is not None and not taken.allowed:
            raise HTTPException(429, taken.refusal(), headers=taken.wait())
        parameters: Parameters = request.app.state.parameters
        parameters.check(request)
        return key


def bearer(request: Request) -> str | None:
    """The key in a request's header, if one came."""
    # Not by `request.headers`, which would be made for this alone.
    for name, value in request.scope["headers"]:
        if name == b"authorization":
            scheme, _, secret = value.decode("latin-1").partition(" ")
            return secret.strip() or None if scheme.lower() == "bearer" else None
    return None


def address_of(request: Request) -> str:
    """Where a request comes from, as the server has it."""
    return request.client.host if request.client else ""


class MayReadMetrics(HoldsScope):
    """Gives the valid key that holds ``read``, or None where the settings ask for no key."""

    def __init__(self) -> None:
        super().__init__("read")

    async def __call__(self, request: Request) -> Key | None:  # type: ignore[override]
        """Verify the key, if one is needed."""
        if workspace_of(request).settings.metrics == "open":
            return None
        return await super().__call__(request)


def requester(key: Key) -> str:
    """How a prediction's history names who used the key."""
    return f"key {key.id}"


def _forbidden(key: Key, scope: str) -> HTTPException:
    return HTTPException(
        403,
        f"The key's scopes are {', '.join(sorted(key.scopes))}; this route needs {scope}.",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
    )


def _unauthorized(detail: str) -> HTTPException:
    return HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})


#: What the routes' dependencies do, for a route that needs no others.
reader, simulator = HoldsScope("read"), HoldsScope("simulate")

Reader = Annotated[Key, Security(reader, scopes=["read"])]
Simulator = Annotated[Key, Security(simulator, scopes=["simulate"])]
Manager = Annotated[Key, Security(HoldsScope("manage"), scopes=["manage"])]
Admin = Annotated[Key, Security(HoldsScope("admin"), scopes=["admin"])]
