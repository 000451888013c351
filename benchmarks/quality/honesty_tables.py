"""The tables of honest numbers."""

from __future__ import annotations

from typing import Any

from benchmarks.quality.calibrated import BAND
from benchmarks.quality.honesty import CONFIDENCE
from benchmarks.quality.markdown import shown_p, table

#: What is held, and the key behind it.
HELD = (
    (f"calibration slope in the {BAND:.0%} band by chance", "slope_in_band"),
    (f"observed/expected in the {BAND:.0%} band by chance", "ratio_in_band"),
    ("ECE up to the 95th percentile by chance", "ece_in_band"),
    (f"calibration slope in the {BAND:.0%} band by chance and change", "slope_in_band_with_change"),
    (f"observed/expected in its {BAND:.0%} interval by chance and change", "ratio_in_interval"),
    ("ECE up to the 95th percentile by chance and change", "ece_in_band_with_change"),
    ("expected and actual quality within their intervals", "quality_agrees"),
)  # fmt: skip


def honesty_tables(honesty: dict[str, Any]) -> str:
    """Bands and agreement, then coverage of the true positives."""
    groups = [
        (label, honesty[key])
        for label, key in (("real tasks", "real"), ("twins", "twins"), ("all", "all"))
        if honesty[key]
    ]
    columns: list[tuple[str, dict[str, Any]]] = [*groups]
    if honesty["twins"] and honesty["twins"]["foreseen"]:
        columns.append(("twins, by foresight", honesty["twins"]["foreseen"]))
    rows = [(name, *(_held(found.get(key)) for _, found in columns)) for name, key in HELD]
    rows.append(
        (
            "mean Prediction Quality, expected / actual",
            *(_means(found.get("mean_quality")) for _, found in columns),
        )
    )
    first = table(
        ("pairs of task and cut-off", *(label for label, _ in columns)),
        rows,
        right=range(1, len(columns) + 1),
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
        "Every figure that the suite promised at a cut-off, beside what came. Bands by chance are "
        "those of perfect calibration when every customer is a case of their own; that a whole "
        "window comes out better or worse than the last ones is only in those by chance and "
        "change. Foresight knows everything of a twin, rates, lives and the year's rhythm, but "
        f"what the coming month does to everybody: no promise can be better.\n\n{first}\n\nThe "
        f"{CONFIDENCE:.0%} interval of the number of true positives from a score on:\n\n{second}"
    )


def _held(found: dict[str, Any] | None) -> str:
    return f"{found['holds']} of {found['of']}" if found else ""


def _means(found: dict[str, float] | None) -> str:
    return f"{found['expected']:.1f} / {found['actual']:.1f}" if found else ""
