"""``/metrics``: what it tells, to whom, and that it names nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from predictive import figures
from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.api.conftest import AS_OF, Service, add_events, add_scores, publish, running, serving
from tests.api.problems import assert_problem

NOW = datetime.now(UTC)
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def told(service: Service) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    response = service.client.get("/metrics", headers=service.headers("read"))
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def value(service: Service, name: str, **labels: str) -> float:
    return told(service)[name, frozenset(labels.items())]


@pytest.fixture(autouse=True)
def read_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "KEPT", timedelta(0))


def test_requests_are_counted_by_template_and_never_by_path(scored: Service) -> None:
    path = "/v1/predictions/churn-28d/scores"
    for user in ("anna", "ben", "nobody", "anna/ben"):
        scored.client.get(f"{path}/{user}", headers=scored.headers())
    scored.client.get(f"{path}/anna")
    scored.client.request("REPORT", "/v1/anna/anna")
    scored.client.put(f"{path}/anna", headers=scored.headers())
    counted = {
        tuple(dict(labels).get(key) for key in ("route", "method", "status")): number
        for (name, labels), number in told(scored).items()
        if name == "predictive_http_requests_total"
    }
    template = "/v1/predictions/{name}/scores/{user_id}"
    assert counted[template, "GET", "200"] == 2
    assert counted[template, "GET", "404"] == 2
    assert counted[template, "GET", "401"] == 1
    assert counted[template, "PUT", "405"] == 1
    assert counted["unmatched", "other", "404"] == 1
    known = set(scored.app.openapi()["paths"]) | {"unmatched", "dashboard"}
    assert {route for route, _, _ in counted} <= known
    text = scored.client.get("/metrics", headers=scored.headers()).text
    assert not {"anna", "ben", "nobody"} & set(text.replace("/", " ").replace('"', " ").split())
    seconds = value(
        scored, "predictive_http_request_duration_seconds_count", route=template, method="GET"
    )
    assert seconds == 5


def test_it_needs_a_key_unless_it_is_open(scored: Service, tmp_path: Path) -> None:
    assert_problem(scored.client.get("/metrics"), 401, "unauthorized")
    assert_problem(
        scored.client.get("/metrics", headers=scored.headers("events")), 403, "forbidden"
    )
    from api.app import create_app

    settings = Settings(workspace=scored.workspace.path, metrics="open")
    with serving(create_app(settings)) as address:
        assert httpx.get(f"{address}/metrics").status_code == 200


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_store_is_told(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    started = datetime.now(UTC)
    with running(tmp_path / "workspace", url) as service:
        store = service.workspace.store
        told(service)  # what comes now is new to the next reading
        add_scores(service.workspace)
        add_events(service.workspace)
        report = {"quality": {"value": 41.5}}
        store.models.add_version(
            "churn-28d",
            definition_version=1,
            as_of=AS_OF,
            seed=0,
            data_version="1",
            code_version="test",
            base_rate=0.3,
            report=report,
            folder="none",
        )
        store.models.set_champion("churn-28d", 2)
        run = store.runs.current("churn-28d")
        assert run is not None
        store.evaluations.add(run.run_id, {"actual": {"quality": {"value": 38.25}}})
        waiting = NOW - timedelta(minutes=2)
        store.jobs.create("check", None, {}, now=waiting)
        done = store.jobs.create("score", "churn-28d", {})
        store.jobs.progress(done, stage="Scoring", share=0.5)
        store.jobs.finish(done, {})
        for number, rejected in (("1", {"unreadable time": 3}), ("2", {})):
            rows = {"imported": 10, "duplicates": 1, "rejected": rejected}
            store.imports.add(number, "events", rows, NOW - timedelta(hours=1))
        store.alerts.open(
            None, "event_stopped", "visit", severity="critical", message="", details={}, at=NOW
        )

        age = value(service, "predictive_score_age_seconds", prediction="churn-28d")
        assert started <= AS_OF + timedelta(seconds=age) <= datetime.now(UTC)
        published = value(service, "predictive_score_published_age_seconds", prediction="churn-28d")
        assert 0 <= published <= (datetime.now(UTC) - started).total_seconds()
        assert value(service, "predictive_scored_users", prediction="churn-28d") == 5
        assert value(service, "predictive_quality_expected", prediction="churn-28d") == 41.5
        assert value(service, "predictive_quality_actual", prediction="churn-28d") == 38.25
        assert value(service, "predictive_jobs", kind="check", state="queued") == 1
        assert value(service, "predictive_oldest_queued_job_age_seconds") > 100
        ended = {"kind": "score", "state": "succeeded"}
        assert value(service, "predictive_job_duration_seconds_count", **ended) == 1
        assert value(service, "predictive_worker_running") == 0
        imported = {"kind": "events"}
        total = "predictive_imported_rows_total"
        assert value(service, total, outcome="new", **imported) == 20
        assert value(service, total, outcome="rejected", **imported) == 3
        last = "predictive_last_import_rows"
        assert value(service, last, outcome="rejected", **imported) == 0
        assert value(service, "predictive_last_import_age_seconds", **imported) > 3500
        assert value(service, "predictive_newest_event_age_seconds") > 0
        alert = {"prediction": "", "kind": "event_stopped", "severity": "critical"}
        assert value(service, "predictive_open_alerts", **alert) == 1

        # Nothing is counted twice, and what is over is gone.
        store.alerts.resolve(None, "event_stopped", "visit", NOW)
        again = told(service)
        assert again[total, frozenset({("outcome", "new"), *imported.items()})] == 20
        assert ("predictive_open_alerts", frozenset(alert.items())) not in again
        name = "predictive_job_duration_seconds_count"
        assert again[name, frozenset(ended.items())] == 1
        publish(service.workspace, "churn-28d", [("anna", 0.5, 50.0)])
        assert value(service, "predictive_scored_users", prediction="churn-28d") == 1
        store.predictions.delete("churn-28d")
        assert not any("churn-28d" in str(key) for key in told(service))


def test_a_reading_is_kept_for_a_while(scored: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "KEPT", timedelta(hours=1))
    before = value(scored, "predictive_scored_users", prediction="churn-28d")
    publish(scored.workspace, "churn-28d", [("anna", 0.5, 50.0)])
    assert value(scored, "predictive_scored_users", prediction="churn-28d") == before == 5


def test_a_running_worker_is_seen_and_not_disturbed(tmp_path: Path, postgres_url: str) -> None:
    import subprocess
    import sys

    hold = (
        "import sys; from predictive.workspace import Workspace;"
        "from predictive.jobs.lock import only_worker\n"
        "with Workspace.open(sys.argv[1]) as w, only_worker(w): print('held', flush=True); input()"
    )
    for number, url in enumerate((None, postgres_url)):
        settings = Settings(workspace=tmp_path / str(number), database_url=url)
        with Workspace.create(settings=settings) as workspace:
            gauge = figures.Gauge(workspace, NOW)
            assert not gauge.read(NOW)[0].worker_running
            environment = {} if url is None else {"PREDICTIVE_DATABASE_URL": url}
            with subprocess.Popen(
                [sys.executable, "-c", hold, str(workspace.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                text=True,
            ) as holder:
                assert holder.stdout is not None
                assert holder.stdout.readline() == "held\n"
                assert gauge.read(NOW)[0].worker_running
                holder.communicate("\n")
            assert not gauge.read(NOW)[0].worker_running


def test_every_metric_is_documented_and_no_other(scored: Service) -> None:
    told_names = {
        family.name
        for family in text_string_to_metric_families(
            scored.client.get("/metrics", headers=scored.headers()).text
        )
        if family.name.startswith("predictive_")
    }
    section = OPERATIONS.read_text(encoding="utf-8").split("### Metrics\n")[1].split("\n### ")[0]
    rows = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert {name.removesuffix("_total") for name in rows} == told_names
    assert json.dumps(rows).count("predictive_") == len(rows)
