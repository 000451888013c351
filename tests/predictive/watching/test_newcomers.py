"""Events that no model has learned from: told in time, once, until a model has learned them."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa
import pytest
from scipy.stats import binom

from predictive.configuration import EventsMapping, SourceConfig
from predictive.definitions import Definition
from predictive.features.plan import FeaturePlan
from predictive.features.planning import MAX_EVENTS
from predictive.sources import WarehouseSource, open_source
from predictive.store.alerts import Alert
from predictive.watching.newcomers import (
    MANY_EVENTS,
    Learned,
    NameCount,
    customer_counts,
    name_counts,
    newcomers,
)
from tests.predictive.watching.feed import DAY, NAME, START, Feed

CUSTOMERS, BUYERS = 400, 134
TRAINED = 60
LAUNCH = 70


def live(feed: Feed, first: int, end: int, **new: int) -> None:
    """Everybody visits and a third buys every day; so many do what is new from its launch on."""
    rows = [
        (name, day, number)
        for day in range(first, end)
        for name, count in (("visit", CUSTOMERS), ("purchase", BUYERS), *new.items())
        if name not in new or day >= LAUNCH
        for number in range(count)
    ]
    noons = [START + (day + 0.5) * DAY for _, day, _ in rows]
    table = pa.table(
        {
            "event_id": [f"{name}-{day}-{number}" for name, day, number in rows],
            "user_id": [f"u{number}" for _, _, number in rows],
            "name": [name for name, _, _ in rows],
            "time": pa.array(noons, pa.timestamp("us", "UTC")),
            "received_at": pa.array([noon + DAY / 2 for noon in noons], pa.timestamp("us", "UTC")),
        }
    )
    feed.workspace.lake.append_events(table)
    feed.workspace.lake.set_complete_through(START + end * DAY)


def train(
    feed: Feed,
    until: int,
    *,
    events: Iterable[str] = ("visit", "purchase"),
    prediction: str = NAME,
) -> None:
    """A champion whose newest training snapshot is that day."""
    workspace, snapshot = feed.workspace, START + until * DAY
    folder = workspace.models_path / prediction / f"until-{until}"
    folder.mkdir(parents=True)
    plan = FeaturePlan(lookback_days=(28,), events=tuple(events), target_events=("purchase",))
    (folder / "features.json").write_text(plan.model_dump_json())
    version = workspace.store.models.add_version(
        prediction,
        definition_version=1,
        as_of=snapshot + 14 * DAY,
        seed=0,
        data_version="1",
        code_version="test",
        base_rate=0.3,
        report={"snapshots": [(snapshot - 14 * DAY).isoformat(), snapshot.isoformat()]},
        folder=str(folder.relative_to(workspace.path)),
    )
    workspace.store.models.set_champion(prediction, version)


def apply(feed: Feed, name: str, more: str = "") -> None:
    predictions = feed.workspace.store.predictions
    predictions.create_or_update(
        Definition.from_text(
            f"name: {name}\nkind: purchase\n{more}"
            "target: {within_days: 14, all: [{did: purchase}]}\n"
        )
    )
    if predictions.get(name).state == "draft":
        predictions.set_state(name, "active", "test", START)


def test_a_new_channel_is_told_once_and_resolved_when_a_model_has_learned_it(feed: Feed) -> None:
    train(feed, TRAINED)
    live(feed, 0, LAUNCH, app_opened=120)
    feed.check(LAUNCH)
    assert feed.told() == set()
    opened, resolved, before = [], [], LAUNCH
    for day in (71, 72, 73, 80, 90):
        live(feed, before, day, app_opened=120)
        before = day
        report = feed.check(day)
        opened += [day] * len(report["opened"])
        resolved += [day] * len(report["resolved"])
    # One day may be a mistake.
    assert (opened, resolved) == ([72], [])
    (alert,) = feed.open()
    assert (alert.prediction, alert.kind, alert.subject) == (None, "event_appeared", "app_opened")
    assert alert.severity == "warning"
    assert alert.message == (
        "Event 'app_opened' is new: it first came on 2024-03-11, and 120 of the 400 customers "
        "active in the last 7 days (30%) did it. The model of buys-14d has learned from what "
        "came before 2024-03-01, which holds too little of it."
    )
    assert alert.details["learned_until"] == {NAME: "2024-03-01T00:00:00+00:00"}
    events = ("visit", "purchase", "app_opened")
    # Retrained, but what it learned from holds three days of it.
    train(feed, LAUNCH + 3, events=events)
    assert feed.check(90)["resolved"] == []
    train(feed, LAUNCH + 7, events=events)
    assert feed.check(90)["resolved"] == [alert.id]


def test_what_was_there_before_training_is_no_news(feed: Feed) -> None:
    train(feed, LAUNCH + 8, events=("visit", "purchase", "app_opened"))
    live(feed, 0, LAUNCH + 15, app_opened=120)
    feed.check(LAUNCH + 15)
    assert feed.told() == set()


def test_nobody_is_told_before_there_is_a_model(feed: Feed) -> None:
    live(feed, 0, LAUNCH + 5, app_opened=120)
    assert feed.check(LAUNCH + 5)["data"]["newcomers"] is None
    assert feed.told() == set()
    train(feed, TRAINED)
    feed.check(LAUNCH + 5)
    assert feed.told() == {("event_appeared", "app_opened")}
    # Nobody is scored by that model any more.
    feed.workspace.store.predictions.set_state(NAME, "archived", "test", START)
    feed.check(LAUNCH + 5)
    assert feed.told() == set()


def test_a_few_customers_of_many_are_no_news(feed: Feed) -> None:
    train(feed, TRAINED)
    live(feed, 0, LAUNCH + 8, beta=20, tester=2)
    feed.check(LAUNCH + 8)
    assert feed.told() == set()


def test_what_is_given_up_again_is_resolved(feed: Feed) -> None:
    train(feed, TRAINED)
    live(feed, 0, LAUNCH + 4, survey=200)
    feed.check(LAUNCH + 4)
    assert feed.told() == {("event_appeared", "survey")}
    live(feed, LAUNCH + 4, LAUNCH + 10, survey=5)
    feed.check(LAUNCH + 10)
    assert feed.told() == {("event_appeared", "survey")}
    live(feed, LAUNCH + 10, LAUNCH + 11, survey=5)
    feed.check(LAUNCH + 11)
    assert feed.told() == set()


def test_each_model_has_its_own_past_and_its_own_exclusions(feed: Feed) -> None:
    train(feed, TRAINED)
    for name, more in (("second", ""), ("third", "exclude_features: [app_opened]\n")):
        apply(feed, name, more)
        train(feed, TRAINED, prediction=name)
    live(feed, 0, LAUNCH + 20, app_opened=120)
    feed.check(LAUNCH + 20)
    (alert,) = feed.open()
    assert sorted(alert.details["learned_until"]) == [NAME, "second"]
    assert "The models of buys-14d, second have" in alert.message
    events = ("visit", "purchase", "app_opened")
    train(feed, LAUNCH + 8, events=events)
    feed.check(LAUNCH + 20)
    (alert,) = feed.open()
    assert sorted(alert.details["learned_until"]) == ["second"]
    train(feed, LAUNCH + 8, events=events, prediction="second")
    feed.check(LAUNCH + 20)
    assert feed.told() == set()


def test_many_new_events_are_said_once(feed: Feed) -> None:
    train(feed, TRAINED)
    renamed = {f"app_{number}": 100 + number for number in range(6)}
    live(feed, 0, LAUNCH + 4, **renamed)
    report = feed.check(LAUNCH + 4)
    assert feed.told() == {("event_appeared", MANY_EVENTS)}
    (alert,) = feed.open()
    assert "6 events are new, most of all 'app_5', 'app_4', 'app_3'" in alert.message
    assert report["data"]["newcomers"] == {"names": 8, "new": 6}


def test_a_warehouse_is_counted_like_the_lake(feed: Feed, tmp_path) -> None:
    live(feed, 0, LAUNCH + 4, app_opened=120)
    lake = open_source(feed.workspace)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        given = lake.tables(None).events.select("user_id", "name", "time").to_pyarrow()
        connection.register("given", given)
        connection.execute("CREATE TABLE events AS SELECT * FROM given")
    mapping = EventsMapping(table="events", user="user_id", time="time", event="name")
    config = SourceConfig(url=f"duckdb://{tmp_path / 'shop.duckdb'}", events=mapping)
    warehouse = WarehouseSource(config)
    moments = [START + TRAINED * DAY, START + (LAUNCH + 2) * DAY]
    end = START + (LAUNCH + 3) * DAY
    ours, theirs = (
        sorted(name_counts(source, end, moments), key=lambda one: one.name)
        for source in (lake, warehouse)
    )
    assert ours == theirs
    assert ours[0] == NameCount(
        "app_opened", START + (LAUNCH + 0.5) * DAY, 360, 360, {moments[0]: 0, moments[1]: 240}
    )
    names = ["app_opened", "purchase", "nothing"]
    assert customer_counts(lake, end, names) == customer_counts(warehouse, end, names)
    assert customer_counts(lake, end, names) == (
        CUSTOMERS, {"app_opened": 120, "purchase": BUYERS, "nothing": 0}
    )  # fmt: skip
    for source in (lake, warehouse):
        learned = [Learned(NAME, moments[0], frozenset({"visit", "purchase"}))]
        (finding,) = newcomers(source, end, learned, []).findings
        assert (finding.kind, finding.subject) == ("event_appeared", "app_opened")


AS_OF = START + 200 * DAY
UNTIL = AS_OF - 30 * DAY


def count(name: str, recent: int, *, days: float = 10, before: int = 0, events: int = 0):
    return NameCount(name, AS_OF - days * DAY, events or recent + before, recent, {UNTIL: before})


OLD = count("visit", 9000, days=190, before=50_000)


def judged(
    monkeypatch: pytest.MonkeyPatch,
    names: list[NameCount],
    customers: int,
    *,
    active: int = 1000,
    events: Iterable[str] = ("visit",),
    told: bool = False,
) -> set[str]:
    """Subjects of what is found for counts that are given."""
    module = "predictive.watching.newcomers"
    monkeypatch.setattr(f"{module}.name_counts", lambda *_: [OLD, *names])
    counted = active, {one.name: customers for one in names}
    monkeypatch.setattr(f"{module}.customer_counts", lambda *_: counted)
    alerts = [opened(one.name) for one in names] if told else []
    learned = [Learned(NAME, UNTIL, frozenset(events))]
    return {one.subject for one in newcomers(None, AS_OF, learned, alerts).findings}  # type: ignore[arg-type]


def opened(subject: str) -> Alert:
    return Alert(
        1, None, "event_appeared", subject, "warning", "", {}, AS_OF - DAY, AS_OF - DAY, None, 1
    )


def test_the_share_has_to_be_surely_above_a_twentieth(monkeypatch) -> None:
    new = [count("app", 500)]
    alpha = 0.02 / 365
    least = int(binom.isf(alpha, 1000, 0.05)) + 1
    assert binom.sf(least - 1, 1000, 0.05) < alpha <= binom.sf(least - 2, 1000, 0.05)
    assert judged(monkeypatch, new, least) == {"app"}
    assert judged(monkeypatch, new, least - 1) == set()
    # What is told stays so down to half of it.
    assert judged(monkeypatch, new, 25, told=True) == {"app"}
    assert judged(monkeypatch, new, 24, told=True) == set()


def test_of_very_few_customers_nothing_is_said(monkeypatch) -> None:
    new = [count("app", 100)]
    assert judged(monkeypatch, new, 19, active=25) == set()
    assert judged(monkeypatch, new, 20, active=25) == {"app"}


def test_it_has_to_have_come_for_more_than_a_day(monkeypatch) -> None:
    assert judged(monkeypatch, [count("app", 500, days=0.99)], 300) == set()
    assert judged(monkeypatch, [count("app", 500, days=1)], 300) == {"app"}


def test_a_model_may_have_seen_a_fifth_of_a_week(monkeypatch) -> None:
    knows = ("visit", "app")

    def found(before: int, *, told: bool = False) -> set[str]:
        new = [count("app", 500, days=60, before=before)]
        return judged(monkeypatch, new, 300, events=knows, told=told)

    assert found(99) == {"app"}
    assert found(100) == set()
    # Once told, it has to learn a week.
    assert found(499, told=True) == {"app"}
    assert found(500, told=True) == set()


def test_history_that_came_in_after_training_is_unknown_to_the_model(monkeypatch) -> None:
    late = [count("app", 500, days=190, before=20_000)]
    assert judged(monkeypatch, late, 300) == {"app"}
    assert judged(monkeypatch, late, 300, events=("visit", "app")) == set()
    # A model of as many names as it may have counts the rarer ones together.
    full = [f"e{number}" for number in range(MAX_EVENTS)]
    assert judged(monkeypatch, late, 300, events=full) == set()


def test_names_that_come_and_go_all_the_time_are_no_news(monkeypatch) -> None:
    new = count("campaign_27", 500, days=5)

    def before(names: int, events: int = 600) -> list[NameCount]:
        days = [160 - 120 * number / names for number in range(names)]
        return [
            count(f"campaign_{number}", 0, days=day, before=events, events=events)
            for number, day in enumerate(days)
        ]

    known = ["visit", *(f"campaign_{number}" for number in range(9))]
    assert judged(monkeypatch, [new, *before(2)], 300, events=known) == {"campaign_27"}
    assert judged(monkeypatch, [new, *before(3)], 300, events=known) == set()
    # Rare ones always come up for the first time one day; this one is none of them.
    assert judged(monkeypatch, [new, *before(9, 499)], 300, events=known) == {"campaign_27"}


def test_silence_resolves_nothing(monkeypatch) -> None:
    monkeypatch.setattr(
        "predictive.watching.newcomers.name_counts", lambda *_: [count("app", 0, days=40)]
    )
    monkeypatch.setattr("predictive.watching.newcomers.customer_counts", lambda *_: (0, {"app": 0}))
    learned = [Learned(NAME, UNTIL, frozenset({"visit"}))]
    verdict = newcomers(None, AS_OF, learned, [opened("app")])  # type: ignore[arg-type]
    assert verdict.kinds == ()
