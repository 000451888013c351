"""The simulator: distribution, two-handled slider, reach, hits and misses, money, scenarios."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import ValueChangeEventArguments

from api.dashboard.charts import bars, distribution, profits
from api.dashboard.numbers import decimal, money, percent, whole
from api.dashboard.parts import card, cell, element, table, term
from api.dashboard.simulation import Trial
from api.dashboard.visit import Visit
from evaluation.simulation import Simulation


class Simulator:
    """The parts of the page that change with the selection.

    Parameters
    ----------
    visit
        Who tries.
    kind
        churn, purchase or event: decides the wording.
    trial
        What is tried, on which scores.
    """

    def __init__(self, visit: Visit, kind: str, trial: Trial) -> None:
        self.visit, self.kind, self.trial = visit, kind, trial
        self._texts: dict[str, TextElement] = {}

    def build(self) -> None:
        """Make the page and fill it."""
        say = self.visit.say
        with element("div", classes="split"):
            with card(say("simulator.distribution")):
                self._selection()
            with card():
                self._outcome()
        with element("div", classes="split"):
            with card(say("simulator.money")):
                self._prices()
            with card(say("simulator.curve")):
                self._curve()
        with card(say("simulator.scenarios")):
            self._scenarios()
        self.refresh()
        self._refresh_money()

    def refresh(self) -> None:
        """Show the answer to the selection as it is now."""
        trial, answer = self.trial, self._answer()
        if answer is None:
            return
        hits, share = answer.expected_true_positives, answer.true_positive_share
        self._tell("range", self._range(trial.low, trial.high))
        self._tell("reached", whole(answer.reached))
        self._tell(
            "reached.share",
            self.visit.say("simulator.reach.share", share=percent(answer.reached_share)),
        )
        self._tell("hits", whole(hits.value))
        self._tell("hits.range", self._between(whole(hits.low), whole(hits.high)))
        self._tell("precision", percent(answer.precision))
        lift = "–" if answer.lift is None else decimal(answer.lift)
        self._tell("lift", self.visit.say("simulator.lift.value", lift=lift))
        self._meter("green", share.value if share else None)
        self._meter("red", answer.false_positive_share)
        self._tell_money(answer)
        series = self._chart.options["series"][0]
        series["data"] = bars(trial.histogram.buckets(20), trial.low, trial.high)
        self._chart.update()

    def _answer(self) -> Simulation | None:
        try:
            answer = self.trial.answer()
        except ValueError as error:
            self._tell("price.problem", str(error))
            return None
        self._tell("price.problem", "")
        return answer

    def _selection(self) -> None:
        say, trial = self.visit.say, self.trial
        options = distribution(
            trial.histogram, trial.low, trial.high, say("simulator.scores"),
            say("simulator.customers"),
        )  # fmt: skip
        self._chart = ui.echart(options).classes("chart")
        self._chart.props["role"] = "img"
        self._chart.props["aria-label"] = say("simulator.distribution.chart")
        self._slider = ui.range(
            min=0,
            max=100,
            value={"min": trial.low, "max": trial.high},
            on_change=self._slide,
        )
        self._slider.props["aria-label"] = say("simulator.scores")
        self._texts["range"] = ui.label().props("role=status")
        with element("div", classes="fields"):
            self._low = ui.number(
                say("simulator.lowest"), value=trial.low, min=0, max=100, on_change=self._type
            )
            self._high = ui.number(
                say("simulator.highest"), value=trial.high, min=0, max=100, on_change=self._type
            )

    def _slide(self, event: ValueChangeEventArguments[Any]) -> None:
        self._select(float(event.value["min"]), float(event.value["max"]))

    def _type(self) -> None:
        low, high = self._low.value, self._high.value
        if low is not None and high is not None and 0 <= low <= high <= 100:
            self._select(float(low), float(high))

    def _select(self, low: float, high: float) -> None:
        if (low, high) == (self.trial.low, self.trial.high):
            return
        self.trial.low, self.trial.high = low, high
        self._low.set_value(low)
        self._high.set_value(high)
        if self._slider.value != {"min": low, "max": high}:
            self._slider.set_value({"min": low, "max": high})
        self.refresh()

    def _outcome(self) -> None:
        say = self.visit.say
        with element("div", classes="figures"):
            self._figure("reached", say("simulator.reach"), below="reached.share")
            meaning = say("simulator.hits.term")
            self._figure("hits", say(f"simulator.hits.{self.kind}"), meaning, "hits.range")
            self._figure("precision", say("simulator.precision"), say("simulator.precision.term"))
            self._figure("lift", say("simulator.lift"), say("simulator.lift.term"))
        self._bars: dict[str, Any] = {}
        for colour in ("green", "red"):
            with element("div", classes="figure"):
                self._texts[colour] = ui.label()
                self._texts[colour].tag = "abbr"
                self._texts[colour].props["title"] = say(f"simulator.{colour}.term")
                self._texts[colour].props["tabindex"] = "0"
                with element("div", classes=f"meter {colour}", role="presentation"):
                    self._bars[colour] = element("div")
        if self.kind == "churn":
            element("p", say("simulator.uplift"), classes="quiet small")

    def _figure(self, key: str, name: str, meaning: str = "", below: str = "") -> None:
        with element("div", classes="figure"):
            if meaning:
                with element("div", classes="name"):
                    term(name, meaning)
            else:
                element("div", name, classes="name")
            self._texts[key] = ui.label().classes("value")
            if below:
                self._texts[below] = ui.label().classes("range")

    def _meter(self, colour: str, share: float | None) -> None:
        self._tell(colour, self.visit.say(f"simulator.{colour}", share=percent(share)))
        self._bars[colour].style(f"width: {100 * (share or 0):.2f}%")

    def _prices(self) -> None:
        say, prices = self.visit.say, self.trial.prices
        worth = "simulator.value.churn" if self.kind == "churn" else "simulator.value"
        numbers = (
            (worth, "conversion_value"),
            ("simulator.message", "message_cost"),
            ("simulator.incentive", "incentive_cost"),
            ("simulator.caused", "percent_caused"),
        )
        takers = {taker: say(f"simulator.taker.{taker}") for taker in ("converters", "everyone")}
        with element("div", classes="fields"):
            for key, attribute in numbers:
                ui.number(
                    say(key),
                    value=getattr(prices, attribute),
                    on_change=partial(self._reprice, attribute),
                )
            ui.select(
                takers,
                label=say("simulator.taker"),
                value=prices.incentive_taken_by,
                on_change=partial(self._reprice, "incentive_taken_by"),
            )
        element("p", say("simulator.caused.term"), classes="quiet small")
        self._texts["price.problem"] = ui.label().classes("problem").props("role=alert")
        with element("div", classes="figures"):
            for name in ("cost", "revenue", "profit"):
                self._figure(name, say(f"simulator.{name}"), below=f"{name}.range")

    def _reprice(self, attribute: str, event: ValueChangeEventArguments[Any]) -> None:
        setattr(self.trial.prices, attribute, event.value)
        self.refresh()
        self._refresh_money()

    def _curve(self) -> None:
        say = self.visit.say
        self._profit_chart = ui.echart({}).classes("chart")
        self._profit_chart.props["role"] = "img"
        self._profit_chart.props["aria-label"] = say("simulator.curve.chart")
        self._texts["best"] = ui.label().props("role=status")
        self._texts["best.flat"] = ui.label().classes("quiet small")
        self._use_best = ui.button(say("simulator.best.use")).props("flat")
        self._use_best.on_click(lambda: self._select(self._best, 100.0))

    def _refresh_money(self) -> None:
        try:
            curve = self.trial.profits()
        except ValueError:
            return
        say = self.visit.say
        self._best = 0.0
        best = curve is not None and curve.best_threshold is not None
        self._use_best.set_visibility(best)
        self._profit_chart.set_visibility(curve is not None)
        if curve is None:
            self._tell("best", say("simulator.money.missing"))
            self._tell("best.flat", "")
            return
        options = profits(curve, say("simulator.threshold"), say("simulator.profit"))
        self._profit_chart.options.clear()
        self._profit_chart.options.update(options)
        self._profit_chart.update()
        if curve.best_threshold is None or curve.flat_from is None or curve.flat_to is None:
            self._tell("best", say("simulator.best.none"))
            self._tell("best.flat", "")
            return
        self._best = curve.best_threshold
        told = {
            "threshold": decimal(curve.best_threshold, 2),
            "reached": whole(curve.best_reached),
            "profit": money(curve.best_profit),
        }
        self._tell("best", say("simulator.best", **told))
        flat = {"low": decimal(curve.flat_from, 2), "high": decimal(curve.flat_to, 2)}
        self._tell("best.flat", say("simulator.best.flat", **flat))

    def _tell_money(self, answer: Simulation) -> None:
        outcome = answer.money
        self._tell("cost", money(outcome.cost) if outcome else "–")
        self._tell("revenue", money(outcome.revenue) if outcome else "–")
        self._tell("profit", money(outcome.profit.value) if outcome else "–")
        profit = outcome.profit if outcome else None
        self._tell(
            "profit.range", self._between(money(profit.low), money(profit.high)) if profit else ""
        )

    def _scenarios(self) -> None:
        say = self.visit.say

        @ui.refreshable
        def kept() -> None:
            if not self.trial.kept:
                element("p", say("simulator.scenarios.empty"), classes="quiet")
                return
            names = ("scores", "reach", "green.short", "red.short", "precision", "profit", "drop")
            columns = [say(f"simulator.{name}") for name in names]
            with table(columns, say("simulator.scenarios")):
                for scenario in self.trial.kept:
                    self._scenario(scenario, columns, drop)

        def keep() -> None:
            answer = self._answer()
            if answer is not None:
                self.trial.kept.append(answer)
                kept.refresh()

        def drop(scenario: Simulation) -> None:
            self.trial.kept.remove(scenario)
            kept.refresh()

        kept()
        with element("div", classes="actions"):
            ui.button(say("simulator.keep"), on_click=keep).props("outline")

    def _scenario(self, answer: Simulation, columns: list[str], drop: Any) -> None:
        share, outcome = answer.true_positive_share, answer.money
        texts = (
            f"{decimal(answer.min_score or 0, 2)}–{decimal(answer.max_score or 0, 2)}",
            whole(answer.reached),
            percent(share.value if share else None),
            percent(answer.false_positive_share),
            percent(answer.precision),
            money(outcome.profit.value) if outcome else "–",
        )
        with element("tr"):
            for column, text in zip(columns, texts, strict=False):
                with cell(column):
                    element("span", text)
            with cell(columns[-1]):
                remove = ui.button(icon="close", on_click=lambda: drop(answer)).props("flat dense")
                remove.props["aria-label"] = columns[-1]

    def _range(self, low: float, high: float) -> str:
        return self.visit.say("simulator.range", low=decimal(low, 2), high=decimal(high, 2))

    def _between(self, low: str, high: str) -> str:
        return self.visit.say("common.range", low=low, high=high)

    def _tell(self, key: str, text: str) -> None:
        self._texts[key].set_text(text)
