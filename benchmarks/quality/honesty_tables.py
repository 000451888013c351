"""The tables of honest numbers."""

from __future__ import annotations

from typing import Any

from benchmarks.quality.honesty import BAND, CONFIDENCE
from benchmarks.quality.markdown import shown_p, table


def honesty_tables(honesty: dict[str, Any]) -> str:
    """Bands and agreement, then coverage of the true positives."""
    groups = [
        (label, honesty[key])
        for label, key in (("real tasks", "real"), ("twins", "twins"), ("all", "all"))
        if honesty[key]
    ]
    rows = [
        (
            name,
            *(f"{found[key]['holds']} of {found[key]['of']}" for _, found in groups),
        )
        for name, key in (
            (f"calibration slope in the {BAND:.0%} band of perfect calibration", "slope_in_band"),
            (f"observed/expected in the {BAND:.0%} band of perfect calibration", "ratio_in_band"),
            (
                f"observed/expected in the suite's own {BAND:.0%} interval, by chance and change",
                "ratio_in_interval",
            ),
            ("ECE up to the 95th percentile of perfect calibration", "ece_in_band"),
            ("expected and actual quality within their intervals", "quality_agrees"),
        )
    ]
    means = [
        (
            "mean Prediction Quality, expected / actual",
            *(
                f"{found['mean_quality']['expected']:.1f} / {found['mean_quality']['actual']:.1f}"
                for _, found in groups
            ),
        )
    ]
    first = table(
        ("pairs of task and cut-off", *(label for label, _ in groups)),
        rows + means,
        right=range(1, len(groups) + 1),
    )
    covered = [
        (
            label,
            f"{one['threshold']:.0f}",
            f"{one['covered']} of {one['pairs']} ({one['share']:.1%})",
            shown_p(one["binomial_p"]),
            f"{one['mean_width']:.1f}",
            f"{one['mean_width_of_expected']:.0%}",
            f"{one['width_over_chance']:.2f}",
            f"{one['expected']:,.0f} / {one['actual']:,}",
        )
        for label, found in groups
        for one in found["true_positives"]
        if one["pairs"]
    ]
    second = table(
        (
            "pairs",
            "score from",
            "covered",
            f"binomial p of {CONFIDENCE:.0%}",
            "mean width, users",
            "of expected",
            "× chance alone",
            "expected / actual",
        ),
        covered,
        right=range(1, 8),
    )
    return (
        "Every figure that the suite promised at a cut-off, beside what came. Bands take chance "
        "alone; that a whole window comes out better or worse than the last ones is not in them, "
        f"but in the interval of true positives.\n\n{first}\n\nThe {CONFIDENCE:.0%} interval of "
        f"the number of true positives from a score on:\n\n{second}"
    )
