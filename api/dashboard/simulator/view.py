"""The simulator: distribution, two-handled slider, reach, hits and misses, money, scenarios."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from api.dashboard.charts import bars, distribution
from api.dashboard.numbers import decimal, whole
from api.dashboard.parts import card, element, term
from api.dashboard.simulator.handles import Handles
from api.dashboard.simulator.money import MoneyPanel
from api.dashboard.simulator.outcome import Outcome
from api.dashboard.simulator.scenarios import Scenarios
from api.dashboard.simulator.trial import Choice, Trial
from api.dashboard.visit import Visit
from evaluation.simulation import Simulation

_BUCKETS = 20
#: Scores of the average customer, and of one who is certain.
_AVERAGE, _CERTAIN = 50.0, 100.0
_LIMITS = ("none", "messages", "budget")


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
    segments
        Names of the segments that it can be restricted to.
    restrict
        Puts the scores of a segment into the trial, or those of everybody.
    """

    def __init__(
        self,
        visit: Visit,
        kind: str,
        trial: Trial,
        segments: Sequence[str],
        restrict: Callable[[str | None], Awaitable[bool]],
    ) -> None:
        self.visit, self.kind, self.trial = visit, kind, trial
        self._segments, self._restrict = list(segments), restrict
        self._outcome = Outcome(visit, kind)
        self._money = MoneyPanel(visit, kind, trial, self._reprice, self._take_threshold)
        self._scenarios = Scenarios(visit, kind, trial, self._take)

    def build(self) -> None:
        """Make the page and fill it."""
        with element("div", classes="split"):
            with card():
                with element("h2"):
                    say = self.visit.say
                    term(say("simulator.distribution"), say("simulator.distribution.term"))
                self._selection()
            with card(self.visit.say("simulator.outcome")):
                self._outcome.build()
        self._money.build()
        self._scenarios.build()
        self.refresh()
        self._money.show_curve()

    def refresh(self) -> None:
        """Show the answer to the selection as it is now."""
        answer = self._answer()
        if answer is None:
            return
        low = self._reached_down_to(answer)
        self._tell_range(answer, low)
        self._outcome.show(answer, of_segment=self.trial.segment is not None)
        self._money.show(answer)
        series = self._chart.options["series"][0]
        shown = (101.0, 100.0) if low is None else (low, self.trial.choice.high)
        series["data"] = bars(self.trial.histogram.buckets(_BUCKETS), *shown)
        self._chart.update()

    def selected(self) -> tuple[float, float]:
        """Lowest and highest score of those who are reached."""
        answer = self._answer()
        low = None if answer is None else self._reached_down_to(answer)
        return (self.trial.choice.low if low is None else low), self.trial.choice.high

    def _answer(self) -> Simulation | None:
        try:
            return self.trial.answer()
        except ValueError:
            self._money.complain(self.visit.say("simulator.wrong"))
            return None

    def _reached_down_to(self, answer: Simulation) -> float | None:
        """None where nobody is reached; else where a limit ran out, or what was asked for."""
        return float(answer.min_score) if answer.reached and answer.min_score is not None else None

    def _tell_range(self, answer: Simulation, low: float | None) -> None:
        say, hits = self.visit.say, answer.expected_true_positives
        if low is None:
            text = self._nobody(answer)
        else:
            high = decimal(self.trial.choice.high, 2)
            text = say("simulator.range", low=decimal(low, 2), high=high)
        self._range.set_text(text)
        spoken = say("simulator.spoken", reached=whole(answer.reached), hits=whole(hits.value))
        self._spoken.set_text(spoken)

    def _nobody(self, answer: Simulation) -> str:
        """Why nobody is reached, and what to do."""
        say, low, highest = self.visit.say, self.trial.choice.low, answer.highest_score
        if answer.nobody_because == "limit":
            return say("simulator.nobody.limit")
        if answer.lowest_score is None or highest is None:
            return say("simulator.nobody.unscored")
        if low <= highest:
            told = {"low": decimal(answer.lowest_score, 2), "high": decimal(highest, 2)}
            return say("simulator.nobody.range", **told)
        told = {"low": decimal(low, 2), "highest": decimal(highest, 2)}
        if not _AVERAGE < low < _CERTAIN:
            return say("simulator.nobody.above", **told)
        return say("simulator.nobody.odds", odds=decimal(low / (_CERTAIN - low)), **told)

    def _selection(self) -> None:
        say, trial = self.visit.say, self.trial
        if self._segments:
            among = {"": say("simulator.everybody")} | {name: name for name in self._segments}
            ui.select(among, label=say("simulator.among"), value="", on_change=self._among)
        options = distribution(
            trial.histogram, trial.choice.low, trial.choice.high, say("simulator.scores"),
            say("simulator.customers"),
        )  # fmt: skip
        self._chart = ui.echart(options).classes("chart")
        self._chart.props["role"] = "img"
        self._chart.props["aria-label"] = say("simulator.distribution.chart")
        labels = say("simulator.lowest"), say("simulator.highest")
        self._handles = Handles(labels, (trial.choice.low, trial.choice.high), self._slide)
        with element("p", role="status"):
            self._range = ui.label().classes("strong")
            self._spoken = ui.label().classes("hidden-text")
        self._fields()

    def _fields(self) -> None:
        say, choice = self.visit.say, self.trial.choice
        with element("div", classes="fields tight"):
            self._low = ui.number(
                say("simulator.lowest"), value=choice.low, min=0, max=100, on_change=self._type
            )
            self._high = ui.number(
                say("simulator.highest"), value=choice.high, min=0, max=100, on_change=self._type
            )
            limits = {each: say(f"simulator.limit.{each}") for each in _LIMITS}
            self._limit = ui.select(
                limits, label=say("simulator.limit"), value="none", on_change=self._type
            )
            self._at_most = ui.number(say("simulator.at_most"), min=0, on_change=self._type)
            self._at_most.set_visibility(False)

    def _slide(self, low: float, high: float) -> None:
        self._take(replace(self.trial.choice, low=low, high=high))

    def _type(self) -> None:
        low, high, limit = self._low.value, self._high.value, self._limit.value
        if low is None or high is None or not 0 <= low <= high <= 100:
            return
        self._at_most.set_visibility(limit != "none")
        at_most = self._at_most.value if limit != "none" else None
        self._take(Choice(float(low), float(high), limit, at_most))

    def _take_threshold(self, threshold: float) -> None:
        self._take(Choice(low=threshold))

    def _take(self, choice: Choice) -> None:
        """Make a selection the present one, and let every field show it."""
        if choice == self.trial.choice:
            return
        self.trial.choice = choice
        self._low.set_value(choice.low)
        self._high.set_value(choice.high)
        self._limit.set_value(choice.limit)
        self._at_most.set_value(choice.at_most)
        self._handles.set(choice.low, choice.high)
        self.refresh()

    async def _among(self, event: ValueChangeEventArguments[Any]) -> None:
        if await self._restrict(event.value or None):
            self._reprice()

    def _reprice(self) -> None:
        """Everything that depends on prices, or on whose scores they are."""
        self.refresh()
        self._money.show_curve()
        self._scenarios.show.refresh()
