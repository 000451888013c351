"""Progress on stderr: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from predictive.progress import Progress

if TYPE_CHECKING:
    from rich.progress import TaskID

#: A line at each quarter tells enough in a log file.
_LINE_SHARE = 0.25
_LINE_SECONDS = 10.0


class ShownProgress(Progress, Protocol):
    """A `Progress` that is shown while its ``with`` block runs."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def shown_progress() -> ShownProgress:
    """Bars when stderr is a terminal, else lines."""
    return ProgressBars() if sys.stderr.isatty() else ProgressLines()


class ProgressBars:
    """One bar a stage; finished stages stay with the time they took."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            SpinnerColumn,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as RichProgress  # noqa: PLC0415

        self._bars = RichProgress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        self._bars.stop()

    def stage(self, name: str, total: float | None = None) -> None:
        """A new stage begins, and the one before is done."""
        self._finish()
        self._task = self._bars.add_task(name, total=total)

    def advance(self, amount: float = 1.0) -> None:
        """``amount`` more units of the present stage are done."""
        if self._task is not None:
            self._bars.advance(self._task, amount)

    def _finish(self) -> None:
        if self._task is not None:
            self._bars.update(self._task, total=1, completed=1)


class ProgressLines:
    """A line when a stage begins, and one at each quarter of a long one."""

    def __init__(self) -> None:
        self._name = ""
        self._total: float | None = None
        self._done = 0.0
        self._next_share = _LINE_SHARE
        self._last_line = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def stage(self, name: str, total: float | None = None) -> None:
        """A new stage begins, and the one before is done."""
        self._name, self._total, self._done = name, total, 0.0
        self._next_share = _LINE_SHARE
        self._write(name)

    def advance(self, amount: float = 1.0) -> None:
        """``amount`` more units of the present stage are done."""
        self._done += amount
        if not self._total:
            return
        share = self._done / self._total
        long_silence = time.monotonic() - self._last_line > _LINE_SECONDS
        if share < 1 and (share >= self._next_share or long_silence):
            self._next_share = (share // _LINE_SHARE + 1) * _LINE_SHARE
            self._write(f"{self._name}: {share:.0%}")

    def _write(self, line: str) -> None:
        self._last_line = time.monotonic()
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
