"""Texts that were kept beside what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from predictive.features.words import Phrase
from predictive.wording.said import Language, Said
from predictive.wording.sentence import Sentence


def told(text: str, made_of: Mapping[str, Any] | None, language: Language) -> str:
    """A text that was kept, in a language.

    Parameters
    ----------
    text
        In English.
    made_of
        What :func:`predictive.wording.said.kept` gave; None where nothing was kept.
    """
    return text if made_of is None else read(made_of).within(language)


def read(made_of: Mapping[str, Any]) -> Said:
    """The text that is made of this."""
    if "feature" in made_of:
        return Phrase.read(made_of)
    values = {
        name: read(value) if isinstance(value, Mapping) else value
        for name, value in made_of["values"].items()
    }
    return Sentence(made_of["template"], **values)
