"""One workload a process: its time, and the most memory it ever held.

``python -m benchmarks.workloads NAME ARGUMENT ...`` prints one JSON document. A process of its
own makes the peak memory the workload's, and starts each measurement from the same state.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from benchmarks.fits import bare_fits, noted_fits
from benchmarks.service import filled_workspace, read_bare, serving, stream_scores
from benchmarks.synthetic import END
from benchmarks.yardsticks import aggregates_sql, group_by_sql, run_sql
from models.boosted import Boosted
from models.calibration import Calibrator
from models.dataset import Dataset
from models.propensity import blended_model
from predictive import EventColumns, Workspace, apply, score, train
from predictive import import_events as import_files
from predictive.dataset import build_dataset
from predictive.definitions import Definition
from predictive.features.plan import FeaturePlan
from predictive.features.planning import plan_features
from predictive.jobs.score import scored
from predictive.opened_prediction import open_prediction
from predictive.progress import NoProgress
from predictive.recipes import STANDARD
from predictive.snapshots import snapshot_users
from predictive.sources import EventSource, open_source
from predictive.training_data import training_data, training_users

T = TypeVar("T")

EVENT_COLUMNS = EventColumns(
    user="user", time="ts", event="event", amount="amount", product="product"
)
WINDOW_DAYS = 28
DEFINITION = f"""
name: churn
kind: churn
target: {{within_days: {WINDOW_DAYS}, all: [{{did_not: purchase}}]}}
"""
EVERYBODY = "{name: all, kind: event, target: {within_days: 28, all: [{did: purchase}]}}"
AS_OF = END - timedelta(days=WINDOW_DAYS)
ONE = [AS_OF]
EIGHT = [AS_OF - timedelta(days=14 * back) for back in reversed(range(8))]
LOOKBACK_HISTORY = AS_OF - timedelta(days=200)
REPEATS = 3
TREES, LEAVES = 200, 31
THREADS = 1
BOUNDS = (50.0, 75.0)


def import_events(workspace: str, file: str) -> dict[str, Any]:
    """Import a Parquet file into a new workspace."""
    with Workspace.create(workspace) as opened:
        elapsed = seconds(lambda: import_files(opened, [Path(file)], EVENT_COLUMNS))
        apply(opened, DEFINITION)
    return {"seconds": elapsed}


def dataset(workspace: str, snapshots: str) -> dict[str, Any]:
    """Eligible users, labels and features at one snapshot or at eight."""
    moments = {"one": ONE, "eight": EIGHT}[snapshots]
    source, plan = opened_source(workspace)
    built = [build(source, plan, moments)]
    elapsed = median(seconds(lambda: build(source, plan, moments)) for _ in range(REPEATS))
    rows, columns = built[0].features.shape
    return {
        "seconds": elapsed,
        "rows": rows,
        "columns": columns,
        "lookbacks": plan.lookback_days,
    }


def aggregates(workspace: str, threads: str) -> dict[str, Any]:
    """The yardstick of the dataset: the same aggregates in SQL, and the bare group-by."""
    _, plan = opened_source(workspace)
    files = sorted(Path(workspace, "lake", "events").glob("bucket=*/*.parquet"))
    whole = aggregates_sql(files, AS_OF, WINDOW_DAYS, plan.lookback_days)
    bare = group_by_sql(files, AS_OF)
    run_sql(bare, int(threads))
    return {
        "seconds": median(seconds(lambda: run_sql(whole, int(threads))) for _ in range(REPEATS)),
        "group_by": median(seconds(lambda: run_sql(bare, int(threads))) for _ in range(REPEATS)),
    }


def scoring(workspace: str) -> dict[str, Any]:
    """A feature table to scores and categories, against bare Booster.predict."""
    source, plan = opened_source(workspace)
    data = build(source, plan, ONE, EVERYBODY)
    booster = forced_booster(data)
    model = blended_model(
        [Boosted(booster.model_to_string(), THREADS)], [1.0], Calibrator(), 0.3, data.feature_names
    )
    ids = pa.array([f"user-{number}" for number in range(len(data))])
    ours, bare = [], []
    for _ in range(REPEATS):
        ours.append(seconds(lambda: scored(ids, data.features, model, BOUNDS)))
        bare.append(seconds(lambda: booster.predict(data.features, num_threads=THREADS)))
    return {"seconds": median(ours), "bare": median(bare), "rows": len(data)}


def training(workspace: str) -> dict[str, Any]:
    """A whole training run, against its dataset and as many bare fits of the same size."""
    with Workspace.open(workspace) as opened:
        with noted_fits() as fits:
            elapsed = seconds(lambda: train(opened, "churn", as_of=AS_OF))
        peak = peak_mib()
        data, of_dataset = timed(lambda: training_dataset(opened))
    return {
        "seconds": elapsed,
        "peak_mib": peak,
        "dataset": of_dataset,
        "fits": len(fits),
        "bare_fits": bare_fits(fits, data),
    }


def training_run(workspace: str) -> dict[str, Any]:
    """A whole training run, nothing beside it."""
    with Workspace.open(workspace) as opened:
        return {"seconds": seconds(lambda: train(opened, "churn", as_of=AS_OF))}


def training_dataset(workspace: Workspace) -> Dataset:
    """What a training run learns from: users counted, features computed."""
    prediction, quiet = open_prediction(workspace, "churn"), NoProgress()
    users = training_users(prediction, as_of=AS_OF, seed=0, progress=quiet)
    return training_data(prediction, users, STANDARD, timezone="UTC", progress=quiet).dataset


def scoring_run(workspace: str) -> dict[str, Any]:
    """A whole scoring run, from events to published scores."""
    with Workspace.open(workspace) as opened:
        return {"seconds": seconds(lambda: score(opened, "churn", as_of=AS_OF))}


def publishing(workspace: str, rows: str) -> dict[str, Any]:
    """Score rows into the store, against a bare insert into the same table of a bare SQLite."""
    count = int(rows)
    random = np.random.default_rng(0)
    ids = [f"user-{number:07d}" for number in range(count)]
    probabilities = random.random(count)
    scores = np.round(100 * random.random(count), 2)
    ours, bare = [], []
    with Workspace.open(workspace) as opened:
        version = opened.store.models.champion("churn")
        assert version is not None, "trained before"
        for repeat in range(REPEATS):
            moment = AS_OF + timedelta(hours=repeat)
            ours.append(seconds(partial(publish, opened, moment, ids, probabilities, scores)))
            bare.append(bare_insert(opened, ids, probabilities, scores))
    return {"seconds": median(ours), "bare": median(bare), "rows": count}


def publish(
    workspace: Workspace,
    as_of: datetime,
    ids: Sequence[str],
    probabilities: np.ndarray,
    scores: np.ndarray,
) -> None:
    """Write a run and publish it."""
    runs = workspace.store.runs
    run_id = runs.begin("churn", 1, as_of)
    workspace.store.scores.write_batch(run_id, ids, probabilities, scores)
    runs.finish(run_id, histogram=b"", users=len(ids))
    runs.publish(run_id)


def bare_insert(
    workspace: Workspace, ids: Sequence[str], probabilities: np.ndarray, scores: np.ndarray
) -> float:
    """Seconds of ``executemany`` into a copy of the table and its indexes, nothing else."""
    path = workspace.path / "bare.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(workspace.path / "meta.db") as store:
        statements = [
            row[0]
            for row in store.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = 'scores' AND sql IS NOT NULL"
            )
        ]
    with sqlite3.connect(path) as bare:
        bare.execute("PRAGMA journal_mode = WAL")
        for statement in statements:
            bare.execute(statement)
        hundredths = np.rint(100 * scores).astype(int).tolist()

        def insert() -> None:
            rows = zip([1] * len(ids), ids, probabilities.tolist(), hundredths, strict=True)
            bare.executemany(
                "INSERT INTO scores (run_number, user_id, probability, score_hundredths) "
                "VALUES (?, ?, ?, ?)",
                rows,
            )
            bare.commit()

        return seconds(insert)


def streaming(folder: str, rows: str) -> dict[str, Any]:
    """Scores as NDJSON from a real server, against fetching the rows bare from its database."""
    workspace, count = Path(folder), int(rows)
    key = filled_workspace(workspace, count)
    ours, bare = [], []
    with serving(workspace) as (address, _):
        # Whatever is slow the first time is slow for both.
        assert stream_scores(address, key) == read_bare(workspace) == count
        for _ in range(REPEATS):
            ours.append(seconds(lambda: stream_scores(address, key)))
            bare.append(seconds(lambda: read_bare(workspace)))
    return {"seconds": median(ours), "bare": median(bare), "rows": count}


def opened_source(workspace: str) -> tuple[EventSource, FeaturePlan]:
    """The lake of a workspace, and the features that its definition would have."""
    source = open_source(Workspace.open(workspace))
    plan = plan_features(
        source,
        Definition.from_text(DEFINITION),
        before=END,
        middle_snapshot=LOOKBACK_HISTORY,
        timezone="UTC",
    )
    return source, plan


def build(
    source: EventSource,
    plan: FeaturePlan,
    snapshots: Sequence[datetime],
    definition: str = EVERYBODY,
) -> Dataset:
    """The dataset of some snapshots; everybody is in it, as in the yardstick."""
    parsed = Definition.from_text(definition)
    users = list(snapshot_users(source, parsed, snapshots, outcomes=True))
    return build_dataset(source, users, snapshots, plan, np.timedelta64(WINDOW_DAYS, "D"))


def forced_booster(data: Dataset) -> Any:
    """A booster of exactly as many trees and leaves as the bar asks for."""
    import lightgbm  # noqa: PLC0415

    sample = np.random.default_rng(0).choice(len(data), min(len(data), 20_000), replace=False)
    return lightgbm.train(
        {
            "objective": "binary",
            "num_leaves": LEAVES,
            "min_data_in_leaf": 1,
            "min_sum_hessian_in_leaf": 0.0,
            "num_threads": THREADS,
            "verbosity": -1,
        },
        lightgbm.Dataset(data.features[sample], data.labels[sample]),
        num_boost_round=TREES,
    )


def seconds(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    return timed(work)[1]


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What a piece of work makes, and the seconds it takes."""
    began = time.perf_counter()
    made = work()
    return made, time.perf_counter() - began


def peak_mib() -> float:
    """The most memory that this process has ever held."""
    # Linux counts in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


WORKLOADS: dict[str, Callable[..., dict[str, Any]]] = {
    work.__name__: work
    for work in (
        import_events,
        dataset,
        aggregates,
        scoring,
        training,
        training_run,
        scoring_run,
        publishing,
        streaming,
    )
}

if __name__ == "__main__":
    measured = WORKLOADS[sys.argv[1]](*sys.argv[2:])
    used = resource.getrusage(resource.RUSAGE_SELF)
    common = {"peak_mib": peak_mib(), "processor_seconds": used.ru_utime + used.ru_stime}
    print(json.dumps(common | measured))
