"""Sends: whom a message reached, and whom it was held back from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from predictive_client.answers import RecordedSend, Send
from predictive_client.nouns.given import given, moment
from predictive_client.nouns.noun import Noun, Run, call, items
from predictive_client.steps import Flow

_ALL = "/v1/predictions/{name}/sends"


class Sends(Noun[Run]):
    """Told, so that a message's effect is not taken for the score's merit."""

    @call
    def record(
        self,
        prediction: str,
        treated: Sequence[str],
        held_out: Sequence[str] = (),
        *,
        sent_at: datetime | str | None = None,
        run_id: str | None = None,
        holdout_share: float | None = None,
    ) -> Flow[RecordedSend]:
        """Tell of a send; the same one told again changes nothing."""
        body = given(
            treated=list(treated),
            held_out=list(held_out),
            sent_at=moment(sent_at),
            run_id=run_id,
            holdout_share=holdout_share,
        )
        return self.write("POST", _ALL, body, name=prediction)

    @items
    def list(self, prediction: str) -> Flow[Send]:
        """All sends of a prediction, newest first."""
        return self.listed("sends", _ALL, name=prediction)
