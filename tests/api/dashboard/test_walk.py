"""The marketer's way in a real browser: from an empty workspace to a saved segment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from predictive import apply, score, train
from predictive.evaluation_report import evaluation_report
from predictive.jobs.run import fail
from predictive.outcomes import ScoredOutcomes
from predictive.reach import Reach
from predictive.segments.definition import SegmentDefinition
from predictive.segments.service import save
from predictive.watching.volumes import _came
from predictive.windows import _too_short
from predictive.wording.said import kept
from predictive.wording.sentence import Sentence
from predictive.workspace import Workspace
from tests.api.dashboard.browsing import barriers, choose, look, picture, signed_in_page
from tests.api.dashboard.conftest import NAME, Dashboard, dashboard_on
from tests.shop import make_shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

#: A few seconds on a machine of its own, minutes on one that does much else.
BUILD_MS = 600_000

DEFINITION = """name: churn-14d
kind: churn
target:
  all:
  - did_not: purchase
  within_days: 14
audience:
  all:
  - attribute: country
    ne: DE
"""


@pytest.fixture
def faults() -> list[str]:
    """What a page did wrong."""
    return []


@pytest.fixture
def page(browser: Browser, dashboard: Dashboard, faults: list[str]) -> Iterator[Page]:
    """A signed-in page on a phone."""
    phone = {"width": 390, "height": 844}
    key = dashboard.keys["admin"]
    with signed_in_page(browser, dashboard.url, key, faults, viewport=phone) as page:
        yield page


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A shop whose events and facts are imported, and nothing else is done."""
    files = make_shop(customers=500, days=110).write(tmp_path_factory.mktemp("files"))
    path = tmp_path_factory.mktemp("walk") / "workspace"
    with dashboard_on(path, files=files) as served:
        yield served


@pytest.fixture
def built(shop: Dashboard) -> Dashboard:
    """The same with a prediction that is built, by the walk or else here."""
    with Workspace.open(shop.path) as workspace:
        if not workspace.store.predictions.list():
            apply(workspace, DEFINITION)
            train(workspace, "churn-14d")
            score(workspace, "churn-14d")
        if not workspace.store.segments.list():
            likely = "{name: at-risk, all: [{prediction: churn-14d, gte: 50}]}"
            segment = SegmentDefinition.from_text(likely)
            save(workspace, segment, by="test", now=datetime.now(UTC))
        if not workspace.store.alerts.list():
            come_true(workspace)
            open_alerts(workspace)
    return shop


def come_true(workspace: Workspace) -> None:
    """What became of the scores, made up: the window has not passed."""
    run, random = workspace.store.runs.current("churn-14d"), np.random.default_rng(1)
    assert run is not None
    scored = pa.Table.from_batches(workspace.lake.read_scores(run.run_id))
    probabilities = scored["probability"].to_numpy()
    labels = random.random(len(probabilities)) < probabilities
    outcomes = ScoredOutcomes(
        scored["user_id"].combine_chunks(), probabilities, scored["score"].to_numpy(), labels
    )
    reached = np.arange(len(labels)) < 5
    # Nobody can stand in for those who were sent a message.
    reach = Reach(reached, np.zeros_like(reached), np.ones(len(labels)), ("send-1",))
    promised = workspace.store.models.get("churn-14d", run.model_version).report
    workspace.store.evaluations.add(run.run_id, evaluation_report(run, promised, outcomes, reach))


def open_alerts(workspace: Workspace) -> None:
    """Alerts as checks open them, and one of a job that failed."""
    now, since = datetime.now(UTC), date(2024, 4, 1)
    stopped = Sentence(
        "Event {name!r} has stopped since {since}: {came}{where}.",
        name="visit",
        since=since.isoformat(),
        came=_came(3, 412.0, since, since),
        where=Sentence(", while the other events kept their level"),
    )
    workspace.store.alerts.open(
        None, "event_stopped", "visit", severity="critical", message=stopped, details={}, at=now
    )
    job_id = workspace.store.jobs.create("train", "churn-14d", {}, requested_by="schedule", key="k")
    error = _too_short(timedelta(days=20), 14, timedelta(days=14))
    told = error.details() | {"said": kept(error.sentence)}
    fail(workspace, workspace.store.jobs.get(job_id), told, now=now)


@pytest.mark.timeout(900)
def test_from_an_empty_workspace_to_a_saved_segment(
    browser: Browser, faults: list[str], shop: Dashboard
) -> None:
    with signed_in_page(browser, shop.url, shop.keys["admin"], faults) as page:
        page.get_by_text("There is no prediction yet").wait_for()
        page.get_by_role("link", name="New prediction").click()
        _ask_for_churn(page)
        page.get_by_role("button", name="Save and build", exact=True).click()
        page.get_by_role("progressbar").wait_for()
        page.get_by_role("link", name="See whom it reaches").click(timeout=BUILD_MS)
        _simulate(page)
        page.get_by_label("Name of the segment").fill("at-risk")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("Saved: at-risk").wait_for()
        page.get_by_role("link", name="Segments").click()
        page.get_by_role("link", name="at-risk").click()
        page.get_by_text("For your campaign engine").wait_for()
        choose(page, "Compare with the members of", "30 days ago")
        page.get_by_text("Came in").wait_for()
    with Workspace.open(shop.path) as workspace:
        (segment,) = workspace.store.segments.list()
        snapshot = workspace.store.segments.snapshots(segment.id)[0]
        prediction = workspace.store.predictions.get("churn-14d")
    assert prediction.definition_yaml == DEFINITION
    assert prediction.state == "active"
    assert segment.created_by.startswith("key ")
    assert snapshot.users > 0
    assert faults == []


def _ask_for_churn(page: Page) -> None:
    page.get_by_text("Enough to build it.").wait_for()
    page.get_by_label("Within how many days").fill("14")
    page.locator("pre", has_text="churn-14d").wait_for()
    choose(page, "Customers", "only some of them")
    # Nothing to ask for yet: it says so where it belongs, and saves nothing.
    page.get_by_role("button", name="Save and build", exact=True).click()
    page.get_by_text("Add at least one condition.").wait_for()
    page.get_by_role("button", name="What they are").click()
    choose(page, "Attribute", "country")
    choose(page, "Compared", "is not")
    choose(page, "Value", "DE")
    page.locator("pre", has_text="ne: DE").wait_for()
    page.locator(".enough:not(.stale *)").wait_for()
    picture(page, "builder")
    assert barriers(page) == []


def _simulate(page: Page) -> None:
    # Of so few customers none may score 75: the page says so, and goes on from there.
    page.get_by_text(re.compile("Scores from 75 to 100|scores 75 or more")).first.wait_for()
    page.get_by_label("Worth of one customer kept").fill("40")
    page.get_by_label("Cost of one message").fill("4")
    page.get_by_text("Best threshold:").wait_for()
    page.get_by_role("button", name="Compare 75 with 50").click()
    page.get_by_role("columnheader", name="Scores from 50 to 100").wait_for()
    # By keyboard, as someone does who can't drag.
    page.get_by_role("slider", name="Lowest score").press("ArrowLeft")
    page.get_by_text(re.compile("Scores from 74 to 100|scores 74 or more")).first.wait_for()
    for lowest in (64, 54):
        page.get_by_role("slider", name="Lowest score").press("PageDown")
        page.get_by_text(f"Scores from {lowest} to 100").wait_for()
    page.evaluate("scrollTo(0, 0)")
    picture(page, "simulator", whole=False)
    assert barriers(page) == []


PREDICTION = "/predictions/churn-14d"


@pytest.mark.parametrize(
    ("name", "path", "awaited"),
    [
        ("predictions", "/", ".pill"),
        ("prediction", PREDICTION, "canvas"),
        ("quality", f"{PREDICTION}/quality", "text=/come true|예상과 실제/"),
        ("why", f"{PREDICTION}/why", ".progress"),
        ("definition", f"{PREDICTION}/definition", ".enough"),
        ("jobs", f"{PREDICTION}/jobs", ".problem"),
        ("segment", "/segments/at-risk", "td a"),
        ("new-segment", "/new-segment", ".group"),
        ("customer", "/customers?user={scored}", ".pill"),
        ("alerts", "/alerts", ".pill"),
        ("keys", "/keys", "td"),
    ],
)
def test_every_page_in_each_look(
    browser: Browser, built: Dashboard, faults: list[str], name: str, path: str, awaited: str
) -> None:
    with Workspace.open(built.path) as workspace:
        everybody = [f"c{number:04d}" for number in range(500)]
        scored = next(iter(workspace.store.scores.get_many("churn-14d", everybody)))
    path = path.format(scored=scored)
    with signed_in_page(browser, built.url, built.keys["admin"], faults) as page:
        page.goto(f"{built.url}{path}")
        page.locator(awaited).first.wait_for()
        assert barriers(page) == []
        look(page, built.url, path, awaited, name)
    assert faults == []


def test_on_a_phone_by_keyboard(dashboard: Dashboard, page: Page, faults: list[str]) -> None:
    page.get_by_role("link", name=NAME).click()
    page.get_by_text("Scores from 75 to 100").wait_for()
    page.get_by_label("Worth of one customer kept").fill("40")
    page.get_by_label("Cost of one message").fill("12")
    page.get_by_text("Best threshold:").wait_for()
    page.get_by_role("button", name="Keep this selection").click()
    page.get_by_role("button", name="Remove").wait_for()
    page.get_by_role("slider", name="Lowest score").press("ArrowLeft")
    page.get_by_text("Scores from 74 to 100").wait_for()
    page.get_by_role("spinbutton", name="Lowest score").fill("100")
    page.get_by_text("No customer scores 100 or more; the highest score is").wait_for()
    page.get_by_role("spinbutton", name="Lowest score").fill("74")
    page.get_by_text("Scores from 74 to 100").wait_for()
    page.get_by_label("Name of the segment").fill("leaving")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved: leaving").wait_for()
    with Workspace.open(dashboard.path) as workspace:
        segment = workspace.store.segments.get("leaving")
        (snapshot,) = workspace.store.segments.snapshots(segment.id)
        score = workspace.store.scores
        found = score.get_many(NAME, [f"user-{number:03d}" for number in range(600)])
    assert snapshot.users == sum(each.score >= 74 for each in found.values()) > 0
    assert faults == []


def test_a_segment_of_nobody_says_what_to_do(page: Page, dashboard: Dashboard) -> None:
    document = {"name": "nobody", "all": [{"prediction": NAME, "gte": 100}]}
    with Workspace.open(dashboard.path) as workspace:
        segment = SegmentDefinition.from_mapping(document)
        save(workspace, segment, by="test", now=datetime.now(UTC))
    page.goto(f"{dashboard.url}/segments/nobody/definition")
    page.get_by_text("loosen a condition.").wait_for()


def test_a_name_that_is_taken_is_not_written_over(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/predictions/{NAME}")
    for _ in range(2):
        page.get_by_label("Name of the segment").fill("twice")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved: twice").wait_for()
    page.get_by_text("There is a segment of that name").wait_for()


def test_a_prediction_is_archived_and_put_to_use_again(
    page: Page, dashboard: Dashboard, faults: list[str]
) -> None:
    page.goto(f"{dashboard.url}/predictions/{NAME}/definition")
    page.get_by_role("button", name="Archive it").click()
    page.get_by_text("No longer brought up to date.").wait_for()
    page.get_by_role("button", name="Delete it").click()
    page.get_by_role("dialog", name="for good?").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Put it to use").click()
    page.get_by_role("button", name="Archive it").wait_for()
    with Workspace.open(dashboard.path) as workspace:
        changes = workspace.store.history.list(NAME)
        written = [entry.action for entry in workspace.store.audit.list(limit=2)]
    states = [change.after for change in changes[:2]]
    assert states == [{"state": "active"}, {"state": "archived"}]
    assert written == ["dashboard: set state"] * 2
    assert faults == []


def test_signing_out_by_the_button(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("API key").wait_for()
