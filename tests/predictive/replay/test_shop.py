"""The synthetic shop: alive, repeatable, and quiet up to the day on which something goes wrong."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from predictive.errors import InvalidInput
from predictive.replay.customers import draw_customers
from predictive.replay.incidents import INCIDENT_KINDS, LOST_EVENT, NEW_CHANNEL_EVENT, Incident
from predictive.replay.rhythm import WEEK, demand
from predictive.replay.shop import SyntheticShop

FIRST = date(2024, 3, 4)
WRONG = FIRST + timedelta(days=40)


def events(days: int = 60, customers: int = 400, seed: int = 1, *incidents: Incident) -> pa.Table:
    shop = SyntheticShop(FIRST, days, customers, seed, incidents)
    return pa.concat_tables([table for _, table in shop.tables()])


def count(table: pa.Table, event: str) -> int:
    return pc.sum(pc.equal(table["event"], event)).as_py() or 0


def split(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    since = pc.greater_equal(pc.cast(table["time"], pa.date32()), pa.scalar(WRONG))
    return table.filter(pc.invert(since)), table.filter(since)


def test_the_same_seed_gives_the_same_shop_and_another_one_another():
    assert events(days=10).equals(events(days=10))
    assert not events(days=10).equals(events(days=10, seed=2))


def test_every_day_holds_its_own_events_in_order_of_time():
    for day, table in SyntheticShop(FIRST, 30, 300).tables():
        times = table["time"].to_pylist()
        assert times == sorted(times)
        assert {moment.astimezone(UTC).date() for moment in times} == {day}


def test_the_shop_has_several_events_and_purchases_have_amounts():
    table = events()
    names = set(table["event"].to_pylist())
    assert names == {
        "registered", "visit", "product_viewed", "cart_filled", "purchase",
        "campaign_sent", "campaign_opened", "campaign_clicked",
    }  # fmt: skip
    bought = pc.equal(table["event"], "purchase")
    assert pc.min(table.filter(bought)["amount"]).as_py() > 0
    assert table.filter(pc.invert(bought))["amount"].null_count == pc.sum(pc.invert(bought)).as_py()


def test_customers_differ_come_and_go():
    people = draw_customers(1000, 365, np.random.default_rng(0))
    alive = [(people.joined <= day) & (people.left > day) for day in (0, 180, 364)]
    assert all(700 < there.sum() < 1300 for there in alive)
    assert 0.2 < (alive[0] & alive[2]).sum() / alive[0].sum() < 0.6
    assert people.visits.std() > 0.5 * people.visits.mean()


def test_the_week_and_the_year_have_their_rhythm():
    assert WEEK.mean() == pytest.approx(1.0, abs=0.001)
    saturday, tuesday = date(2024, 5, 4), date(2024, 5, 7)
    assert demand(saturday) > 1.3 * demand(tuesday)
    assert demand(date(2024, 12, 10)) > 1.2 * demand(date(2024, 10, 15))
    year = [demand(date(2024, 1, 1) + timedelta(days=day)) for day in range(364)]
    assert np.mean(year) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("kind", INCIDENT_KINDS)
def test_up_to_its_day_a_shop_with_an_incident_is_the_quiet_one(kind):
    quiet, _ = split(events())
    before, after = split(events(60, 400, 1, Incident(kind, WRONG)))
    assert before.equals(quiet)
    assert not after.equals(split(events())[1])


def test_halving_the_base_rate_halves_purchases_and_leaves_visits():
    _, quiet = split(events())
    _, halved = split(events(60, 400, 1, Incident("base-rate", WRONG)))
    assert count(halved, "purchase") == pytest.approx(0.5 * count(quiet, "purchase"), rel=0.1)
    assert count(halved, "visit") == pytest.approx(count(quiet, "visit"), rel=0.02)


def test_an_event_that_is_not_tracked_any_more_is_all_that_is_missing():
    _, quiet = split(events())
    _, lost = split(events(60, 400, 1, Incident("tracking", WRONG)))
    assert lost.equals(quiet.filter(pc.not_equal(quiet["event"], LOST_EVENT)))


def test_a_new_channel_takes_visits_over_and_changes_habits():
    _, quiet = split(events(90))
    _, moved = split(events(90, 400, 1, Incident("channel", WRONG)))
    assert count(quiet, NEW_CHANNEL_EVENT) == 0
    assert count(moved, "visit") < 0.85 * count(quiet, "visit")
    assert count(moved, "visit") + count(moved, NEW_CHANNEL_EVENT) > 1.2 * count(quiet, "visit")


@pytest.mark.parametrize(
    ("field", "change"), [("customers", {"customers": 49}), ("days", {"days": 0})]
)
def test_a_shop_that_makes_no_sense_is_refused(field, change):
    with pytest.raises(InvalidInput, match=field):
        SyntheticShop(FIRST, **{"days": 10, "customers": 100} | change)


def test_an_unknown_incident_is_refused():
    with pytest.raises(InvalidInput, match="base-rate, tracking, channel"):
        Incident("meteor", WRONG)  # type: ignore[arg-type]
