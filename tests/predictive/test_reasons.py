"""Why, from a real training: leaks that came with an import, and reasons that make up a score."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from models.calibration import Calibrator
from predictive import EventColumns, Workspace, apply, import_events, import_users, score, train
from predictive import leakage as leakage_module
from predictive.errors import Conflict, NotFound
from predictive.reasons import contributions, show_reasons
from predictive.why import show_why
from tests.shop import START, make_shop

DAYS = 75
NAME = "buys-14d"
BUYS = f"""
name: {NAME}
kind: event
target: {{within_days: 14, all: [{{did: purchase}}]}}
"""
COLUMNS = EventColumns("customer", "when", "what", amount="total", properties="all")

pytestmark = [
    pytest.mark.slow,
    # Ibis calls DuckDB by older names, MLflow SQLAlchemy; ends with releases that do not.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose customer file was written later: ``still_here`` knows who went on buying."""
    made = tmp_path_factory.mktemp("why")
    shop = make_shop(customers=400, days=DAYS)
    events, facts = shop.write(made)
    purchases = shop.events[shop.events["what"] == "purchase"]
    last = purchases.groupby("customer")["when"].max()
    customers = sorted(set(shop.facts["customer"]))
    told = pd.DataFrame({"customer": customers})
    recent = pd.Timestamp(START + timedelta(days=DAYS - 14))
    told["still_here"] = [
        bool(last.get(each, recent - pd.Timedelta(days=99)) >= recent) for each in customers
    ]
    told["shoe_size"] = np.random.default_rng(1).integers(36, 46, len(customers))
    told.to_csv(made / "told.csv", index=False)
    with Workspace.create(made / "workspace") as workspace:
        import_events(workspace, [events], COLUMNS)
        import_users(workspace, facts, "customer", "when")
        import_users(workspace, made / "told.csv", "customer")
        apply(workspace, BUYS)
        train(workspace, NAME)
        score(workspace, NAME)
    return made / "workspace"


@pytest.fixture
def workspace(folder: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(folder, tmp_path / "workspace")
    with Workspace.open(tmp_path / "workspace") as opened:
        yield opened


def test_the_file_that_knew_later_is_named(workspace: Workspace) -> None:
    findings = show_why(workspace, NAME)["leakage"]
    note = next(each for each in findings if each["kind"] == "attributes_without_time")
    assert note["names"] == ["shoe_size", "still_here"]
    warned = {name for each in findings if each["severity"] == "warning" for name in each["names"]}
    assert warned == {"still_here"}


def test_why_tells_of_the_champion(workspace: Workspace) -> None:
    told = show_why(workspace, NAME)
    assert json.loads(json.dumps(told)) == told
    champion = workspace.store.models.champion(NAME)
    assert champion is not None
    assert told["model_version"] == champion.version
    assert {"associations", "importance", "leakage"} <= set(champion.report)
    shares = [each["share"] for each in told["importance"]["topics"]]
    assert shares == sorted(shares, reverse=True)
    assert 0.9 < sum(shares) <= 1 + 1e-9
    words = [each["words"] for each in told["associations"]["more_likely"]]
    assert any("purchase" in each or "visit" in each for each in words)


def test_without_a_model_there_is_no_why(workspace: Workspace) -> None:
    apply(workspace, BUYS.replace(NAME, "other-14d"))
    with pytest.raises(Conflict, match="no model"):
        show_why(workspace, "other-14d")
    with pytest.raises(NotFound):
        show_why(workspace, "nothing-14d")


def test_reasons_make_up_the_score(workspace: Workspace) -> None:
    page = workspace.store.scores.page(NAME, limit=1000)
    for kept in page.scores[:: max(1, len(page.scores) // 12)]:
        told = show_reasons(workspace, NAME, kept.user_id)
        assert json.loads(json.dumps(told)) == told
        assert (told["score"], told["probability"]) == (kept.score, kept.probability)
        assert not told["data_changed"]
        odds = kept.probability / (1 - kept.probability)
        assert told["log_odds"] == pytest.approx(math.log(odds), abs=1e-6)
        topics = [each["log_odds"] for each in told["reasons"]]
        assert told["base_log_odds"] + sum(topics) == pytest.approx(told["log_odds"], abs=1e-9)
        assert topics == sorted(topics, key=abs, reverse=True)
        for each in told["reasons"]:
            assert sum(one["log_odds"] for one in each["features"]) == pytest.approx(
                each["log_odds"], abs=1e-9
            )
            assert each["odds_factor"] == pytest.approx(math.exp(each["log_odds"]))
            assert each["words"] == each["features"][0]["words"]


def test_reasons_say_what_is_true_of_the_customer(workspace: Workspace) -> None:
    page = workspace.store.scores.page(NAME, limit=1000)
    for kept in (page.scores[0], page.scores[-1]):
        told = show_reasons(workspace, NAME, kept.user_id)
        features = {one["feature"]: one for each in told["reasons"] for one in each["features"]}
        recency = features["days_since:purchase"]
        days = _days_since_purchase(workspace, kept.user_id, kept.as_of)
        if days is None:
            assert (recency["value"], recency["words"]) == (None, "no purchase so far")
        else:
            assert recency["value"] == pytest.approx(days, rel=1e-5)
            assert recency["words"].startswith("last purchase")


def _days_since_purchase(workspace: Workspace, user_id: str, as_of: object) -> float | None:
    from predictive.sources import open_source

    events = open_source(workspace).tables(None).events
    table = events.filter((events.user_id == user_id) & (events.name == "purchase")).to_pandas()
    table = table[table["time"] < as_of]
    if table.empty:
        return None
    return float((as_of - table["time"].max()) / pd.Timedelta(days=1))


def test_a_changed_past_is_said(workspace: Workspace, tmp_path: Path) -> None:
    user = workspace.store.scores.page(NAME, limit=1000).scores[-1].user_id
    late = pd.DataFrame(
        {
            "customer": [user] * 12,
            "what": "purchase",
            "when": [START + timedelta(days=DAYS - 2 - day) for day in range(12)],
            "total": 50.0,
            "colour": "red",
        }
    )
    late.to_csv(tmp_path / "late.csv", index=False)
    import_events(workspace, [tmp_path / "late.csv"], COLUMNS)
    told = show_reasons(workspace, NAME, user)
    assert told["data_changed"]
    kept = workspace.store.scores.get(NAME, user)
    assert told["score"] == kept.score
    assert told["log_odds"] > math.log(kept.probability / (1 - kept.probability))


def test_a_model_of_a_release_that_counted_otherwise_is_trained_anew(workspace: Workspace) -> None:
    """Rather than be given numbers that it did not learn from."""
    champion = workspace.store.models.champion(NAME)
    assert champion is not None
    file = workspace.path / champion.folder / "features.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8"))["plan"]), encoding="utf-8")
    before = workspace.store.scores.page(NAME, limit=1).scores
    for refused in (
        lambda: show_reasons(workspace, NAME, before[0].user_id),
        lambda: score(workspace, NAME),
    ):
        with pytest.raises(Conflict, match="another release"):
            refused()
    assert workspace.store.scores.page(NAME, limit=1).scores == before
    assert train(workspace, NAME)["promoted"]
    score(workspace, NAME)
    assert show_reasons(workspace, NAME, before[0].user_id)["model_version"] > champion.version


def test_who_has_no_score_has_no_reasons(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="nobody"):
        show_reasons(workspace, NAME, "nobody")
    with pytest.raises(NotFound):
        show_reasons(workspace, "nothing-14d", "c0001")


@pytest.mark.parametrize("total", [-2.0, 1e-9, 0.0, 3.0])
def test_a_bent_calibrator_keeps_the_sum(total: float) -> None:
    class Model:
        calibrator = Calibrator(0.7, 1.6, 0.3)
        bias = -1.2

        def contributions(self, row: object) -> np.ndarray:
            return np.array([[total + 1.5, -1.5]])

    told = contributions(Model(), np.zeros((1, 2), np.float32))  # type: ignore[arg-type]
    ends = Model.calibrator.logits(np.array([Model.bias, Model.bias + total]))
    assert told.base == pytest.approx(ends[0])
    assert told.log_odds == pytest.approx(ends[1], abs=1e-6)
    assert np.sign(told.added).tolist() == [1.0 if total > -1.5 else -1.0, -1.0]


def test_every_kind_of_leak_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "why.md").read_text(encoding="utf-8")
    for kind in get_args(leakage_module.Kind):
        assert f"`{kind}`" in page
