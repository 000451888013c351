"""Tables in Markdown, and what stands in their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def shown_p(value: float) -> str:
    """A p value with as many digits as matter."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def shown_against(other: Mapping[str, Any] | None) -> tuple[str, str]:
    """Mean difference to another method, and in how many cut-offs the suite is no worse."""
    if other is None:
        return "", ""
    return f"{other['mean_difference']:+.4f}", f"{other['holds']} of {other['cutoffs']}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Rows under their headings; ``right`` are the columns of numbers."""
    numbers = set(right)
    rule = ["---:" if place in numbers else "---" for place in range(len(headings))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))
