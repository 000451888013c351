"""API keys: what is asked for, what is shown, and the secret that is shown once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.times import UtcMoment

Scope = Literal["read", "simulate", "events", "manage", "admin"]


class KeyRequest(BaseModel):
    """A key to make."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "campaign engine", "scopes": ["read", "simulate"]}]
        },
    )

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=100,
            pattern=r"^[^\x00]*$",
            description="Who or what holds the key.",
        ),
    ]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=5)] = ["read"]
    expires_at: AwareDatetime | None = Field(
        default=None, description="When it stops working; null: never."
    )


_SHOWN: dict[str, Any] = {
    "id": "3f9c2a71b04e",
    "name": "campaign engine",
    "scopes": ["read", "simulate"],
    "created_at": "2025-11-02T09:30:00Z",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": "2025-11-03T10:00:00Z",
}


class KeyShown(BaseModel):
    """A key without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})

    id: str
    name: str
    scopes: list[Scope]
    created_at: UtcMoment
    expires_at: UtcMoment | None
    revoked_at: UtcMoment | None
    last_used_at: UtcMoment | None


class KeyMade(BaseModel):
    """A new key; its secret is shown here and never again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "3f9c2a71b04e",
                    "secret": "pk_3f9c2a71b04e_" + "x" * 43,
                    "name": "campaign engine",
                    "scopes": ["read", "simulate"],
                    "expires_at": None,
                }
            ]
        }
    )

    id: str
    secret: str
    name: str
    scopes: list[Scope]
    expires_at: UtcMoment | None


class KeyList(Page):
    """Keys, oldest first, the revoked among them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"keys": [_SHOWN], "next_cursor": None}]}
    )

    keys: list[KeyShown]
