"""The life of a prediction that is really trained and scored."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from predictive import Selection, Workspace, apply, lifecycle, score, simulate, train
from predictive.errors import Conflict, NotFound
from predictive.promotion import promote
from predictive.quality import quality
from tests.predictive.training.conftest import NAME

NOW = datetime(2026, 1, 2, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def previewed(shop_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A preview that was trained and scored, to be copied."""
    folder = tmp_path_factory.mktemp("previewed") / "workspace"
    shutil.copytree(shop_folder, folder)
    with Workspace.open(folder) as workspace:
        lifecycle.set_state(workspace, NAME, "preview", by="test", now=NOW)
        train(workspace, NAME)
        score(workspace, NAME)
    return folder


@pytest.fixture
def preview(previewed: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(previewed, tmp_path / "preview")
    with Workspace.open(tmp_path / "preview") as opened:
        yield opened


def test_a_preview_is_built_and_measured_but_never_offered(preview: Workspace) -> None:
    assert preview.store.predictions.get(NAME).state == "preview"
    run = preview.store.runs.current(NAME)
    assert run is not None
    assert quality(preview, NAME)["expected"] is not None
    assert simulate(preview, NAME, selection=Selection(top_share=0.1))["reached"] > 0
    somebody = next(preview.lake.scores.read(run.run_id)).column("user_id")[0].as_py()
    out = preview.path / "scores.parquet"
    for ask in (
        lambda: preview.store.scores.get(NAME, somebody),
        lambda: preview.store.scores.page(NAME),
        lambda: score(preview, NAME, out=out),
    ):
        with pytest.raises(Conflict, match=f"predictive state {NAME} active"):
            ask()
    assert not out.exists()
    lifecycle.set_state(preview, NAME, "active", by="test", now=NOW)
    assert preview.store.scores.get(NAME, somebody).run_id == run.run_id
    score(preview, NAME, out=out)
    assert out.exists()


def test_an_archived_prediction_keeps_all_and_does_nothing(preview: Workspace) -> None:
    lifecycle.set_state(preview, NAME, "archived", by="test", now=NOW)
    runs, models = preview.store.runs.list(NAME), preview.store.models.list(NAME)
    asks = (
        lambda: train(preview, NAME),
        lambda: score(preview, NAME),
        lambda: promote(preview, NAME, 1),
    )
    for ask in asks:
        with pytest.raises(Conflict, match="is archived"):
            ask()
    assert preview.store.runs.list(NAME) == runs
    assert preview.store.models.list(NAME) == models
    assert quality(preview, NAME)["expected"] is not None
    assert lifecycle.history(preview, NAME)["changes"][0]["after"] == {"state": "archived"}


def test_a_training_that_ends_after_the_archiving_leaves_no_model(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from predictive.jobs import train as training

    logged = training.track_build

    def archive_meanwhile(*arguments: Any) -> str:
        lifecycle.set_state(workspace, NAME, "archived", by="test", now=NOW)
        return logged(*arguments)

    monkeypatch.setattr(training, "track_build", archive_meanwhile)
    with pytest.raises(Conflict, match="is archived"):
        train(workspace, NAME)
    assert workspace.store.models.list(NAME) == []
    assert workspace.store.predictions.get(NAME).state == "archived"
    assert list((workspace.models_path / NAME).iterdir()) == []


def test_a_deletion_leaves_no_file_and_no_champion_behind(preview: Workspace) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(preview.mlflow_tracking_uri)
    assert set(client.get_registered_model(NAME).aliases) == {"champion"}
    waiting = preview.store.jobs.create("score", NAME, {})

    gone = lifecycle.delete(preview, NAME, by="key abc", now=NOW)

    assert gone == {"name": NAME, "models": 1, "runs": 1, "archives": 1}
    assert not (preview.models_path / NAME).exists()
    assert list(preview.lake.scores.folder.glob("*.parquet")) == []
    assert client.get_registered_model(NAME).aliases == {}
    with pytest.raises(NotFound):
        preview.store.jobs.get(waiting)
    with pytest.raises(NotFound):
        lifecycle.delete(preview, NAME, by="key abc", now=NOW)
    newest = lifecycle.history(preview, NAME)["changes"][0]
    assert (newest["kind"], newest["by"]) == ("deleted", "key abc")


def test_a_deletion_cut_short_can_be_repeated(
    preview: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ConnectionError("no MLflow")

    with monkeypatch.context() as patch:
        patch.setattr("predictive.tracking.delete_roles", fail)
        with pytest.raises(ConnectionError):
            lifecycle.delete(preview, NAME, by="test", now=NOW)
    assert preview.store.predictions.get(NAME).state == "archived"
    assert lifecycle.delete(preview, NAME, by="test", now=NOW)["models"] == 1


def test_a_name_may_be_used_again_after_a_deletion(preview: Workspace) -> None:
    text = preview.store.predictions.get(NAME).definition_yaml
    lifecycle.delete(preview, NAME, by="test", now=NOW)
    assert apply(preview, text)["change"] == "created"
    assert train(preview, NAME)["model_version"] == 1
    assert preview.store.predictions.get(NAME).state == "active"
