"""The form of a segment, with how many people it would have and the YAML it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.dashboard.builder.conditions import ConditionForms
from api.dashboard.builder.counting import LiveCount, Share
from api.dashboard.builder.drafts import GroupDraft
from api.dashboard.builder.fields import Fields
from api.dashboard.numbers import moment, whole
from api.dashboard.parts import card, copy_button, element, term
from api.dashboard.visit import Visit
from predictive.conditions.document import write_document
from predictive.errors import InvalidInput, PredictiveError
from predictive.segments import service
from predictive.segments.definition import SegmentDefinition
from predictive.suggestions import Suggestions


@dataclass
class SegmentDraft:
    """A segment while it is being written."""

    name: str = ""
    description: str = ""
    condition: GroupDraft = field(default_factory=GroupDraft)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> SegmentDraft:
        """Of a segment that was saved."""
        condition = {key: document[key] for key in ("all", "any", "not") if key in document}
        description = document.get("description") or ""
        return cls(document["name"], description, GroupDraft.read(condition))

    def document(self, paths: dict[str, Any]) -> dict[str, Any]:
        """As a segment reads it; ``paths`` learns where each condition stands."""
        about = {"name": self.name, "description": self.description}
        told = {key: value for key, value in about.items() if value}
        inner: dict[str, Any] = {}
        condition = self.condition.document("", inner)
        paths |= {path.removeprefix("."): draft for path, draft in inner.items() if path}
        paths |= dict.fromkeys(condition, self.condition)
        return told | condition


class SegmentForm:
    """Fields of a segment; every change is validated, written as YAML, and counted.

    Parameters
    ----------
    visit
        Who writes.
    known
        What conditions can speak of.
    predictions
        Those that offer their scores.
    draft
        What the fields begin with.
    name_is_fixed
        Whether the segment exists already.
    """

    def __init__(
        self,
        visit: Visit,
        known: Suggestions,
        predictions: Sequence[str],
        draft: SegmentDraft,
        *,
        name_is_fixed: bool,
    ) -> None:
        self.visit, self.draft, self._fixed = visit, draft, name_is_fixed
        self._fields = Fields(visit, self.changed)
        self._forms = ConditionForms(self._fields, known, "segment", predictions)
        self._paths: dict[str, Any] = {}

    def build(self, actions: Callable[[], None]) -> None:
        """Make the page; ``actions`` makes what stands below the fields."""
        say = self.visit.say
        with element("div", classes="builder"):
            with element("div"):
                self._about()
                with card(say("segment.who")):
                    self._forms.group(self.draft.condition)
                actions()
            with element("div", classes="aside"):
                with card():
                    self._counted()
                with card():
                    with element("div", classes="head"):
                        element("h2", "YAML")
                        copy_button(self.visit, lambda: self._text)
                    self._yaml = element("pre", " ", classes="yaml", tabindex="0")
                    self._yaml.props["aria-label"] = "YAML"
        self._live = LiveCount(self._count, self._tell_count, lambda _: self._wait())
        self.changed()

    def changed(self) -> None:
        """Validate, write and count what the fields hold now."""
        definition = self._definition(tell_missing=False)
        self._text = definition.to_yaml() if definition else write_document(self._document())
        self._yaml.set_text(self._text)  # type: ignore[attr-defined]
        if definition is None:
            self._live.stop()
            self._show("–", self.visit.say("builder.incomplete"))
        else:
            self._live.ask(definition)

    def finished(self) -> SegmentDefinition | None:
        """The segment, or None after saying at a field what is wrong."""
        return self._definition(tell_missing=True)

    def tell(self, problem: InvalidInput) -> bool:
        """Say at its field what is wrong; False where no field is the wrong one."""
        return self._fields.tell(problem, self._paths)

    def _about(self) -> None:
        say, draft, fields = self.visit.say, self.draft, self._fields
        with card():
            name = fields.text(say("builder.name"), draft.name, self._put("name"))
            name.props["maxlength"] = 63
            name.props["hint"] = say("segment.name.hint")
            fields.stands_for(name, draft, "name")
            if self._fixed:
                name.props("readonly")
            about = fields.text(
                say("segment.description"), draft.description, self._put("description")
            )
            fields.stands_for(about, draft, "description")

    def _put(self, attribute: str) -> Callable[[str], None]:
        return lambda value: setattr(self.draft, attribute, value)

    def _counted(self) -> None:
        say = self.visit.say
        with element("h2"):
            term(say("segment.count"), say("segment.count.term"))
        with element("div", classes="figure", role="status"):
            self._number = element("div", "–", classes="value")
            self._words = element("div", " ", classes="range")

    def _show(self, number: str, words: str) -> None:
        self._number.set_text(number)  # type: ignore[attr-defined]
        self._words.set_text(words)  # type: ignore[attr-defined]

    def _wait(self) -> None:
        self._words.set_text(self.visit.say("common.loading"))  # type: ignore[attr-defined]

    def _tell_count(self, counted: Mapping[str, Any] | PredictiveError) -> None:
        if isinstance(counted, PredictiveError):
            self._show("–", str(counted))
        else:
            as_of = self.visit.say("segment.as_of", moment=moment(counted["as_of"]))
            self._show(whole(counted["users"]), as_of)

    async def _count(
        self, definition: SegmentDefinition, _: Share
    ) -> Mapping[str, Any] | PredictiveError:
        try:
            return await self.visit.call(service.count, self.visit.workspace, definition)
        except PredictiveError as problem:
            return problem

    def _document(self) -> dict[str, Any]:
        self._paths = {"": self.draft}
        return self.draft.document(self._paths)

    def _definition(self, *, tell_missing: bool) -> SegmentDefinition | None:
        self._fields.forget()
        try:
            return SegmentDefinition.from_mapping(self._document())
        except InvalidInput as problem:
            if tell_missing or not Fields.is_missing(problem):
                self.tell(problem)
            return None
