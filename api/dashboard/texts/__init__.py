"""What the dashboard says, in each language: one catalogue a language, with the same keys."""

from __future__ import annotations

from typing import Literal

from api.dashboard.texts.english import ENGLISH
from api.dashboard.texts.korean import KOREAN

Language = Literal["en", "ko"]
CATALOGUES: dict[Language, dict[str, str]] = {"en": ENGLISH, "ko": KOREAN}


def say(language: Language, key: str, **values: object) -> str:
    """One text, with values put into its places.

    Examples
    --------
    >>> say("en", "predictions.users", users="1,200")
    '1,200 customers'
    """
    text = CATALOGUES[language][key]
    return text.format(**values) if values else text
