"""The data frame of a training run: who, when, what came true, and nothing of the future."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from predictive.frames import training_frame
from predictive.imports import EventColumns, import_events
from predictive.predictions import apply
from predictive.workspace import Workspace
from tests.shop import START, make_shop

AS_OF = START + timedelta(days=84)
WINDOW = timedelta(days=14)


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    return make_shop(customers=300, days=110).events


@pytest.fixture(scope="module")
def frame(events: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return frame_of(events, tmp_path_factory.mktemp("whole"))


def frame_of(events: pd.DataFrame, folder: Path) -> pd.DataFrame:
    events.to_parquet(folder / "events.parquet", index=False)
    columns = EventColumns(user="customer", time="when", event="what", amount="total")
    with Workspace.create(folder / "workspace", buckets=4) as workspace:
        import_events(workspace, [folder / "events.parquet"], columns)
        apply(
            workspace,
            "name: buys-14d\nkind: purchase\ntarget: {within_days: 14, all: [{did: purchase}]}",
        )
        return training_frame(workspace, "buys-14d", as_of=AS_OF)


def test_rows_and_answers_are_those_counted_by_hand(
    frame: pd.DataFrame, events: pd.DataFrame
) -> None:
    purchases = events[events["what"] == "purchase"]
    moments = frame.index.levels[0]
    assert len(moments) >= 3
    for moment in moments:
        told = frame.xs(moment)["positive"]
        window = purchases["when"].between(moment, moment + WINDOW, inclusive="left")
        known = set(events.loc[events["when"] < moment, "customer"])
        assert set(told.index) == known
        assert set(told.index[told]) == known & set(purchases.loc[window, "customer"])


def test_a_feature_is_what_it_says(frame: pd.DataFrame, events: pd.DataFrame) -> None:
    assert frame.attrs["meaning"]["days_since:purchase"] == "days since the last purchase"
    moment = frame.index.levels[0][-1]
    before = events[(events["what"] == "purchase") & (events["when"] < moment)]
    by_hand = (moment - before.groupby("customer")["when"].max()) / timedelta(days=1)
    told = frame.xs(moment)["days_since:purchase"].dropna()
    pd.testing.assert_series_equal(
        told.astype(float), by_hand, check_names=False, rtol=1e-5, check_index_type=False
    )


def test_nothing_after_as_of_is_in_it(
    frame: pd.DataFrame, events: pd.DataFrame, tmp_path: Path
) -> None:
    cut = frame_of(events[events["when"] < AS_OF], tmp_path)
    pd.testing.assert_frame_equal(cut, frame)
    assert all(pd.Timestamp(test) + WINDOW <= AS_OF for test in frame.attrs["tests"])
