from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import api.dashboard
from api.dashboard.texts import CATALOGUES, say
from api.dashboard.texts.english import ENGLISH
from api.dashboard.texts.korean import KOREAN

SOURCES = "\n".join(
    file.read_text(encoding="utf-8")
    for file in Path(api.dashboard.__file__).parent.rglob("*.py")
    if file.parent.name != "texts"
)
_SAID = re.compile(r'say\(\s*(?:language, )?f?"([^"]+)"')


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_catalogues_say_the_same_things() -> None:
    assert list(ENGLISH) == list(KOREAN)


@pytest.mark.parametrize("key", ENGLISH)
def test_both_texts_have_the_same_places(key: str) -> None:
    assert places(ENGLISH[key]) == places(KOREAN[key])


def test_no_text_is_empty_or_left_in_the_other_language() -> None:
    same = {key for key in ENGLISH if ENGLISH[key] == KOREAN[key]}
    assert not same
    assert all(text.strip() for texts in CATALOGUES.values() for text in texts.values())


def test_every_text_that_a_page_asks_for_is_there() -> None:
    asked = {re.sub(r"\{[^}]+\}", "*", key) for key in _SAID.findall(SOURCES)}
    assert len(asked) > 30
    for key in asked:
        pattern = re.escape(key).replace(r"\*", r".+")
        assert any(re.fullmatch(pattern, each) for each in ENGLISH), key


def test_values_take_their_places() -> None:
    assert say("ko", "predictions.users", users="7") == "고객 7명"
