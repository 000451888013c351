"""Selections side by side, at the same prices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import ui

from api.dashboard.numbers import decimal, money, percent, whole
from api.dashboard.parts import card, element, term
from api.dashboard.simulator.trial import Choice, Trial
from api.dashboard.visit import Visit
from evaluation.intervals import Estimate
from evaluation.simulation import Simulation

#: What people ask first: those of high scores alone, or everybody above the average.
_USUAL = (Choice(low=75.0), Choice(low=50.0))


class Scenarios:
    """Selections that were kept, a column each.

    Parameters
    ----------
    visit, kind, trial
        As of the simulator.
    take
        Makes a kept selection the present one.
    """

    def __init__(
        self, visit: Visit, kind: str, trial: Trial, take: Callable[[Choice], None]
    ) -> None:
        self._visit, self._kind, self._trial, self._take = visit, kind, trial, take

    def build(self) -> None:
        """Make the table, and what fills it."""
        say = self._visit.say
        with card(say("simulator.scenarios")):
            self.show()
            with element("div", classes="actions"):
                ui.button(say("simulator.keep"), on_click=self._keep).props("outline")
                ui.button(say("simulator.usual"), on_click=self._compare_usual).props("flat")

    @ui.refreshable_method
    def show(self) -> None:
        """Answer every kept selection at the prices as they are."""
        say, trial = self._visit.say, self._trial
        if not trial.kept:
            element("p", say("simulator.scenarios.empty"), classes="quiet")
            return
        try:
            answers = [trial.answer(choice) for choice in trial.kept]
        except ValueError:
            return
        with (
            element("div", classes="scroll", tabindex="0", role="region",
                    aria_label=say("simulator.scenarios")),
            element("table", classes="list compared", aria_label=say("simulator.scenarios")),
        ):  # fmt: skip
            self._head()
            with element("tbody"):
                for key, meaning in self._measures():
                    with element("tr"):
                        with element("th", scope="row"):
                            term(say(key), say(meaning)) if meaning else element("span", say(key))
                        for answer in answers:
                            with element("td"):
                                self._cell(key, answer)

    def _measures(self) -> list[tuple[str, str]]:
        measures = [
            ("simulator.reach", ""),
            (f"simulator.hits.{self._kind}", "simulator.hits.term"),
            ("simulator.green.short", "simulator.green.term"),
            ("simulator.red.short", "simulator.red.term"),
            ("simulator.precision", "simulator.precision.term"),
        ]
        if self._trial.prices.are_given:
            measures.append(("simulator.cost", "simulator.cost.term"))
        if self._trial.prices.have_value:
            measures.append(("simulator.profit", "simulator.profit.term"))
        return measures

    def _head(self) -> None:
        say = self._visit.say
        with element("thead"), element("tr"):
            element("td", " ")
            for choice in self._trial.kept:
                name = self.name(choice)
                with element("th", scope="col"):
                    element("div", name)
                    use = ui.button(say("simulator.use"), on_click=partial(self._take, choice))
                    use.props("flat dense").props["aria-label"] = f"{say('simulator.use')}: {name}"
                    drop = ui.button(icon="close", on_click=partial(self._drop, choice))
                    drop.props("flat dense").props["aria-label"] = (
                        f"{say('simulator.drop')}: {name}"
                    )

    def name(self, choice: Choice) -> str:
        """A selection in words."""
        low, high = decimal(choice.low, 2), decimal(choice.high, 2)
        words = self._visit.say("simulator.range", low=low, high=high)
        if choice.limit != "none" and choice.at_most is not None:
            at_most = decimal(choice.at_most, 2)
            words += ", " + self._visit.say(f"simulator.limit.{choice.limit}.short", limit=at_most)
        return words

    def _cell(self, key: str, answer: Simulation) -> None:
        text, low, high = _MEASURED.get(key, _hits)(answer)
        element("div", text)
        if low:
            between = self._visit.say("common.range", low=low, high=high)
            element("div", between, classes="range")

    def _keep(self) -> None:
        self._add(self._trial.choice)

    def _compare_usual(self) -> None:
        self._add(*_USUAL)

    def _add(self, *choices: Choice) -> None:
        self._trial.kept += [choice for choice in choices if choice not in self._trial.kept]
        self.show.refresh()

    def _drop(self, choice: Choice) -> None:
        self._trial.kept.remove(choice)
        self.show.refresh()


#: A number and the bounds of its interval, empty where there are none.
Figure = tuple[str, str, str]


def _hits(answer: Simulation) -> Figure:
    hits = answer.expected_true_positives
    return whole(hits.value), whole(hits.low), whole(hits.high)


def _reach(answer: Simulation) -> Figure:
    return whole(answer.reached), "", ""


def _found(answer: Simulation) -> Figure:
    return _of_share(answer.true_positive_share)


def _for_nothing(answer: Simulation) -> Figure:
    return _of_share(answer.false_positive_share)


def _precision(answer: Simulation) -> Figure:
    return _of_share(answer.precision)


def _of_share(share: Estimate | None) -> Figure:
    return (percent(share.value), percent(share.low), percent(share.high)) if share else _NOTHING


def _cost(answer: Simulation) -> Figure:
    return (money(answer.money.cost), "", "") if answer.money else _NOTHING


def _profit(answer: Simulation) -> Figure:
    if answer.money is None:
        return _NOTHING
    profit = answer.money.profit
    return money(profit.value), money(profit.low), money(profit.high)


_NOTHING = ("–", "", "")
_MEASURED: dict[str, Callable[[Simulation], Figure]] = {
    "simulator.reach": _reach,
    "simulator.green.short": _found,
    "simulator.red.short": _for_nothing,
    "simulator.precision": _precision,
    "simulator.cost": _cost,
    "simulator.profit": _profit,
}
