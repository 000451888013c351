"""What the forms of definitions and of segments have in common.

Every change is validated, written as YAML, and counted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from nicegui import ui

from api.dashboard.builder.counting import Counted, LiveCount, Share
from api.dashboard.builder.fields import Fields
from api.dashboard.parts import card, copy_button, element
from api.dashboard.visit import Visit
from predictive.conditions.document import write_document
from predictive.errors import InvalidInput, PredictiveError

_MAX_NAME = 63


class Draft(Protocol):
    """A document while it is being written."""

    name: str

    def document(self, paths: dict[str, Any]) -> dict[str, Any]:
        """As the grammar reads it; ``paths`` learns where each part stands."""


class Document(Protocol):
    """A document that is right."""

    def to_yaml(self) -> str:
        """As text."""


DraftT = TypeVar("DraftT", bound=Draft)
DocumentT = TypeVar("DocumentT", bound=Document)


class DocumentForm(ABC, Generic[DraftT, DocumentT]):
    """Fields of a document, beside what it would count and the YAML it makes.

    Parameters
    ----------
    visit
        Who writes.
    draft
        What the fields begin with.
    read
        Makes the document of what the fields hold; raises InvalidInput where that is wrong.
    name_is_fixed
        Whether the document exists already.
    """

    def __init__(
        self,
        visit: Visit,
        draft: DraftT,
        read: Callable[[Mapping[str, Any]], DocumentT],
        *,
        name_is_fixed: bool,
    ) -> None:
        self.visit, self.draft, self._read, self._fixed = visit, draft, read, name_is_fixed
        self._fields = Fields(visit, self.changed)
        self._paths: dict[str, Any] = {}

    @abstractmethod
    def _parts(self) -> None:
        """Make the fields."""

    @abstractmethod
    def _panel(self) -> None:
        """Make the card in which counts stand."""

    @abstractmethod
    def _counted(self, document: DocumentT, share: Share) -> Mapping[str, Any]:
        """Count, in a thread."""

    @abstractmethod
    def _show(self, counted: Counted) -> None:
        """Show what was counted, or why nothing could be."""

    @abstractmethod
    def _wait(self, share: float) -> None:
        """Show how far the count is."""

    @abstractmethod
    def _incomplete(self) -> None:
        """Show that there is nothing to count yet."""

    def build(self, actions: Callable[[], None]) -> None:
        """Make the page; ``actions`` makes what stands below the fields."""
        with element("div", classes="builder"):
            with element("div"):
                self._parts()
                actions()
            with element("div", classes="aside"):
                self._panel()
                with card():
                    with element("div", classes="head"):
                        element("h2", "YAML")
                        copy_button(self.visit, lambda: self._text)
                    self._yaml = element("pre", " ", classes="yaml", tabindex="0")
                    self._yaml.props["aria-label"] = "YAML"
        self._live = LiveCount(self._count, self._show, self._wait)
        self.changed()

    def changed(self) -> None:
        """Validate, write and count what the fields hold now."""
        made = self._made(tell_missing=False)
        self._text = made.to_yaml() if made else write_document(self._document())
        self._yaml.set_text(self._text)  # type: ignore[attr-defined]
        if made is None:
            self._live.stop()
            self._incomplete()
        else:
            self._live.ask(made)

    def finished(self) -> DocumentT | None:
        """The document, or None after saying at a field what is wrong."""
        return self._made(tell_missing=True)

    def tell(self, problem: InvalidInput) -> None:
        """Say at its field what is wrong."""
        if not self._fields.tell(problem, self._paths):
            ui.notify(self.visit.reason(problem), type="negative", multi_line=True)

    def _name_field(self, hint: str, put: Callable[[str], None]) -> ui.input:
        name = self._fields.text(self.visit.say("builder.name"), self.draft.name, put)
        name.props["maxlength"] = _MAX_NAME
        name.props["hint"] = hint
        self._fields.stands_for(name, self.draft, "name")
        if self._fixed:
            name.props("readonly")
        return name

    def _document(self) -> dict[str, Any]:
        self._paths = {"": self.draft}
        return self.draft.document(self._paths)

    def _made(self, *, tell_missing: bool) -> DocumentT | None:
        self._fields.forget()
        try:
            return self._read(self._document())
        except InvalidInput as problem:
            # Nobody is told of what they have not come to yet.
            if tell_missing or not Fields.is_missing(problem):
                self.tell(problem)
            return None

    async def _count(self, document: DocumentT, share: Share) -> Counted:
        try:
            return await self.visit.call(self._counted, document, share)
        except PredictiveError as problem:
            return problem
