"""The form of a segment, with how many people it would have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.dashboard.builder.conditions import ConditionForms
from api.dashboard.builder.counting import Counted, Share
from api.dashboard.builder.document_form import DocumentForm
from api.dashboard.builder.drafts import GroupDraft
from api.dashboard.numbers import moment, whole
from api.dashboard.parts import card, element, term
from api.dashboard.visit import Visit
from predictive.errors import PredictiveError
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


class SegmentForm(DocumentForm[SegmentDraft, SegmentDefinition]):
    """Fields of a segment, beside how many people it would have.

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
        super().__init__(visit, draft, SegmentDefinition.from_mapping, name_is_fixed=name_is_fixed)
        self._forms = ConditionForms(self._fields, known, "segment", predictions)

    def _parts(self) -> None:
        self._about()
        with card(self.visit.say("segment.who")):
            self._forms.group(self.draft.condition)

    def _about(self) -> None:
        say, draft, fields = self.visit.say, self.draft, self._fields
        with card():
            self._name_field(say("segment.name.hint"), self._put("name"))
            about = fields.text(
                say("segment.description"), draft.description, self._put("description")
            )
            fields.stands_for(about, draft, "description")

    def _put(self, attribute: str) -> Callable[[str], None]:
        return lambda value: setattr(self.draft, attribute, value)

    def _panel(self) -> None:
        say = self.visit.say
        with card():
            with element("h2"):
                term(say("segment.count"), say("segment.count.term"))
            with element("div", classes="figure", role="status"):
                self._number = element("div", "–", classes="value")
                self._words = element("div", " ", classes="range")

    def _counted(self, document: SegmentDefinition, share: Share) -> Mapping[str, Any]:  # noqa: ARG002  (one stage)
        return service.count(self.visit.workspace, document)

    def _show(self, counted: Counted) -> None:
        if isinstance(counted, PredictiveError):
            self._put_count("–", self.visit.reason(counted))
        else:
            told = "segment.as_of" if counted["users"] else "segment.none"
            as_of = self.visit.say(told, moment=moment(counted["as_of"]))
            self._put_count(whole(counted["users"]), as_of)

    def _wait(self, share: float) -> None:  # noqa: ARG002  (one stage)
        self._words.set_text(self.visit.say("common.loading"))  # type: ignore[attr-defined]

    def _incomplete(self) -> None:
        self._put_count("–", self.visit.say("builder.incomplete"))

    def _put_count(self, number: str, words: str) -> None:
        self._number.set_text(number)  # type: ignore[attr-defined]
        self._words.set_text(words)  # type: ignore[attr-defined]
