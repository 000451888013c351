"""What a selection reaches and hits, in numbers and in bars."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from api.dashboard.numbers import decimal, percent, whole
from api.dashboard.parts import element, term
from api.dashboard.visit import Visit
from evaluation.intervals import Estimate
from evaluation.simulation import Simulation


class Outcome:
    """Shows one answer after another in the same places.

    Parameters
    ----------
    visit
        Who sees it.
    kind
        churn, purchase or event: decides the wording.
    """

    def __init__(self, visit: Visit, kind: str) -> None:
        self._visit, self._kind = visit, kind
        self._texts: dict[str, TextElement] = {}
        self._bars: dict[str, Element] = {}

    def build(self) -> None:
        """Make the places."""
        say = self._visit.say
        with element("div", classes="figures"):
            self.figure("reached", say("simulator.reach"))
            self.figure("hits", say(f"simulator.hits.{self._kind}"), say("simulator.hits.term"))
            precision = say("simulator.precision"), say("simulator.precision.term")
            self.figure("precision", *precision)
            self.figure("lift", say("simulator.lift"), say("simulator.lift.term"))
        for colour in ("green", "red"):
            with element("div", classes="figure"):
                self._texts[colour] = ui.label().classes("term")
                self._texts[colour].tag = "abbr"
                self._texts[colour].props["title"] = say(f"simulator.{colour}.term")
                self._texts[colour].props["tabindex"] = "0"
                with element("div", classes=f"meter {colour}", aria_hidden="true"):
                    self._bars[colour] = element("div")
                self._texts[f"{colour}.range"] = ui.label().classes("range")
                if colour == "red":
                    self._texts["bothered"] = ui.label().classes("range")
        self._texts["basis"] = ui.label().classes("quiet small")
        self._texts["basis"].tag = "p"
        if self._kind == "churn":
            element("p", say("simulator.uplift"), classes="quiet small")

    def figure(self, key: str, name: str, meaning: str = "") -> None:
        """A place for one number, with its interval below."""
        with element("div", classes="figure"):
            with element("div", classes="name"):
                if meaning:
                    term(name, meaning)
                else:
                    element("span", name)
            self._texts[key] = ui.label().classes("value")
            self._texts[f"{key}.range"] = ui.label().classes("range")

    def tell(self, key: str, text: str, between: str = "") -> None:
        """Put a number and its interval into their place."""
        self._texts[key].set_text(text)
        self._texts[f"{key}.range"].set_text(between)

    def show(self, answer: Simulation, *, of_segment: bool) -> None:
        """Put an answer into the places; shares are of a segment, or of all scored customers."""
        say, hits, reached = self._visit.say, answer.expected_true_positives, answer.reached
        of_whom = "simulator.reach.share.segment" if of_segment else "simulator.reach.share"
        share = say(of_whom, share=percent(answer.reached_share))
        self.tell("reached", whole(reached), share)
        self.tell("hits", whole(hits.value), self.between(whole(hits.low), whole(hits.high)))
        self._estimate("precision", answer.precision, percent)
        self._estimate("lift", answer.lift, self._times, decimal)
        self._bar("green", answer.true_positive_share)
        self._bar("red", answer.false_positive_share)
        misses = answer.expected_false_positives
        counted = say("simulator.red.count", count=whole(misses.value))
        if reached:
            between = self.between(whole(misses.low), whole(misses.high))
            self._texts["bothered"].set_text(f"{counted} ({between})")
        else:
            self._texts["bothered"].set_text("")
        measured = answer.interval_basis == "chance and change between snapshots"
        self._texts["basis"].set_text(
            say("simulator.basis.change" if measured else "simulator.basis.usual")
        )

    def between(self, low: str, high: str) -> str:
        """An interval in words."""
        return self._visit.say("common.range", low=low, high=high)

    def _times(self, lift: float) -> str:
        return self._visit.say("simulator.lift.value", lift=decimal(lift))

    def _estimate(
        self,
        key: str,
        found: Estimate | None,
        shown: Callable[[float], str],
        bound: Callable[[float], str] | None = None,
    ) -> None:
        if found is None:
            self.tell(key, "–")
            return
        of_bound = bound or shown
        self.tell(key, shown(found.value), self.between(of_bound(found.low), of_bound(found.high)))

    def _bar(self, colour: str, share: Estimate | None) -> None:
        value = share.value if share else None
        between = self.between(percent(share.low), percent(share.high)) if share else ""
        self.tell(colour, self._visit.say(f"simulator.{colour}", share=percent(value)), between)
        self._bars[colour].style(f"width: {100 * (value or 0):.2f}%")
