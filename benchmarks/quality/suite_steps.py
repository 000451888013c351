"""The steps of ``train`` and ``score`` without what they keep: for hundreds of small questions.

Same numbers, a third of the time: no registry, reasons, pictures and archives. A test holds this
to the real ``train`` and ``score``.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

import predictive
from benchmarks.quality.methods import Answer, Method, NotPossible, Question
from benchmarks.quality.suite import reported, suite, workspace_of
from evaluation.report import quality_report
from evaluation.shift import shift_variance
from models.backtest import fit_final
from predictive.errors import InsufficientData
from predictive.jobs.score import scored_batches
from predictive.opened_prediction import open_prediction
from predictive.progress import NoProgress
from predictive.watching.profile import ProfileSample
from predictive.windows import to_datetime64


def suite_steps() -> Method:
    """The suite as it stands in this checkout, keeping nothing."""
    whole = suite()
    return Method(whole.name, whole.label, answer_by_steps, f"{whole.version}-steps")


def answer_by_steps(question: Question) -> Answer:
    """What ``train`` and ``score`` would say."""
    cutoff, name = question.cutoff, question.task.name
    with predictive.Workspace.open(workspace_of(question.log, question.build)) as workspace:
        predictive.apply(workspace, question.task.definition(name))
        try:
            made = predictive.backtest_recipe(workspace, name, as_of=cutoff, seed=question.seed)
        except InsufficientData as error:
            raise NotPossible(str(error)) from None
        model = fit_final(
            made.data.dataset,
            made.tested,
            data_end=to_datetime64([cutoff])[0],
            seed=question.seed,
            threads=workspace.settings.threads,
        )
        batches = scored_batches(
            open_prediction(workspace, name),
            cutoff,
            model,
            made.data.feature_plan,
            ProfileSample(),
            NoProgress(),
        )
        scores = pa.Table.from_batches(batches).sort_by("user_id")
    if scores["user_id"].to_pylist() != question.scored.users.tolist():
        raise AssertionError(f"{name}: the suite scored other users than the benchmark counts.")
    shift = shift_variance(made.folds)
    report = quality_report(
        made.folds, [str(fold.as_of) for fold in made.tested.folds], expects=True
    )
    report |= {
        "base_rate": model.base_rate,
        "shift": {"tau2": shift.tau2, "degrees": shift.degrees},
        "chosen": made.tested.chosen,
    }
    return Answer(
        scores["probability"].to_numpy().astype(np.float64),
        base_rate=model.base_rate,
        detail=reported(report),
    )
