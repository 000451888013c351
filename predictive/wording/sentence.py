"""Sentences: a template, and what was put into its places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from predictive.wording.korean import KOREAN
from predictive.wording.said import Language, Said

_CATALOGUES: Mapping[Language, Mapping[str, str]] = {"ko": KOREAN}


class Sentence(Said):
    """An English sentence that remembers its template; the catalogues go by that.

    Parameters
    ----------
    template
        As :meth:`str.format` reads it, the same wherever the sentence is said; taken as it is
        where there are no values.
    values
        What stands in its places: numbers and names, which stay as they are, and other sentences
        and phrases, which are translated too.

    Examples
    --------
    >>> said = Sentence("Prediction {name!r} has no scores yet. Score it first.", name="churn-28d")
    >>> said
    "Prediction 'churn-28d' has no scores yet. Score it first."
    >>> said.within("ko")
    "예측 'churn-28d'의 점수가 아직 없습니다. 먼저 점수를 계산하세요."
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Sentence:
        """Make the text of the template."""
        made = super().__new__(cls, _filled(template, values))
        made.template, made.values = template, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.template,), dict(self.values)

    def within(self, language: Language) -> str:
        """The same in a language; in English where the catalogue does not have it."""
        template = _CATALOGUES.get(language, {}).get(self.template)
        if template is None:
            return str(self)
        values = {
            name: value.within(language) if isinstance(value, Said) else value
            for name, value in self.values.items()
        }
        return _filled(template, values)

    def to_dict(self) -> dict[str, Any]:
        """Template and values, JSON-ready."""
        values = {
            name: value.to_dict() if isinstance(value, Said) else value
            for name, value in self.values.items()
        }
        return {"template": self.template, "values": values}


def sentence(text: str) -> Said:
    """A text that may be a plain one, which is its own template."""
    return text if isinstance(text, Said) else Sentence(text)


def joined(texts: list[str], between: str) -> str:
    """Several texts, one after the other, as one."""
    first, *others = texts
    whole = first
    for other in others:
        whole = Sentence("{one}" + between + "{other}", one=whole, other=other)
    return whole


def _filled(template: str, values: Mapping[str, Any]) -> str:
    return template.format(**values) if values else template
