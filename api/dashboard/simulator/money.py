"""What a selection costs and earns, and the threshold that earns most."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import ValueChangeEventArguments

from api.dashboard.charts import profits
from api.dashboard.numbers import decimal, money, whole
from api.dashboard.parts import card, element, term
from api.dashboard.simulator.trial import Choice, Trial
from api.dashboard.visit import Visit
from evaluation.profit import ProfitCurve
from evaluation.simulation import Simulation

_PRICES = ("conversion_value", "message_cost", "incentive_cost", "percent_caused")


class MoneyPanel:
    """Prices, what comes of them, and the curve of profits.

    Parameters
    ----------
    visit, kind, trial
        As of the simulator.
    changed
        Called when a price changes.
    take
        Takes the best threshold.
    """

    def __init__(
        self,
        visit: Visit,
        kind: str,
        trial: Trial,
        changed: Callable[[], None],
        take: Callable[[float], None],
    ) -> None:
        self._visit, self._kind, self._trial = visit, kind, trial
        self._changed, self._take = changed, take
        self._texts: dict[str, TextElement] = {}
        self._best = 0.0

    def build(self) -> None:
        """Make the fields and the places for numbers."""
        say = self._visit.say
        with element("div", classes="split"):
            with card(say("simulator.money")):
                self._prices()
                self._texts["problem"] = ui.label().classes("problem").props("role=alert")
                with element("div", classes="figures"):
                    for name in ("cost", "revenue", "profit"):
                        self._figure(name)
            with card():
                with element("h2"):
                    term(say("simulator.curve"), say("simulator.curve.term"))
                self._curve()

    def show(self, answer: Simulation) -> None:
        """Tell what a selection costs and earns."""
        outcome, prices = answer.money, self._trial.prices
        known = outcome is not None and prices.have_value
        self._tell("problem", "")
        self._tell("cost", money(outcome.cost) if outcome and prices.are_given else "–")
        self._tell("revenue", money(outcome.revenue) if outcome and known else "–")
        self._tell("profit", money(outcome.profit.value) if outcome and known else "–")
        between = ""
        if outcome and known:
            low, high = money(outcome.profit.low), money(outcome.profit.high)
            between = self._visit.say("common.range", low=low, high=high)
        self._tell("profit.range", between)

    def complain(self, problem: str) -> None:
        """Tell which price or limit is wrong."""
        self._tell("problem", problem)

    def show_curve(self) -> None:
        """Draw the profits at the prices as they are."""
        try:
            curve = self._trial.profits()
        except ValueError:
            return
        self._chart.set_visibility(curve is not None)
        best = curve is not None and curve.best_threshold is not None
        self._use_best.set_visibility(best)
        self._tell("flat", "")
        if curve is None:
            self._tell("best", self._visit.say("simulator.money.missing"))
            return
        options = profits(
            curve, self._visit.say("simulator.threshold"), self._visit.say("simulator.profit")
        )
        self._chart.options.clear()
        self._chart.options.update(options)
        self._chart.update()
        self._tell_best(curve)

    def _tell_best(self, curve: ProfitCurve) -> None:
        say = self._visit.say
        if curve.best_threshold is None or curve.flat_from is None or curve.flat_to is None:
            self._tell("best", say("simulator.best.none"))
            return
        self._best = curve.best_threshold
        outcome = self._trial.answer(Choice(low=curve.best_threshold)).money
        told = {
            "threshold": decimal(curve.best_threshold, 2),
            "reached": whole(curve.best_reached),
            "profit": money(curve.best_profit),
            "low": money(outcome.profit.low) if outcome else "–",
            "high": money(outcome.profit.high) if outcome else "–",
        }
        self._tell("best", say("simulator.best", **told))
        flat = {"low": decimal(curve.flat_from, 2), "high": decimal(curve.flat_to, 2)}
        self._tell("flat", say("simulator.best.flat", **flat))

    def _prices(self) -> None:
        say, prices = self._visit.say, self._trial.prices
        worth = "simulator.value.churn" if self._kind == "churn" else "simulator.value"
        labels = (worth, "simulator.message", "simulator.incentive", "simulator.caused")
        takers = {taker: say(f"simulator.taker.{taker}") for taker in ("converters", "everyone")}
        with element("div", classes="fields"):
            for label, attribute in zip(labels, _PRICES, strict=True):
                ui.number(
                    say(label),
                    value=getattr(prices, attribute),
                    on_change=partial(self._reprice, attribute),
                ).props("stack-label")
            ui.select(
                takers,
                label=say("simulator.taker"),
                value=prices.incentive_taken_by,
                on_change=partial(self._reprice, "incentive_taken_by"),
            )
        element("p", say("simulator.caused.term"), classes="quiet small")

    def _reprice(self, attribute: str, event: ValueChangeEventArguments[Any]) -> None:
        setattr(self._trial.prices, attribute, event.value)
        self._changed()

    def _figure(self, name: str) -> None:
        say = self._visit.say
        with element("div", classes="figure"):
            with element("div", classes="name"):
                term(say(f"simulator.{name}"), say(f"simulator.{name}.term"))
            self._texts[name] = ui.label().classes("value")
            self._texts[f"{name}.range"] = ui.label().classes("range")

    def _curve(self) -> None:
        say = self._visit.say
        self._chart = ui.echart({}).classes("chart")
        self._chart.props["role"] = "img"
        self._chart.props["aria-label"] = say("simulator.curve.chart")
        self._texts["best"] = ui.label().props("role=status")
        self._texts["flat"] = ui.label().classes("quiet small")
        self._use_best = ui.button(say("simulator.best.use")).props("outline")
        self._use_best.on_click(lambda: self._take(self._best))

    def _tell(self, key: str, text: str) -> None:
        self._texts[key].set_text(text)
