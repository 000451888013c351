"""Options of the charts, as ECharts reads them; colours fit both themes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from evaluation.histogram import ScoreHistogram
from evaluation.profit import ProfitCurve

CHOSEN, OTHER, LINE, MARK, INK = "#3b82d6", "#9aa5b5", "#d88a1d", "#2f9e6a", "#7a8595"
_GRID = {"left": 8, "right": 16, "top": 36, "bottom": 28, "containLabel": True}
_SPLIT = {"lineStyle": {"color": "rgba(128,140,160,.25)"}}

#: The name of a vertical axis begins at it, so that nothing of it is cut off.
_ABOVE = {"color": INK, "align": "left"}


def axis(name: str, kind: str = "value", **more: Any) -> dict[str, Any]:
    """One axis with its name."""
    place = {"nameLocation": "middle", "nameGap": 26} if kind == "category" else {}
    return {
        "type": kind,
        "name": name,
        "axisLabel": {"color": INK},
        "nameTextStyle": {"color": INK},
        "splitLine": _SPLIT,
        **place,
        **more,
    }


def distribution(
    histogram: ScoreHistogram, low: float, high: float, score: str, customers: str
) -> dict[str, Any]:
    """Customers in 20 ranges of the score; those that the selection touches stand out."""
    buckets = histogram.buckets(20)
    return {
        "animation": False,
        "grid": _GRID,
        "tooltip": {"trigger": "axis"},
        "xAxis": axis(
            score, "category", data=[f"{b['min_score']:g}–{b['max_score']:g}" for b in buckets]
        ),
        "yAxis": axis(customers, minInterval=1, nameTextStyle=_ABOVE),
        "series": [{"type": "bar", "barCategoryGap": "12%", "data": bars(buckets, low, high)}],
    }


def bars(buckets: Sequence[dict[str, Any]], low: float, high: float) -> list[dict[str, Any]]:
    """The bars of the distribution, coloured by the selection."""
    return [
        {
            "value": bucket["users"],
            "itemStyle": {
                "color": CHOSEN
                if bucket["max_score"] > low and bucket["min_score"] <= high
                else OTHER
            },
        }
        for bucket in buckets
    ]


def profits(curve: ProfitCurve, threshold: str, profit: str) -> dict[str, Any]:
    """Profit at each threshold; the flat stretch around the best is shaded."""
    series: dict[str, Any] = {
        "type": "line",
        "showSymbol": False,
        "lineStyle": {"color": LINE, "width": 2},
        "itemStyle": {"color": LINE},
        "data": [
            [float(each), round(float(value), 2)]
            for each, value in zip(curve.thresholds, curve.profit, strict=True)
        ],
    }
    if curve.best_threshold is not None:
        series["markLine"] = {
            "symbol": "none",
            "lineStyle": {"color": MARK},
            "label": {"formatter": "{c}", "color": MARK},
            "data": [{"xAxis": curve.best_threshold}],
        }
        series["markArea"] = {
            "itemStyle": {"color": "rgba(47,158,106,.16)"},
            "data": [[{"xAxis": curve.flat_from}, {"xAxis": curve.flat_to}]],
        }
    return {
        "animation": False,
        "grid": _GRID,
        "tooltip": {"trigger": "axis"},
        "xAxis": axis(threshold, min=0, max=100, nameLocation="middle", nameGap=26),
        "yAxis": axis(profit, nameTextStyle=_ABOVE),
        "series": [series],
    }


def lines(
    points: Iterable[tuple[float, float]],
    chance: Sequence[tuple[float, float]],
    across: str,
    up: str,
    bounds: Sequence[Iterable[tuple[float, float]]] = (),
    came: Iterable[tuple[float, float]] = (),
) -> dict[str, Any]:
    """One curve with the line beside it that it is judged by, and its interval if it has one.

    Parameters
    ----------
    came
        The same curve of what came true, if it is known.
    """
    return {
        "animation": False,
        "grid": _GRID,
        "tooltip": {"trigger": "axis"},
        "xAxis": axis(across, nameLocation="middle", nameGap=26),
        "yAxis": axis(up, nameTextStyle=_ABOVE),
        "series": [
            _line(points, CHOSEN, width=2),
            _line(came, MARK, width=2),
            {
                "type": "line",
                "showSymbol": False,
                "lineStyle": {"color": OTHER, "type": "dashed"},
                "itemStyle": {"color": OTHER},
                "data": [list(point) for point in chance],
            },
            *(_line(bound, CHOSEN, width=1, opacity=0.5) for bound in bounds),
        ],
    }


def _line(points: Iterable[tuple[float, float]], colour: str, **style: float) -> dict[str, Any]:
    return {
        "type": "line",
        "showSymbol": False,
        "lineStyle": {"color": colour, **style},
        "itemStyle": {"color": colour},
        "data": [[round(float(x), 2), round(float(y), 3)] for x, y in points],
    }
