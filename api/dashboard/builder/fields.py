"""The fields of the forms: each knows which value of which draft it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.validation_element import ValidationElement

from api.dashboard.parts import element
from api.dashboard.visit import Visit
from predictive.errors import InvalidInput
from predictive.wording.sentence import sentence

#: Keys whose allowed values the catalogue tells in both languages.
_TOLD = frozenset(
    {
        "name",
        "within_days",
        "at_least",
        "at_most",
        "exactly",
        "schedule",
        "holdout_share",
        "every_days",
        "categories",
        "of",
    }
)

#: How the grammar asks for a comparison whose value is not there yet.
_NO_OPERATOR = "exactly one of"


class Fields:
    """All fields of a form, by the draft and the key they stand for.

    Parameters
    ----------
    visit
        In whose language.
    changed
        Called after every change.
    """

    def __init__(self, visit: Visit, changed: Callable[[], None]) -> None:
        self.visit, self.changed = visit, changed
        self._fields: dict[tuple[int, str], ValidationElement[Any]] = {}
        self._said: dict[int, Element] = {}
        self._wrong: list[ValidationElement[Any] | Element] = []

    def number(self, label: str, value: float | None, put: Callable[[Any], None]) -> ui.number:
        """A number, or nothing."""

        def put_number(given: float | None) -> None:
            whole = isinstance(given, float) and given.is_integer()
            put(int(given) if whole and given is not None else given)

        return ui.number(label, value=value, on_change=self._putting(put_number))

    def text(self, label: str, value: str | None, put: Callable[[Any], None]) -> ui.input:
        """One line of text."""
        return ui.input(label, value=value or "", on_change=self._putting(put))

    def choice(
        self,
        label: str,
        options: Mapping[Any, str] | Sequence[str],
        value: Any,
        put: Callable[[Any], None],
        *,
        search: bool = False,
    ) -> ui.select:
        """One of several; long lists can be searched by typing."""
        offered = (
            dict(options) if isinstance(options, Mapping) else {each: each for each in options}
        )
        if value is not None and value not in offered:
            offered[value] = str(value)
        return ui.select(
            offered, label=label, value=value, with_input=search, on_change=self._putting(put)
        )

    def several(
        self, label: str, options: Sequence[Any], value: Sequence[Any], put: Callable[[Any], None]
    ) -> ui.select:
        """Several values, of those offered or others."""
        offered = list(dict.fromkeys([*options, *value]))
        return ui.select(
            offered,
            label=label,
            value=list(value),
            multiple=True,
            with_input=True,
            new_value_mode="add-unique",
            clearable=True,
            on_change=self._putting(put),
        ).props("use-chips")

    def stands_for(self, made: ValidationElement[Any], draft: object, *keys: str) -> None:
        """Remember where a problem with these keys of a draft is to be told."""
        for key in keys:
            self._fields[id(draft), key] = made

    def line_for(self, draft: object) -> None:
        """A line for problems with a draft as a whole."""
        said = element("p", " ", classes="problem small", role="alert")
        said.set_visibility(False)
        self._said[id(draft)] = said

    def forget(self) -> None:
        """No field is wrong any more."""
        for field in self._wrong:
            if field.is_deleted:
                continue
            if isinstance(field, ValidationElement):
                field.error = None
            else:
                field.set_visibility(False)
        self._wrong.clear()

    def tell(self, problem: InvalidInput, paths: Mapping[str, Any]) -> bool:
        """Say at the field what is allowed there; False where no field is the wrong one."""
        path, rest = _longest(problem.field, paths)
        draft = paths.get(path)
        key = rest.split(".")[0] if rest else ""
        field = self._fields.get((id(draft), key)) or self._fields.get((id(draft), ""))
        if field is not None and not field.is_deleted:
            field.error = self.allowed(problem)
            self._wrong.append(field)
            return True
        said = self._said.get(id(draft))
        if said is None or said.is_deleted:
            return False
        said.set_text(self.allowed(problem))  # type: ignore[attr-defined]
        said.set_visibility(True)
        self._wrong.append(said)
        return True

    @staticmethod
    def is_missing(problem: InvalidInput) -> bool:
        """Whether something has not been filled in, rather than wrongly."""
        return problem.value in (None, "", [], (), {}) or _NO_OPERATOR in problem.allowed

    def allowed(self, problem: InvalidInput) -> str:
        """What may stand there, in words."""
        if _NO_OPERATOR in problem.allowed:
            return self.visit.say("builder.allowed.value")
        key = problem.field.split(".")[-1]
        if key in {"all", "any", "not"}:
            return self.visit.say("builder.allowed.group")
        if key in {"did", "did_not", "event", "attribute", "property", "prediction"}:
            return self.visit.say("builder.allowed.choose")
        if key in _TOLD:
            return self.visit.say(f"builder.allowed.{key}")
        allowed = self.visit.words(sentence(problem.allowed))
        hint = self.visit.words(sentence(problem.hint)) if problem.hint else ""
        return f"{allowed[:1].upper()}{allowed[1:]}. {hint}".strip()

    def _putting(self, put: Callable[[Any], None]) -> Callable[[Any], None]:
        def put_and_tell(event: Any) -> None:
            put(event.value)
            self.changed()

        return put_and_tell


def _longest(field: str, paths: Mapping[str, Any]) -> tuple[str, str]:
    """The longest known path that a field begins with, and the rest."""
    parts = field.split(".")
    for end in range(len(parts), 0, -1):
        path = ".".join(parts[:end])
        if path in paths:
            return path, ".".join(parts[end:])
    return "", field
