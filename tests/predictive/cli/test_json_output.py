from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from predictive.cli.json_output import json_text


def test_what_is_not_finite_becomes_null() -> None:
    document = {"a": float("nan"), "b": [float("inf"), 1.5, {"c": float("-inf")}]}
    assert json.loads(json_text(document)) == {"a": None, "b": [None, 1.5, {"c": None}]}


def test_moments_carry_their_offset() -> None:
    document = {"aware": datetime(2024, 3, 1, tzinfo=UTC), "naive": datetime(2024, 3, 1)}  # noqa: DTZ001
    assert set(json.loads(json_text(document)).values()) == {"2024-03-01T00:00:00+00:00"}


def test_any_letter_survives_any_encoding() -> None:
    text = json_text({"path": Path("/tmp/ä"), "name": "\udcff"})
    assert text.isascii()
    assert json.loads(text) == {"path": "/tmp/ä", "name": "\udcff"}


def test_what_has_no_json_form_is_an_error() -> None:
    with pytest.raises(TypeError):
        json_text({"a": object()})
