"""Builds are recorded in a real MLflow database, and nothing leaves the machine."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.calibration import Calibrator
from models.logistic import Columns, Logistic
from models.pictures import curve_pictures
from models.propensity import PropensityModel

pytestmark = [
    # MLflow 3.17 under SQLAlchemy 2.1; goes when MLflow drops ``noload``.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
    # MLflow keeps its database connections until the process ends.
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def saved_model(tmp_path):
    features = np.random.default_rng(0).random((50, 2), dtype=np.float32)
    columns = Columns.learn(features, np.arange(2))
    candidate = Logistic("logistic", columns, -1.0, np.array([0.5, -0.5]), 2)
    model = PropensityModel((candidate,), (1.0,), Calibrator(), 0.3, ("a", "b"))
    model.save(tmp_path / "saved")
    return tmp_path / "saved"


@pytest.fixture
def offline(monkeypatch):
    def refuse(self, address):
        raise AssertionError(f"connects to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def tracking_uri(tmp_path):
    return f"sqlite:///{tmp_path / 'mlflow.db'}"


def _log(tracking_uri, saved_model, tmp_path, **more):
    from models.tracking import log_build

    return log_build(
        tracking_uri,
        "churn-28d",
        saved_model,
        params={"seed": 7, "chosen": "blend"},
        metrics={"quality": 61.5},
        definition_yaml="name: churn-28d\n",
        tags={"code_version": "abc"},
        artifact_root=tmp_path / "artifacts",
        **more,
    )


def test_a_build_is_whole_and_registered(tmp_path, saved_model, tracking_uri, offline):
    from mlflow import MlflowClient

    labels = np.array([False, True] * 20)
    pictures = curve_pictures({"2025-01-01": (labels, np.linspace(0.1, 0.9, 40))})
    first = _log(tracking_uri, saved_model, tmp_path, pictures=pictures)

    client = MlflowClient(tracking_uri, tracking_uri)
    run = client.get_run(first)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"seed": "7", "chosen": "blend"}
    assert run.data.metrics == {"quality": 61.5}
    assert run.data.tags["code_version"] == "abc"
    files = {item.path for item in client.list_artifacts(first, "curves")}
    assert files == {
        f"curves/{name}.png" for name in ("gains", "lift", "roc", "precision_recall", "calibration")
    }
    kept = client.download_artifacts(first, "model")
    assert PropensityModel.load(Path(kept)).base_rate == 0.3
    assert Path(client.download_artifacts(first, "definition.yaml")).read_text() == (
        "name: churn-28d\n"
    )
    (version,) = client.search_model_versions("name='churn-28d'")
    assert version.run_id == first


def test_what_was_logged_under_a_key_is_found_again(tmp_path, saved_model, tracking_uri, offline):
    from mlflow import MlflowClient

    first = _log(tracking_uri, saved_model, tmp_path, key="job-1")
    assert _log(tracking_uri, saved_model, tmp_path, key="job-1") == first
    assert _log(tracking_uri, saved_model, tmp_path, key="job-2") != first
    client = MlflowClient(tracking_uri, tracking_uri)
    assert len(client.search_model_versions("name='churn-28d'")) == 2


def test_what_was_cut_short_under_a_key_is_taken_back(tmp_path, saved_model, tracking_uri, offline):
    from mlflow import MlflowClient

    first = _log(tracking_uri, saved_model, tmp_path, key="job-1")
    client = MlflowClient(tracking_uri, tracking_uri)
    # As a process leaves it that is killed after it has registered the model.
    client.update_run(first, status="RUNNING")
    again = _log(tracking_uri, saved_model, tmp_path, key="job-1")
    assert again != first
    (version,) = client.search_model_versions("name='churn-28d'")
    assert version.run_id == again
    experiment = client.get_experiment_by_name("churn-28d")
    assert [run.info.run_id for run in client.search_runs([experiment.experiment_id])] == [again]


def test_aliases_move_and_go(tmp_path, saved_model, tracking_uri, offline):
    from mlflow import MlflowClient

    from models.tracking import set_aliases

    first = _log(tracking_uri, saved_model, tmp_path)
    second = _log(tracking_uri, saved_model, tmp_path)
    client = MlflowClient(tracking_uri, tracking_uri)

    def aliases():
        return client.get_registered_model("churn-28d").aliases

    set_aliases(tracking_uri, "churn-28d", {"champion": first, "challenger": second})
    assert aliases() == {"champion": 1, "challenger": 2}
    for _ in range(2):
        set_aliases(tracking_uri, "churn-28d", {"champion": second, "challenger": None})
        assert aliases() == {"champion": 2}
    set_aliases(tracking_uri, "never-trained", {"champion": None, "challenger": None})
    with pytest.raises(ValueError, match="allowed: a run that registered"):
        set_aliases(tracking_uri, "churn-28d", {"champion": "0" * 32})


def test_a_build_that_breaks_is_marked_failed(tmp_path, saved_model, tracking_uri, offline):
    from mlflow import MlflowClient

    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "churn-28d").write_text("a file where a folder should go")
    with pytest.raises(OSError, match="churn-28d"):
        _log(tracking_uri, saved_model, tmp_path)

    client = MlflowClient(tracking_uri, tracking_uri)
    experiment = client.get_experiment_by_name("churn-28d")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FAILED"
    assert client.search_registered_models() == []


def test_what_cannot_be_recorded_is_refused_first(tmp_path, saved_model, tracking_uri):
    from models.tracking import log_build

    given = {"params": {}, "definition_yaml": "", "metrics": {}}
    with pytest.raises(ValueError, match=r"model\.json"):
        log_build(tracking_uri, "churn-28d", tmp_path, **given)
    with pytest.raises(ValueError, match=r"metrics\['auc'\] is nan"):
        log_build(tracking_uri, "churn-28d", saved_model, **given | {"metrics": {"auc": np.nan}})
    assert not (tmp_path / "mlflow.db").exists()


def test_pictures_are_png():
    labels = np.array([False, True, True, False] * 10)
    pictures = curve_pictures({"2025-01-01": (labels, np.linspace(0.01, 0.99, 40))})
    assert all(png.startswith(b"\x89PNG") for png in pictures.values())


def test_mlflow_and_matplotlib_are_imported_late():
    code = (
        "import json, sys, models.tracking, models.backtest, models.pictures;"
        "print(json.dumps([m for m in ('mlflow', 'matplotlib', 'lightgbm', 'sklearn')"
        " if m in sys.modules]))"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(shown.stdout) == []
