"""From a file of events to published scores, against DuckDB, LightGBM and a bare insert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.measures import Measure, at_least, at_most
from benchmarks.processes import console, workload
from benchmarks.synthetic import write_events

TENTH = 10
#: Both sizes have a hundred events a user.
EVENTS_A_USER = 100
#: The dataset's conditions run in DuckDB on every core; so does the yardstick.
YARDSTICK_THREADS = 2
_STAGES = ("import", "one", "run")

Sizes = dict[str, dict[str, Any]]


def events(folder: Path, count: int) -> list[Measure]:
    """Every workload on a tenth of the events and on all of them."""
    small = _measured(folder / "small", count // TENTH)
    large = _measured(folder / "large", count)
    return [*_datasets(large), *_training(large), *_scoring(large), *_growth(small, large)]


def _measured(folder: Path, count: int) -> Sizes:
    folder.mkdir()
    users = count // EVENTS_A_USER
    file, workspace = folder / "events.parquet", folder / "workspace"
    console.print(f"{count:,} events of {users:,} users", style="bold")
    write_events(file, count, users)
    measured = {
        "import": workload("import_events", workspace, file),
        "one": workload("dataset", workspace, "one"),
        "aggregates": workload("aggregates", workspace, YARDSTICK_THREADS),
        "eight": workload("dataset", workspace, "eight"),
        "scoring": workload("scoring", workspace),
        "training": workload("training", workspace),
        "run": workload("scoring_run", workspace),
    }
    measured["publishing"] = workload("publishing", workspace, users)
    return measured


def _datasets(large: Sizes) -> list[Measure]:
    one, eight = large["one"]["seconds"], large["eight"]["seconds"]
    sql = large["aggregates"]
    return [
        at_most("dataset, one snapshot / the same aggregates in SQL", one / sql["seconds"], 1),
        Measure("dataset, one snapshot / bare group-by", one / sql["group_by"]),
        at_most("dataset, eight snapshots / one", eight / one, 4),
        at_least("dataset, that SQL eight times / eight snapshots", 8 * sql["seconds"] / eight, 2),
    ]


def _training(large: Sizes) -> list[Measure]:
    training = large["training"]
    yardstick = training["dataset"] + training["bare_fits"]
    return [
        at_most("train / its dataset and as many bare fits", training["seconds"] / yardstick, 3),
        Measure("train, LightGBM fits", training["fits"]),
    ]


def _scoring(large: Sizes) -> list[Measure]:
    scoring, publishing = large["scoring"], large["publishing"]
    return [
        at_least(
            "scoring, rows a second / Booster.predict", scoring["bare"] / scoring["seconds"], 0.7
        ),
        at_least(
            "publishing, rows a second / bare insert",
            publishing["bare"] / publishing["seconds"],
            0.5,
        ),
    ]


def _growth(small: Sizes, large: Sizes) -> list[Measure]:
    def growth(stage: str, of: str) -> float:
        return float(large[stage][of] / small[stage][of])

    return [
        *(
            at_most(f"peak memory of {stage}, MiB", large[stage]["peak_mib"], 4096)
            for stage in _STAGES
        ),
        *(
            at_most(
                f"peak memory of {stage}, ten times the users / one",
                growth(stage, "peak_mib"),
                TENTH,
            )
            for stage in _STAGES
        ),
        *(
            at_most(f"time of {stage}, ten times the events / one", growth(stage, "seconds"), 12)
            for stage in _STAGES
        ),
    ]
