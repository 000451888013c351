"""Texts of the services in another language: what they are made of, and the catalogue."""

from __future__ import annotations

import ast
import doctest
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

import predictive
from predictive.conditions.vocabulary import _IMPORTED
from predictive.errors import Conflict, InvalidInput, NotFound, PredictiveError
from predictive.features.names import Feature
from predictive.features.words import statement
from predictive.store.database import Unavailable
from predictive.store.states import _WORDS
from predictive.watching.findings import ALERT_KINDS
from predictive.wording import sentence as module
from predictive.wording.kept import told
from predictive.wording.korean import KOREAN
from predictive.wording.said import Language, kept
from predictive.wording.sentence import Sentence, joined, sentence

PURCHASES = Feature("count_28d:purchase", "count", "purchase", 28)
#: What only people at a command line, or programs, ever meet.
ELSEWHERE = (
    "backup",
    "cli",
    "imports",
    "lake",
    "notifications",
    "replay",
    "sources",
    "comparison.py",
    "configuration.py",
    "deletion.py",
    "environment.py",
    "recipes.py",
    "sends.py",
    "workspace.py",
)
#: Where what is allowed stands as a plain text.
PLAIN = ("conditions", "counts.py", "definitions.py", "jobs", "quality.py", "windows.py")
NOT_ON_PAGES = {"a text in UTF-8", "a file that can be read", "a file in an existing folder"}


def literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def templates() -> Iterator[str]:
    """What the sources say where a person at a page may meet it."""
    root = Path(predictive.__file__).parent
    for file in root.rglob("*.py"):
        place = file.relative_to(root).parts[0]
        if place in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", "")
            said = node.args[:1] if name in {"Sentence", "Conflict", "NotFound"} else []
            if place in PLAIN and name in {"InvalidInput", "InsufficientData"}:
                said = node.args[2:4]
            if place in PLAIN and name == "problem":
                said = node.args
            for one in said:
                yield from literals(one)


def places(text: str) -> set[tuple[str, str | None]]:
    return {(name, form) for _, name, form, _ in Formatter().parse(text) if name}


def test_whatever_a_page_can_say_is_in_the_catalogue() -> None:
    said = {*templates(), *ALERT_KINDS.values(), *_WORDS.values()} - NOT_ON_PAGES
    said |= {text for pair in _IMPORTED.values() for text in pair}
    assert len(said) > 100
    assert said - set(KOREAN) == set()


@pytest.mark.parametrize("template", KOREAN)
def test_a_translation_has_the_same_places(template: str) -> None:
    # A plain text is never filled in, and may hold braces.
    if "{any: [...]}" not in template:
        assert places(KOREAN[template]) == places(template)


def test_a_sentence_is_an_english_text_that_knows_what_it_is_made_of() -> None:
    said = Sentence("{one}; {other}", one=statement(PURCHASES, 0), other=Sentence("nobody"))
    assert said == "no purchase in the last 28 days; nobody"
    assert said.within("ko") == "최근 28일간 purchase 없음; 아무도 없음"
    kept_as = json.loads(json.dumps({"text": said, "said": kept(said)}))
    assert told(kept_as["text"], kept_as["said"], "en") == said
    assert told(kept_as["text"], kept_as["said"], "ko") == said.within("ko")
    again = pickle.loads(pickle.dumps(said))
    assert (again, again.within("ko")) == (said, said.within("ko"))


def test_what_nothing_was_kept_of_stays_as_it_is() -> None:
    assert kept("plain") is None
    assert told("plain", None, "ko") == "plain"
    assert sentence("no such {text}").within("ko") == "no such {text}"
    assert joined(["alone"], "; ") == "alone"


def test_names_are_never_translated() -> None:
    assert (
        NotFound("prediction", "nobody").sentence.within("ko") == "예측 'nobody': 찾을 수 없습니다."
    )
    braces = Sentence("{one} or {other}", one="{other}", other="{x!r}")
    assert braces.within("ko") == "{other} 또는 {x!r}"


@pytest.mark.parametrize(
    ("error", "korean"),
    [
        (
            NotFound("prediction", "chrun-28d", ["churn-28d"]),
            "예측 'chrun-28d': 찾을 수 없습니다. 'churn-28d' 아닌가요?",
        ),
        (
            Conflict("Prediction {name!r} has no scores yet. Score it first.", name="churn"),
            "예측 'churn'의 점수가 아직 없습니다. 먼저 점수를 계산하세요.",
        ),
        (
            InvalidInput("threshold", 101, "a score from 0 to 100"),
            "threshold: 101. 허용되는 값: 0~100 사이의 점수.",
        ),
        (
            InvalidInput("audience", Sentence("nobody"), "true or false", "This one is twice."),
            "audience: 아무도 없음. 허용되는 값: true 또는 false. 이 키가 두 번 있습니다.",
        ),
    ],
)
def test_errors(error: PredictiveError, korean: str) -> None:
    assert error.sentence.within("ko") == korean
    assert error.sentence.within("en") == str(error) == error.details()["message"]
    details = json.loads(json.dumps(error.details()))
    assert details == error.details()


def test_a_store_out_of_reach_names_no_host_in_any_language() -> None:
    error = Unavailable(OSError("connection to db.internal refused"))
    for language in get_args(Language):
        assert "db.internal" not in error.sentence.within(language)
    assert error.sentence == error.details()["message"]


def test_examples_in_the_docstrings() -> None:
    assert doctest.testmod(module).failed == 0
