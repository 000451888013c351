"""Tables in Markdown, and what stands in their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.quality.hindsight import TOLERATED_AUC


def shown_p(value: float) -> str:
    """A p value with as many digits as matter."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def shown_against(other: Mapping[str, Any] | None) -> tuple[str, str]:
    """Mean difference to another method, and in how many cut-offs the suite is no worse."""
    return "" if other is None else f"{other['mean_difference']:+.4f}", shown_share(other)


def shown_share(other: Mapping[str, Any] | None) -> str:
    """In how many cut-offs something holds."""
    return "" if other is None else f"{other['holds']} of {other['cutoffs']}"


def hindsight(against: Mapping[str, Any]) -> str:
    """What :func:`benchmarks.quality.hindsight.against_best` found, in words."""
    found = (
        f"No worse: lower in AUC by no more than {TOLERATED_AUC} or one paired standard error. "
        "Against the best other method of each cut-off, chosen with hindsight, the suite is no "
        f"worse in {shown_share(against)} cut-offs; its mean difference to that best one is "
        f"{against['mean_difference']:+.4f}; the last column has the same of every other method."
    )
    known = against["all_knowing"]
    if not known["cutoffs"]:
        return found
    return (
        f"{found} If the suite's probabilities were the truth, it would be no worse in "
        f"{known['holds'] / known['cutoffs']:.0%} of cut-offs and {known['mean_difference']:+.4f} "
        "away on average: so much is luck."
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Rows under their headings; ``right`` are the columns of numbers."""
    numbers = set(right)
    rule = ["---:" if place in numbers else "---" for place in range(len(headings))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows))
