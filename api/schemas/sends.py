"""Sends: who was sent a message, and who was held back."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.scores import UserId
from api.schemas.times import GivenMoment, UtcMoment

#: Users of a group in one request; more are told in parts, each with users of both groups.
MAX_USERS = 100_000

_SEND: dict[str, Any] = {
    "send_id": "0198c6d2b7e000004f1c9a22d6b8e013",
    "prediction": "churn-28d",
    "run_id": "0198c6b0a41d00007c2e9f0351b6d8aa",
    "sent_at": "2025-11-01T09:00:00+00:00",
    "holdout_share": 0.1,
    "treated": 4500,
    "held_out": 500,
}


class SendRequest(BaseModel):
    """Whom a message reached, and whom it was held back from at random."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "treated": ["anna-1138", "ben-77"],
                    "held_out": ["cleo-4"],
                    "sent_at": "2025-11-01T09:00:00Z",
                    "holdout_share": 0.1,
                }
            ]
        },
    )

    treated: Annotated[list[UserId], Field(min_length=1, max_length=MAX_USERS)]
    held_out: Annotated[list[UserId], Field(max_length=MAX_USERS)] = Field(
        default=[], description="Users picked as well, but not sent the message."
    )
    sent_at: GivenMoment | None = Field(
        default=None,
        description="When the messages went out; default: now. A time without a zone is UTC.",
    )
    run_id: str | None = Field(
        default=None,
        max_length=128,
        pattern=r"^[^\x00]+$",
        description="The scoring run that the users were picked from; default: the newest one "
        "when the messages went out.",
    )
    holdout_share: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] | None = Field(
        default=None,
        description="Share of the picked users that was to be held back; default: what the two "
        "groups amount to.",
    )


class Send(BaseModel):
    """One send."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SEND]})

    send_id: str
    prediction: str
    run_id: str = Field(description="The scoring run that its users were picked from.")
    sent_at: UtcMoment
    holdout_share: float
    treated: int = Field(description="Users who were sent the message.")
    held_out: int = Field(description="Users held back.")


class RecordedSend(Send):
    """A send as it was recorded."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_SEND | {"not_scored": 0, "new": True}]}
    )

    not_scored: int = Field(description="Users of both groups without a score in the run.")
    new: bool = Field(description="False where the same send had been recorded before.")


class SendList(Page):
    """Sends of one prediction, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"prediction": "churn-28d", "sends": [_SEND], "next_cursor": None}]
        }
    )

    prediction: str
    sends: list[Send]
