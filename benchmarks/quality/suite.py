"""The suite itself: its own import, ``train`` and ``score`` as of the cut-off."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

import predictive
from benchmarks.quality.event_log import EventLog
from benchmarks.quality.methods import SUITE, Answer, Method, NotPossible, Question
from predictive.code_version import code_version
from predictive.errors import InsufficientData

_ROOT = Path(__file__).parents[2]
#: What can change a prediction; and what an imported workspace depends on.
_CODE = (
    "evaluation",
    "models",
    "predictive/conditions",
    "predictive/features",
    "predictive/imports",
    "predictive/lake",
    "predictive/sources",
    *(
        f"predictive/{name}.py"
        for name in (
            "comparison", "counts", "dataset", "jobs/score", "jobs/train", "opened_prediction",
            "recipes", "snapshots", "training_data", "windows",
        )
    ),
)  # fmt: skip
_IMPORT = ("predictive/imports", "predictive/lake", "predictive/store")
_LIBRARIES = ("lightgbm", "numpy", "scikit-learn", "scipy")
#: Columns that the suite knows by their meaning.
_FIELDS = ("amount", "product", "quantity")
#: What the benchmark needs of a training report.
_REPORTED = ("quality", "calibration", "shift", "base_rate", "n", "positives", "chosen")


def suite() -> Method:
    """The suite as it stands in this checkout."""
    libraries = repr([(name, version(name)) for name in _LIBRARIES])
    made = _digest(_CODE, libraries)
    return Method(SUITE, "this suite", lambda question: _answer(question, made), made)


def _answer(question: Question, made: str) -> Answer:
    cutoff = question.cutoff
    name = f"{question.task.name}-{cutoff:%Y%m%d}-{made}".lower()
    with predictive.Workspace.open(workspace_of(question.log, question.build)) as workspace:
        predictive.apply(workspace, question.task.definition(name))
        try:
            # Named jobs: what a killed benchmark trained is found again.
            report = predictive.train(
                workspace, name, as_of=cutoff, seed=question.seed, job_id=f"train-{name}"
            )
        except InsufficientData as error:
            raise NotPossible(str(error)) from None
        out = question.build / f"{name}.parquet"
        predictive.score(workspace, name, as_of=cutoff, out=out, job_id=f"score-{name}")
    scores = pq.read_table(out).sort_by("user_id")
    out.unlink()
    if scores["user_id"].to_pylist() != question.scored.users.tolist():
        raise AssertionError(f"{name}: the suite scored other users than the benchmark counts.")
    return Answer(
        scores["probability"].to_numpy().astype(np.float64),
        base_rate=report["base_rate"],
        detail=reported(report),
    )


def reported(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the benchmark needs of a training report."""
    kept = {key: report[key] for key in _REPORTED}
    return kept | {"code_version": code_version(), "folds": len(report["folds"])}


def workspace_of(log: EventLog, build: Path) -> Path:
    """A workspace with the log's events; imported once for the same events and code."""
    made = _digest(_IMPORT, log.digest)
    folder = build / "workspaces" / f"{log.name}-{made}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    try:
        _import(log, draft)
        (draft / "workspace").rename(folder)
    finally:
        shutil.rmtree(draft)
    return folder


def _import(log: EventLog, draft: Path) -> None:
    file = draft / "events.parquet"
    log.events.to_parquet(file)
    columns = predictive.EventColumns(
        user="user_id",
        time="time",
        event="event",
        properties="all",
        **{field: field for field in _FIELDS if field in log.events},
    )
    with predictive.Workspace.create(draft / "workspace") as workspace:
        report = predictive.import_events(workspace, [file], columns, complete_through=log.end)
    if report.imported != len(log.events):
        raise AssertionError(f"{log.name}: {report.to_dict()}")


def _digest(paths: Sequence[str], *more: str) -> str:
    digest = hashlib.blake2b(digest_size=5)
    for path in map(_ROOT.joinpath, paths):
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            digest.update(str(file.relative_to(_ROOT)).encode())
            digest.update(file.read_bytes())
    for text in more:
        digest.update(text.encode())
    return digest.hexdigest()
