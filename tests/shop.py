"""A small shop whose customers' habits are known, for tests that need a whole history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Shop:
    """Events and facts of a shop.

    Parameters
    ----------
    events
        Columns ``customer, what, when, total, colour``, in order of time.
    facts
        Columns ``customer, country, points, when``.
    """

    events: pd.DataFrame
    facts: pd.DataFrame

    def before(self, moment: datetime) -> Shop:
        """Only what had happened before a moment."""
        return Shop(
            self.events[self.events["when"] < moment], self.facts[self.facts["when"] < moment]
        )

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both as CSV files."""
        folder.mkdir(parents=True, exist_ok=True)
        events, facts = folder / "events.csv", folder / "facts.csv"
        self.events.to_csv(events, index=False)
        self.facts.to_csv(facts, index=False)
        return events, facts


def make_shop(customers: int = 400, days: int = 120, seed: int = 0) -> Shop:
    """Customers who buy at rates of their own until, one day, they stop for good."""
    random = np.random.default_rng(seed)
    rate = random.gamma(2.0, 0.06, customers) + 0.01
    stop = np.minimum(random.exponential(150.0, customers), days)
    rows = []
    for customer in range(customers):
        for what, factor in (("purchase", 1.0), ("visit", 2.5), ("campaign_sent", 0.0)):
            mean = rate[customer] * factor * stop[customer] if factor else days / 20
            last = stop[customer] if factor else days
            for day in random.random(random.poisson(mean)) * last:
                paid = what == "purchase"
                rows.append(
                    (
                        f"c{customer:04d}",
                        what,
                        START + timedelta(days=float(day)),
                        round(float(random.gamma(2, 15)), 2) if paid else None,
                        str(random.choice(["red", "blue", "green"])) if paid else None,
                    )
                )
    events = pd.DataFrame(rows, columns=["customer", "what", "when", "total", "colour"])
    facts = pd.DataFrame(
        {
            "customer": [f"c{customer:04d}" for customer in range(customers)],
            "country": random.choice(["GB", "FR", "DE"], customers),
            "points": random.integers(0, 1000, customers),
            "when": [START + timedelta(days=float(d)) for d in random.random(customers) * days],
        }
    )
    return Shop(events.sort_values("when", ignore_index=True), facts)
