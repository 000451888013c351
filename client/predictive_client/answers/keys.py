"""API keys."""

from typing import Literal, TypedDict

Scope = Literal["read", "simulate", "events", "manage", "admin"]


class KeyShown(TypedDict):
    """A key without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None


class KeyMade(TypedDict):
    """A new key; its secret is shown here and never again."""

    id: str
    secret: str
    name: str
    scopes: list[Scope]
    expires_at: str | None


class AuditEntry(TypedDict):
    """A change that was asked for, and how it ended."""

    id: int
    at: str
    key_id: str
    action: str
    target: str
    status: int
