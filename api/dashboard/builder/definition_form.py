"""The form of a whole definition, with what history holds for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.element import Element

from api.dashboard.builder.conditions import ConditionForms
from api.dashboard.builder.counting import Counted, Share
from api.dashboard.builder.document_form import DocumentForm
from api.dashboard.builder.drafts import DefinitionDraft, GroupDraft
from api.dashboard.builder.estimates import EstimatePanel
from api.dashboard.builder.schedule import ScheduleForm
from api.dashboard.parts import card, element, term
from api.dashboard.visit import Visit
from predictive.definitions import Definition
from predictive.jobs.estimate import estimate_definition
from predictive.suggestions import Suggestions

_KINDS = ("churn", "purchase", "event")


class DefinitionForm(DocumentForm[DefinitionDraft, Definition]):
    """Fields of a definition, beside what history holds for it.

    Parameters
    ----------
    visit
        Who writes.
    known
        What conditions can speak of.
    draft
        What the fields begin with.
    name_is_fixed
        Whether the definition exists already.
    """

    def __init__(
        self, visit: Visit, known: Suggestions, draft: DefinitionDraft, *, name_is_fixed: bool
    ) -> None:
        super().__init__(visit, draft, Definition.from_mapping, name_is_fixed=name_is_fixed)
        self.known, self._named = known, name_is_fixed

    def _parts(self) -> None:
        self._question()
        self._target_card = element("div")
        self._target()
        self._audience()
        self._schedule()
        self._more()

    def _panel(self) -> None:
        with card(self.visit.say("builder.counts")):
            self._estimate = EstimatePanel(self.visit)

    def _counted(self, document: Definition, share: Share) -> Mapping[str, Any]:
        return estimate_definition(self.visit.workspace, document, progress=share)

    def _show(self, counted: Counted) -> None:
        self._estimate.show(counted)

    def _wait(self, share: float) -> None:
        self._estimate.waiting(share)

    def _incomplete(self) -> None:
        self._estimate.incomplete()

    def _question(self) -> None:
        say = self.visit.say
        with card(say("builder.question")):
            with element("div", classes="kinds", role="radiogroup"):
                for kind in _KINDS:
                    self._kind(kind)
            self._name = self._name_field(say("builder.name.hint"), self._rename)

    def _kind(self, kind: str) -> None:
        with element("label"):
            radio = element("input", type="radio", name="kind", value=kind)
            radio.props["checked"] = self.draft.kind == kind
            element("strong", self.visit.say(f"kind.{kind}"))
            element("div", self.visit.say(f"builder.kind.{kind}"), classes="quiet small")
        radio.on("change", lambda: self._become(kind))

    def _become(self, kind: str) -> None:
        events = sorted(self.known.vocabulary.events)
        if not self._fixed and events:
            before = DefinitionDraft.suggested(self.draft.kind, events)
            after = DefinitionDraft.suggested(kind, events)
            untouched = self.draft.target.document("", {}) == before.target.document("", {})
            if untouched and self.draft.within_days == before.within_days:
                self.draft.target, self.draft.within_days = after.target, after.within_days
        self.draft.kind = kind
        self._suggest_name()
        self._target()
        self.changed()

    def _rename(self, name: str) -> None:
        self.draft.name, self._named = name, True

    def _suggest_name(self) -> None:
        days = self.draft.within_days
        if not self._named and isinstance(days, int):
            suggested = f"{self.draft.kind}-{days}d"
            self._name.set_value(suggested)
            self.draft.name, self._named = suggested, False

    def _target(self) -> None:
        say = self.visit.say
        self._target_card.clear()
        with self._target_card, card():
            with element("h2"):
                term(say("builder.target"), say("builder.target.term"))
            element("p", say(f"builder.target.{self.draft.kind}"), classes="quiet small")
            with element("div", classes="fields"):
                days = self._fields.number(say("builder.days"), self.draft.within_days, self._days)
            self._fields.stands_for(days, self.draft, "within_days")
            self._target_days = days
            forms = ConditionForms(self._fields, self.known, "target")
            forms.group(self.draft.target)

    def _days(self, days: float | None) -> None:
        self.draft.within_days = days
        self._suggest_name()

    def _audience(self) -> None:
        say = self.visit.say
        with card():
            with element("h2"):
                term(say("builder.audience"), say("builder.audience.term"))
            asked = {False: say("builder.everybody"), True: say("builder.only")}
            box: Element

            def narrow(only: bool) -> None:
                self.draft.audience = GroupDraft() if only else None
                show()

            def show() -> None:
                box.clear()
                if self.draft.audience is not None:
                    with box:
                        forms = ConditionForms(self._fields, self.known, "audience")
                        forms.group(self.draft.audience)

            self._fields.choice(
                say("builder.audience.who"), asked, self.draft.audience is not None, narrow
            ).classes("joined")
            box = element("div")
            show()

    def _schedule(self) -> None:
        say = self.visit.say
        with card(say("builder.schedule")):
            element("p", say("builder.schedule.about"), classes="quiet small")
            form = ScheduleForm(
                self._fields, self.draft.schedule, partial(setattr, self.draft, "schedule")
            )
            self._fields.stands_for(form.build(), self.draft, "schedule")

    def _more(self) -> None:
        say, draft, fields = self.visit.say, self.draft, self._fields
        with ui.expansion(say("builder.more")).classes("card more"):
            with element("div", classes="fields"):
                holdout = fields.number(
                    say("builder.holdout"), draft.holdout_percent,
                    partial(setattr, draft, "holdout_percent"),
                )  # fmt: skip
                fields.stands_for(holdout, draft, "holdout_share")
                every = fields.number(
                    say("builder.every_days"), draft.every_days,
                    partial(setattr, draft, "every_days"),
                )  # fmt: skip
                fields.stands_for(every, draft, "retraining")
                ways = {each: say(f"builder.promotion.{each}") for each in ("automatic", "manual")}
                fields.choice(
                    say("builder.promotion"), ways, draft.promotion,
                    partial(setattr, draft, "promotion"),
                )  # fmt: skip
                medium = fields.number(
                    say("builder.medium"), draft.medium, partial(setattr, draft, "medium")
                )
                fields.number(say("builder.high"), draft.high, partial(setattr, draft, "high"))
                fields.stands_for(medium, draft, "categories")
            vocabulary = self.known.vocabulary
            names = sorted({*vocabulary.events, *vocabulary.properties, *vocabulary.attributes})
            excluded = fields.several(
                say("builder.exclude"), names, draft.exclude_features,
                partial(setattr, draft, "exclude_features"),
            )  # fmt: skip
            fields.stands_for(excluded, draft, "exclude_features")
            element("p", say("builder.exclude.about"), classes="quiet small")
