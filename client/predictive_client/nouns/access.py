"""Users of the predictions, and keys of the service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from predictive_client.answers import AuditEntry, Customer, KeyMade, KeyShown, Scope, UserDeleted
from predictive_client.nouns.given import given, moment
from predictive_client.nouns.noun import Noun, Run, call, items
from predictive_client.steps import Flow

_USER = "/v1/users/{user_id}"
_KEYS = "/v1/keys"


class Users(Noun[Run]):
    """The customers that predictions are about."""

    @call
    def show(self, user_id: str, *, events: int = 20, reasons: bool = False) -> Flow[Customer]:
        """Attributes, newest events and scores as of now; with reasons, why each score is so."""
        return self.read(_USER, {"events": events, "reasons": reasons}, user_id=user_id)

    @call
    def delete(self, user_id: str) -> Flow[UserDeleted]:
        """Remove a user everywhere, for good; may take minutes."""
        return self.write("DELETE", _USER, user_id=user_id)


class Keys(Noun[Run]):
    """API keys."""

    @call
    def create(
        self,
        name: str,
        scopes: Sequence[Scope] = ("read",),
        *,
        expires_at: datetime | str | None = None,
    ) -> Flow[KeyMade]:
        """Make a key; its secret is in this answer and nowhere else."""
        body = given(name=name, scopes=list(scopes), expires_at=moment(expires_at))
        return self.write("POST", _KEYS, body)

    @items
    def list(self) -> Flow[KeyShown]:
        """All keys, without secrets."""
        return self.listed("keys", _KEYS)

    @call
    def revoke(self, key_id: str) -> Flow[None]:
        """Revoke a key at once."""
        return self.write("DELETE", f"{_KEYS}/{{key_id}}", key_id=key_id)

    @items
    def audit(self, key_id: str | None = None) -> Flow[AuditEntry]:
        """Every change that was asked for, newest first: by one key, or by all."""
        return self.listed("entries", "/v1/audit", given(key=key_id))
