"""Progress where a job is run by hand: in a notebook, a terminal, or a plain log.

A notebook shows one line a stage, drawn anew in place: HTML in a browser, text elsewhere. It
needs nothing that Jupyter does not bring along.
"""

from __future__ import annotations

import html
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from predictive.cli.progress_bar import ShownProgress

#: A stage is drawn anew at most this often, in seconds.
_DRAWN_SECONDS = 0.2
_BAR_CELLS = 24


def show_progress() -> ShownProgress:
    """Progress to be shown while a ``with`` block runs.

    Bars in a notebook and in a terminal, plain lines elsewhere.

    Examples
    --------
    >>> with show_progress() as progress:
    ...     progress.stage("Looking")
    """
    if in_notebook():
        return NotebookProgress()
    from predictive.cli.progress_bar import shown_progress  # noqa: PLC0415

    return shown_progress()


def in_notebook() -> bool:
    """Whether this runs in the kernel of a notebook."""
    # Whoever runs in a kernel has imported IPython; nobody else should have to.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


@dataclass
class _Stage:
    name: str
    total: float | None
    began: float
    done: float = 0.0
    ended: float | None = None

    @property
    def share(self) -> float | None:
        """How much is done, or None where nobody knows."""
        if self.ended is not None:
            return 1.0
        return min(self.done / self.total, 1.0) if self.total else None

    def seconds(self, now: float) -> float:
        """How long it has taken so far."""
        return (self.ended or now) - self.began

    def left(self, now: float) -> float | None:
        """Seconds that it will still take, if it goes on as it does."""
        share = self.share
        if not share or self.ended is not None:
            return None
        return self.seconds(now) * (1 - share) / share


class NotebookProgress:
    """One line a stage, below the cell that runs."""

    def __init__(self) -> None:
        self._stages: list[_Stage] = []
        self._drawn = 0.0
        self._handle: Any = None

    def __enter__(self) -> Self:
        from IPython.display import DisplayHandle  # noqa: PLC0415  (only where there is one)

        self._handle = DisplayHandle()  # type: ignore[no-untyped-call]
        self._handle.display(self._picture(), raw=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        self._draw()

    def stage(self, name: str, total: float | None = None) -> None:
        """A new stage begins, and the one before is done."""
        self._finish()
        self._stages.append(_Stage(name, total, time.monotonic()))
        self._draw()

    def advance(self, amount: float = 1.0) -> None:
        """``amount`` more units of the present stage are done."""
        if not self._stages:
            return
        self._stages[-1].done += amount
        if time.monotonic() - self._drawn >= _DRAWN_SECONDS:
            self._draw()

    def _finish(self) -> None:
        if self._stages and self._stages[-1].ended is None:
            self._stages[-1].ended = time.monotonic()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        self._handle.update(self._picture(), raw=True)

    def _picture(self) -> dict[str, str]:
        now = time.monotonic()
        return {
            "text/plain": "\n".join(_text(stage, now) for stage in self._stages) or "…",
            "text/html": "<div>" + "".join(_html(stage, now) for stage in self._stages) + "</div>",
        }


def _text(stage: _Stage, now: float) -> str:
    share = stage.share
    filled = round(_BAR_CELLS * (share or 0.0))
    bar = "█" * filled + "░" * (_BAR_CELLS - filled)
    return f"{bar} {stage.name} {_figures(stage, now)}"


def _html(stage: _Stage, now: float) -> str:
    share = stage.share
    # Without a value the browser shows that something goes on, but not how far it is.
    value = "" if share is None else f' value="{share:.3f}"'
    return (
        f'<div><progress max="1"{value}></progress> {html.escape(stage.name)} '
        f"<small>{_figures(stage, now)}</small></div>"
    )


def _figures(stage: _Stage, now: float) -> str:
    left = stage.left(now)
    rest = "" if left is None else f", about {left:.0f} s left"
    return f"{stage.seconds(now):.0f} s{rest}"
