"""Events of a shop that never was: as many as a benchmark wants, in the order of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 365
END = START + timedelta(days=DAYS)
NAMES = (
    "page_viewed",
    "product_viewed",
    "cart_updated",
    "purchase",
    "campaign_sent",
    "campaign_opened",
    "campaign_clicked",
    "review",
)
_SHARES = (0.42, 0.25, 0.1, 0.08, 0.08, 0.04, 0.02, 0.01)
_PRODUCTS = 5_000
_CHUNK = 1_000_000
_MICROSECONDS_A_DAY = 86_400_000_000


def write_events(path: Path, events: int, users: int, seed: int = 0) -> None:
    """Write a Parquet file of ``events`` rows over a year, in the order of time.

    Users differ in how much they do (gamma), and some fall silent on the way; columns
    ``user, event, ts, amount, product``.
    """
    random = np.random.default_rng(seed)
    rate = random.gamma(1.0, 1.0, users) + 0.02
    lifetime = np.where(random.random(users) < 0.5, 1.0, random.random(users))
    cumulative = np.cumsum(rate / rate.sum())
    products = np.array([f"p{number:05d}" for number in range(_PRODUCTS)])
    written = 0
    with pq.ParquetWriter(path, _SCHEMA) as writer:
        while written < events:
            size = min(_CHUNK, events - written)
            share = (written + np.arange(size)) / events
            user = np.minimum(np.searchsorted(cumulative, random.random(size)), users - 1)
            # A user who has fallen silent hands the event to one who is always there.
            silent = share > lifetime[user]
            user = np.where(silent, user // 2 * 2 + (lifetime[user ^ 1] >= share), user) % users
            name = random.choice(len(NAMES), size, p=_SHARES)
            writer.write_table(_table(random, user, name, share, products))
            written += size


def _table(
    random: np.random.Generator,
    user: np.ndarray,
    name: np.ndarray,
    share: np.ndarray,
    products: np.ndarray,
) -> pa.Table:
    size = len(user)
    start = int(START.timestamp()) * 1_000_000
    time = start + (share * DAYS * _MICROSECONDS_A_DAY).astype(np.int64)
    bought = name == NAMES.index("purchase")
    amount = np.where(bought, np.round(random.gamma(2.0, 20.0, size), 2), np.nan)
    shown = np.isin(name, [NAMES.index("product_viewed"), NAMES.index("purchase")])
    product = products[random.integers(0, len(products), size)]
    return pa.table(
        {
            "user": pa.array([f"user-{number:07d}" for number in user.tolist()]),
            "event": pa.DictionaryArray.from_arrays(
                pa.array(name.astype(np.int32)), pa.array(NAMES)
            ).cast(pa.string()),
            "ts": pa.array(time, pa.timestamp("us", "UTC")),
            "amount": pa.array(amount, mask=~bought),
            "product": pa.array(product, pa.string(), mask=~shown),
        },
        schema=_SCHEMA,
    )


_SCHEMA = pa.schema(
    [
        ("user", pa.string()),
        ("event", pa.string()),
        ("ts", pa.timestamp("us", "UTC")),
        ("amount", pa.float64()),
        ("product", pa.string()),
    ]
)
