"""Sends."""

from typing import TypedDict


class RecordedSend(TypedDict):
    """A send as it was recorded."""

    send_id: str
    prediction: str
    run_id: str
    sent_at: str
    holdout_share: float
    treated: int
    held_out: int
    not_scored: int
    new: bool


class Send(TypedDict):
    """One send."""

    send_id: str
    prediction: str
    run_id: str
    sent_at: str
    holdout_share: float
    treated: int
    held_out: int
