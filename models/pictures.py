"""The curves of a backtest as PNG files, for people who look into MLflow."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from evaluation.calibration import calibration_curve
from evaluation.curves import gains, lift, precision_recall, roc
from models.odds import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Labels = npt.NDArray[np.bool_]
Line = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def curve_pictures(folds: Mapping[str, tuple[Labels, Floats]]) -> dict[str, bytes]:
    """Gains, lift, ROC, precision-recall and calibration of each test snapshot.

    Parameters
    ----------
    folds
        Labels and calibrated probabilities by the snapshot's name, as legends show it; at most
        ten can be told apart by colour.

    Returns
    -------
    dict
        PNG bytes by file name.
    """
    return {
        "gains.png": _picture(folds, _gains, "share of customers reached", "share of positives"),
        "lift.png": _picture(folds, _lift, "share of customers reached", "lift"),
        "roc.png": _picture(folds, _roc, "false positive rate", "true positive rate"),
        "precision_recall.png": _picture(folds, _precision_recall, "recall", "precision"),
        "calibration.png": _picture(folds, _calibration, "expected share", "observed share"),
    }


def _gains(labels: Labels, probabilities: Floats) -> Line:
    curve = gains(labels, probabilities)
    return curve.share, curve.captured


def _lift(labels: Labels, probabilities: Floats) -> Line:
    curve = lift(labels, probabilities)
    return curve.share, curve.lift


def _roc(labels: Labels, probabilities: Floats) -> Line:
    curve = roc(labels, probabilities)
    return curve.false_positive_rate, curve.true_positive_rate


def _precision_recall(labels: Labels, probabilities: Floats) -> Line:
    curve = precision_recall(labels, probabilities)
    return curve.recall, curve.precision


def _calibration(labels: Labels, probabilities: Floats) -> Line:
    curve = calibration_curve(labels, probabilities)
    return curve.expected, curve.observed


def _picture(
    folds: Mapping[str, tuple[Labels, Floats]],
    line: Callable[[Labels, Floats], Line],
    x_label: str,
    y_label: str,
) -> bytes:
    # Figure, not pyplot: no window system, nothing kept between calls.
    from matplotlib.figure import Figure  # noqa: PLC0415

    # The stubs of matplotlib do not know this one of its layouts.
    figure = Figure(figsize=(6, 4.5), dpi=110, layout="none")  # type: ignore[arg-type]
    axes = figure.add_subplot()
    # Room for the labels; having it worked out would draw everything twice.
    figure.subplots_adjust(left=0.13, bottom=0.12, right=0.97, top=0.97)
    for name, (labels, probabilities) in folds.items():
        axes.plot(*line(labels, probabilities), label=name, linewidth=1.4)
    if line in {_gains, _roc, _calibration}:
        _diagonal(axes)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", frameon=False)
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return png.getvalue()


def _diagonal(axes: Axes) -> None:
    """What a random ranking, or a perfect calibration, would draw."""
    end = max(axes.get_xlim()[1], axes.get_ylim()[1]) if axes.lines else 1.0
    end = min(end, 1.0)
    axes.plot([0, end], [0, end], color="0.6", linestyle="--", linewidth=1, zorder=0)
