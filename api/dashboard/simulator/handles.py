"""A slider with two handles: two of the browser's own, one above the other.

So each handle has a name, a value and its keys for everybody, with a screen reader too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from api.dashboard.parts import element

_THROTTLE_SECONDS = 0.04


class Handles:
    """Two handles on the scores from 0 to 100.

    Parameters
    ----------
    labels
        What the lower and the upper handle are called.
    bounds
        Where they stand.
    moved
        Takes both scores, in whole numbers, whenever somebody moves one.
    """

    def __init__(
        self,
        labels: tuple[str, str],
        bounds: tuple[float, float],
        moved: Callable[[float, float], None],
    ) -> None:
        self._bounds, self._moved = bounds, moved
        with element("div", classes="handles"):
            self._between = element("div", classes="between", aria_hidden="true")
            self._handles = [self._handle(at, label) for at, label in enumerate(labels)]
        self.set(*bounds)

    def set(self, low: float, high: float) -> None:
        """Put the handles where they belong."""
        self._bounds = low, high
        for handle, value in zip(self._handles, self._bounds, strict=True):
            handle.props["value"] = value
            # Also where nothing changed: somebody may have dragged one beyond the other.
            handle.update()
        self._between.style(f"left: {low}%; right: {100 - high}%")

    def _handle(self, at: int, label: str) -> Element:
        made = element("input", type="range", min="0", max="100", step="any", aria_label=label)
        made.on(
            "input",
            partial(self._move, at),
            throttle=_THROTTLE_SECONDS,
            js_handler="(event) => emit(event.target.valueAsNumber)",
        )
        return made

    def _move(self, at: int, event: GenericEventArguments) -> None:
        value: Any = event.args
        if not isinstance(value, int | float):
            return
        score = float(min(100, max(0, round(value))))
        low, high = self._bounds
        low, high = (min(score, high), high) if at == 0 else (low, max(score, low))
        self.set(low, high)
        self._moved(low, high)
