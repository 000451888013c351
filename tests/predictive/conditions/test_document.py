"""The strict reading of YAML and JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictive.conditions.document import read_document, write_document
from predictive.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("1e5", 100000.0),
        ("1.5E-3", 0.0015),
        ("-.5", -0.5),
        ("010", 10),
        ("+7", 7),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("'1'", "1"),
    ],
)
def test_plain_words_are_read_as_yaml_1_2(text: str, value: object) -> None:
    read = read_document(f"key: {text}", "x")["key"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("[1]", "mapping"),
        ("word", "mapping"),
        ("null", "mapping"),
        ("a: 1\na: 2", "'a' is given twice"),
        ("a: {b: 1, b: 2}", "'b' is given twice"),
        ('{"a": {"b": 1, "b": 2}}', "'b'"),
        ("1: 2", "the key 1 is not a word"),
        ("? [a]\n: b", "is not a word"),
        ("a: &x 1\nb: *x", "anchors"),
        ("a: *x", "anchors"),
        ("a: !!python/object:os.system x", "constructor"),
        ("a: [1", "Line 1"),
        ("a: b: c", "mapping values"),
        ("a: 1\n---\nb: 2", "another document"),
        ('{"a": NaN}', "finite"),
        ('{"a": -Infinity}', "finite"),
        ('{"a": 1', "Line 1"),
        ("a: \x00", "special characters"),
        ("[" * 90_000, "90,000 brackets"),
        ("{a: " * 500, "deep"),
        ('{"a":' * 500, "deep"),
        ("a: " + "[" * 61 + "]" * 61, "deep"),
        ("a: " + "9" * 5000, "digits"),
        ('{"a": ' + "9" * 5000 + "}", "digits"),
        ("a: " + "x" * 100_000, "100,000"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_document(text, "my.yaml")
    assert caught.value.field == "my.yaml"
    assert words in str(caught.value)


_plain: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(document=st.dictionaries(st.text(), _plain, min_size=1, max_size=4))
def test_what_is_written_reads_back_the_same(document: dict[str, Any]) -> None:
    read = read_document(write_document(document), "x")
    assert repr(read) == repr(document)
