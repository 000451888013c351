"""What it means that a restored workspace is whole."""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb
from deltalake import DeltaTable

from predictive.model_folder import read_backtest, read_model
from predictive.workspace import Workspace


def assert_whole(workspace: Workspace, *, after_deletion: bool = False) -> dict[str, int]:
    """Everything that the workspace speaks of can be read; how much of each there was.

    After a customer's deletion older versions of the lake can't, and runs hold fewer rows.
    """
    counts = {"models": 0, "runs": 0, "mlflow": 0, "events": _lake(workspace, after_deletion)}
    for prediction in workspace.store.predictions.list():
        for version in workspace.store.models.list(prediction.name):
            _model(workspace, workspace.path / version.folder)
            counts["mlflow"] += _mlflow_run(workspace, version.mlflow_run_id)
            counts["models"] += 1
        counts["runs"] += _runs(workspace, prediction.name, after_deletion)
    if workspace.settings.database_url is None:
        _sqlite(workspace.path / "meta.db")
    return counts


def _model(workspace: Workspace, folder: Path) -> None:
    model, _ = read_model(folder)
    assert 0 < model.base_rate < 1
    assert len(read_backtest(folder).labels) > 0
    json.loads((folder / "report.json").read_text())


def _runs(workspace: Workspace, prediction: str, after_deletion: bool) -> int:
    runs = [
        run
        for run in workspace.store.runs.list(prediction)
        if run.state in {"finished", "published", "superseded"}
    ]
    for run in runs:
        archived = sum(batch.num_rows for batch in workspace.lake.read_scores(run.run_id))
        assert archived == run.users or after_deletion, run
        assert run.as_of <= workspace.lake.data_end()
    current = workspace.store.runs.current(prediction)
    if current is not None:
        kept = _published(workspace, prediction, current.run_id)
        rows = [row for b in workspace.lake.read_scores(current.run_id) for row in b.to_pylist()]
        assert kept == {row["user_id"]: round(row["score"], 2) for row in rows}
        assert len(workspace.store.runs.histogram(current.run_id)) > 0
    return len(runs)


def _published(workspace: Workspace, prediction: str, run_id: str) -> dict[str, float]:
    kept: dict[str, float] = {}
    cursor = None
    while not kept or cursor is not None:
        page = workspace.store.scores.page(prediction, cursor=cursor, limit=1_000)
        assert {one.run_id for one in page.scores} == {run_id}
        kept |= {one.user_id: one.score for one in page.scores}
        cursor = page.next_cursor
    return kept


def _mlflow_run(workspace: Workspace, run_id: str | None) -> int:
    from mlflow import MlflowClient

    assert run_id is not None
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    uri = workspace.mlflow_tracking_uri
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["auc"] > 0.5
    folder = Path(unquote(urlsplit(run.info.artifact_uri).path))
    assert folder.is_relative_to(workspace.path.resolve()), "it leads to the old workspace"
    names = {file.path for file in client.list_artifacts(run_id, "model")}
    assert {"model/model.json", "model/report.json"} <= names
    (version,) = client.search_model_versions(f"run_id='{run_id}'")
    assert Path(unquote(urlsplit(version.source).path)).is_relative_to(folder)
    return 1


def _lake(workspace: Workspace, after_deletion: bool) -> int:
    """The versions of both tables read; the number of events now."""
    for table in (workspace.lake.events, workspace.lake.attributes):
        newest = DeltaTable(str(table.path)).version()
        for version in range(newest if after_deletion else 0, newest + 1):
            files = DeltaTable(str(table.path), version=version).file_uris()
            if files:
                duckdb.sql("SELECT count(*) FROM read_parquet($files)", params={"files": files})
    tables = workspace.lake.tables()
    return int(tables.events.count().to_pyarrow().as_py())


def _sqlite(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
