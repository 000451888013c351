"""How a long job tells where it stands; the job never knows who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the stages of a job and the share of each that is done."""

    def stage(self, name: str, total: float | None = None) -> None:
        """A new stage begins; ``total`` units of work lie ahead, or an unknown number."""

    def advance(self, amount: float = 1.0) -> None:
        """``amount`` more units of the present stage are done."""


class NoProgress:
    """Listens to nothing."""

    def stage(self, name: str, total: float | None = None) -> None:
        """Nobody is told."""

    def advance(self, amount: float = 1.0) -> None:
        """Nobody is told."""
