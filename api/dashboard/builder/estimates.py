"""What history holds for a definition, beside what training needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui.element import Element

from api.dashboard.builder.counting import Counted
from api.dashboard.numbers import percent, whole
from api.dashboard.parts import element, term
from api.dashboard.visit import Visit
from predictive.errors import PredictiveError


class EstimatePanel:
    """Shows an estimate, the next one replacing it.

    Parameters
    ----------
    visit
        In whose language.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._state = element("p", " ", classes="quiet small", role="status")
        self._body: Element = element("div")

    def waiting(self, share: float) -> None:
        """Say how far the count is; what was counted before stays, dimmed."""
        self._say("builder.counting", share=percent(share))
        self._body.classes("stale")

    def incomplete(self) -> None:
        """There is nothing that could be counted."""
        self._say("builder.incomplete")
        self._body.classes("stale")

    def show(self, estimate: Counted) -> None:
        """Show what was counted, or why nothing could be."""
        self._say("")
        self._body.classes(remove="stale")
        self._body.clear()
        with self._body:
            if isinstance(estimate, PredictiveError):
                element("p", self._visit.say("builder.cannot"), classes="problem")
                element("p", self._visit.reason(estimate), classes="small")
            else:
                self._counts(estimate)

    def _say(self, key: str, **values: object) -> None:
        text = self._visit.say(key, **values) if key else ""
        self._state.set_text(text)  # type: ignore[attr-defined]

    def _counts(self, counts: Mapping[str, Any]) -> None:
        say, test = self._visit.say, counts["tests"][-1]
        with element("div", classes="figures"):
            with element("div", classes="figure"):
                with element("div", classes="name"):
                    term(say("builder.audience.now"), say("builder.audience.now.term"))
                element("div", whole(counts["audience"]), classes="value")
            with element("div", classes="figure"):
                with element("div", classes="name"):
                    term(say("builder.usual"), say("builder.usual.term"))
                rate = test["positives"] / test["n"] if test["n"] else None
                element("div", percent(rate), classes="value")
        for key, part in (("training", counts["training"]), ("test", test)):
            with element("h3"):
                term(say(f"builder.{key}"), say(f"builder.{key}.term"))
            for outcome in ("positives", "negatives"):
                self._against(say(f"builder.{outcome}"), part[outcome], part["minimum"])
        if counts["enough"]:
            element("p", say("builder.enough"), classes="enough")
        else:
            element("p", say("builder.not_enough"), classes="problem")

    def _against(self, name: str, count: int, minimum: int) -> None:
        enough = count >= minimum
        said = "builder.of_minimum" if enough else "builder.below_minimum"
        text = self._visit.say(said, count=whole(count), minimum=minimum)
        element("div", f"{name}: {text}", classes="small" if enough else "small problem")
        with element("div", classes="meter " + ("green" if enough else "red"), aria_hidden="true"):
            element("div").style(f"width: {min(100.0, 100 * count / minimum):.0f}%")
