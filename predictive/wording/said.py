"""A text that is English, and knows what it is made of."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Literal

Language = Literal["en", "ko"]


class Said(str):
    """An English text that can be said in another language.

    It is a plain text to whoever does not care: logs, JSON and the command line.
    """

    @abstractmethod
    def within(self, language: Language) -> str:
        """The same in a language."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """What it is made of, JSON-ready, to be kept beside the text."""


def kept(text: object) -> dict[str, Any] | None:
    """What a text is made of, to be kept beside it; None of a plain one."""
    return text.to_dict() if isinstance(text, Said) else None
