"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def shown_p(value: float) -> str:
    """A p value with as many digits as matter."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Rows under their headings; ``right`` are the columns of numbers."""
    numbers = set(right)
    rule = ["---:" if place in numbers else "---" for place in range(len(headings))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))
