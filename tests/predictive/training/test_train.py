"""A training run as a step of a job: done once, however often it is begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import predictive.jobs.train
import predictive.promotion
from predictive import EventColumns, import_events, train
from tests.predictive.training.conftest import DAYS, NAME
from tests.shop import START, make_shop

#: Long ago, as in a replay.
NOW = datetime(2024, 6, 1, tzinfo=UTC)


def mlflow_versions(workspace):
    from mlflow import MlflowClient

    uri = workspace.mlflow_tracking_uri
    return MlflowClient(uri, uri).search_model_versions(f"name='{NAME}'")


def aliases(workspace):
    from mlflow import MlflowClient

    uri = workspace.mlflow_tracking_uri
    return MlflowClient(uri, uri).get_registered_model(NAME).aliases


def folders(workspace):
    return sorted(path.name for path in (workspace.models_path / NAME).iterdir())


def killed(*_, **__):
    raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "step"),
    [
        (predictive.jobs.train, "track_build"),
        (predictive.jobs.train, "_add_version"),
        (predictive.jobs.train, "settle"),
        (predictive.promotion, "mirror_roles"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_a_training_cut_short_is_finished_by_the_next_one(workspace, module, step, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(module, step, killed)
        with pytest.raises(KeyboardInterrupt):
            train(workspace, NAME, job_id="job-1")
    report = train(workspace, NAME, job_id="job-1", by="schedule")
    assert report["model_version"] == 1
    version = workspace.store.models.get(NAME, 1)
    assert version.created_at <= version.promoted_at
    assert [version.version for version in workspace.store.models.list(NAME)] == [1]
    assert workspace.store.models.champion(NAME).version == 1
    assert folders(workspace) == ["job-1"]
    (tracked,) = mlflow_versions(workspace)
    assert tracked.run_id == workspace.store.models.get(NAME, 1).mlflow_run_id
    assert list(aliases(workspace)) == ["champion"]


@pytest.mark.slow
def test_a_job_trains_once(workspace):
    report = train(workspace, NAME, job_id="job-1", by="schedule", now=NOW)
    # The clock of the training goes on: a model is there before it is promoted.
    version = workspace.store.models.get(NAME, 1)
    assert NOW < version.created_at <= version.promoted_at < NOW + timedelta(hours=1)
    again = train(workspace, NAME, job_id="job-1", by="schedule")
    assert again == report
    other = train(workspace, NAME, job_id="job-2", by="schedule")
    assert other["model_version"] == 2
    # What an earlier job trained stays as it was decided then.
    train(workspace, NAME, job_id="job-1", by="schedule")
    assert workspace.store.models.champion(NAME).version == 2
    assert aliases(workspace) == {
        "champion": mlflow_versions_of(workspace, 2),
        "challenger": mlflow_versions_of(workspace, 1),
    }
    changes = [change for change in workspace.store.history.list(NAME) if change.kind == "model"]
    assert [(change.by, change.after["champion_version"]) for change in changes] == [
        ("schedule", 2),
        ("schedule", 1),
    ]


def mlflow_versions_of(workspace, version):
    run_id = workspace.store.models.get(NAME, version).mlflow_run_id
    (found,) = (each for each in mlflow_versions(workspace) if each.run_id == run_id)
    return int(found.version)


@pytest.mark.slow
def test_a_training_tells_of_a_record_that_is_stamped_before_the_purchase(workspace, tmp_path):
    events = make_shop(customers=300, days=DAYS).events
    bought = events[events["what"] == "purchase"].assign(what="order_created", total=None)
    bought["when"] -= timedelta(hours=30)
    bought[bought["when"] >= START].to_csv(tmp_path / "orders.csv", index=False)
    import_events(workspace, [tmp_path / "orders.csv"], EventColumns("customer", "when", "what"))
    report = train(workspace, NAME)
    (finding,) = [each for each in report["leakage"] if each["severity"] == "warning"]
    assert (finding["kind"], finding["names"]) == ("announces_target", ["order_created"])
