"""Checks."""

from typing import Any, TypedDict


class CheckReport(TypedDict):
    """One round of checks."""

    prediction: str | None
    at: str
    as_of: str
    found: list[dict[str, Any]]
    opened: list[int]
    resolved: list[int]
    data: dict[str, Any]
    predictions: dict[str, Any]
