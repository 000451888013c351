"""Events that come shortly before the target: records stamped too early, and honest steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from predictive import leads
from predictive.features.plan import FeaturePlan
from predictive.imports import EventColumns, import_events
from predictive.leads import read_leads
from predictive.sources import open_source
from predictive.workspace import Workspace

START, DAYS = datetime(2025, 1, 1, tzinfo=UTC), 90
END = START + timedelta(days=DAYS)
MINUTE = 1 / 1440
Row = tuple[str, str, float]


def visits(random: np.random.Generator, customers: int = 400) -> list[Row]:
    """A shop: some visits fill a cart, half of the carts are paid for, nearly all at once."""
    rows: list[Row] = []
    for number in range(customers):
        user = f"u{number:04d}"
        for begin in random.random(random.poisson(12)) * DAYS:
            rows += [(user, "visit", begin + k * MINUTE) for k in range(random.poisson(2) + 1)]
            if random.random() < 0.4:
                rows.append((user, "cart_filled", begin + 5 * MINUTE))
                if random.random() < 0.55:
                    rows.append((user, "card_entered", begin + 7 * MINUTE))
                    if random.random() < 0.995:
                        rows.append((user, "purchase", begin + 9 * MINUTE))
    return rows


def recorded_before(rows: list[Row], days: float, share: float = 1.0, seed: int = 5) -> list[Row]:
    """A record of each purchase, or of some, that is stamped so much earlier."""
    random = np.random.default_rng(seed)
    return [
        (user, "order_created", time - days)
        for user, name, time in rows
        if name == "purchase" and time > days and random.random() < share
    ]


def busy(random: np.random.Generator) -> list[Row]:
    """Few buy every day and are let into a lounge for it; most buy once a quarter."""
    rows: list[Row] = []
    for number in range(600):
        user, often = f"u{number:04d}", number < 120
        for name, times in (
            ("purchase", (DAYS * 1.5 if often else 1)),
            ("lounge", (10 if often else 0)),
            ("visit", DAYS / 3),
        ):
            rows += [(user, name, time) for time in random.random(random.poisson(times)) * DAYS]
    return rows


def found(folder: Path, rows: list[Row], lookbacks: tuple[int, ...] = (7, 28)) -> Any:
    frame = pd.DataFrame(rows, columns=["user", "event", "day"])
    frame = frame[(frame["day"] >= 0) & (frame["day"] < DAYS)]
    frame["time"] = START + pd.to_timedelta(frame.pop("day"), unit="D").dt.round("us")
    frame.to_parquet(folder / "events.parquet", index=False)
    with Workspace.create(folder / "workspace", buckets=2) as workspace:
        columns = EventColumns(user="user", time="time", event="event")
        import_events(workspace, [folder / "events.parquet"], columns, complete_through=END)
        plan = FeaturePlan(
            lookback_days=lookbacks,
            events=tuple(sorted({name for _, name, _ in rows})),
            target_events=("purchase",),
        )
        read = read_leads(open_source(workspace), plan, END)
        return read and list(read.announcing())


@pytest.mark.parametrize(("days", "hours"), [(2 / 24, 6), (30 / 24, 48), (6.0, 168)])
def test_a_record_of_the_purchase_that_is_stamped_earlier_is_found(tmp_path, days, hours):
    rows = visits(np.random.default_rng(1))
    (finding,) = found(tmp_path, rows + recorded_before(rows, days))
    assert (finding.kind, finding.severity) == ("announces_target", "warning")
    assert finding.names == ("order_created",)
    assert finding.figures["hours"] == hours
    assert finding.figures["rate"] > 0.99
    assert finding.figures["average"] < 0.8
    assert f"followed by purchase within {hours} hours" in finding.words


def test_a_record_of_some_purchases_is_found_too(tmp_path):
    rows = visits(np.random.default_rng(2))
    (finding,) = found(tmp_path, rows + recorded_before(rows, 1.25, share=0.3))
    assert finding.names == ("order_created",)


@pytest.mark.parametrize("seed", range(3))
def test_the_steps_of_a_visit_are_no_leak(tmp_path, seed):
    """Neither a cart, which often stays, nor the card, minutes before nearly every purchase."""
    assert found(tmp_path, visits(np.random.default_rng(seed))) == []


@pytest.mark.parametrize("share", [0.6, 0.8, 0.9])
def test_a_step_that_often_leads_to_a_purchase_days_later_is_no_leak(tmp_path, share):
    random = np.random.default_rng(3)
    rows = visits(random)
    quotes = [(user, "quote_asked", day - 1.5) for user, name, day in rows if name == "purchase"]
    kept = round(len(quotes) * (1 / share - 1))
    in_vain = [
        (f"u{n % 400:04d}", "quote_asked", d * DAYS) for n, d in enumerate(random.random(kept))
    ]
    assert found(tmp_path, rows + quotes + in_vain) == []


def test_what_those_do_who_buy_daily_anyway_is_no_leak(tmp_path):
    assert found(tmp_path, busy(np.random.default_rng(4))) == []


def test_an_event_at_the_same_moment_is_not_before(tmp_path):
    rows = visits(np.random.default_rng(1))
    items = [(user, "item", day) for user, name, day in rows if name == "purchase"]
    assert found(tmp_path, rows + items) == []


def test_a_handful_of_customers_is_too_few(tmp_path):
    rows = visits(np.random.default_rng(1), customers=40)
    assert found(tmp_path, rows + recorded_before(rows, 1.25)) == []


def test_a_share_of_the_customers_is_enough(tmp_path, monkeypatch):
    monkeypatch.setattr(leads, "MAX_EVENTS", 1)
    rows = visits(np.random.default_rng(1), customers=800)
    (finding,) = found(tmp_path, rows + recorded_before(rows, 1.25))
    assert finding.figures["customers"] >= 148


def test_without_the_target_or_another_event_there_is_nothing_to_look_at(tmp_path):
    assert found(tmp_path, [("u1", "purchase", 1.0), ("u2", "purchase", 2.0)]) is None


def test_leads_as_counted_one_by_one():
    random = np.random.default_rng(6)
    customers = np.sort(random.integers(0, 30, 400))
    times = random.integers(0, 40, 400)
    times = times[np.lexsort((times, customers))]
    order = np.lexsort((times, customers))
    times, targets = times[order], random.random(400) < 0.2
    expected = [
        min(
            (
                times[j] - times[i]
                for j in np.flatnonzero(targets & (customers == customers[i]))
                if times[j] > times[i]
            ),
            default=leads._NEVER,
        )
        for i in range(400)
    ]
    assert leads._leads(customers, times, targets).tolist() == expected
