"""The marketer's way in a real browser: from an empty workspace to a saved segment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from predictive.workspace import Workspace
from tests.api.dashboard.browsing import choose, picture, signed_in_page
from tests.api.dashboard.conftest import NAME, Dashboard, dashboard_on

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow


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


def test_from_an_empty_workspace_to_a_saved_segment(
    browser: Browser,
    faults: list[str],
    shop_files: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("walk") / "workspace"
    with (
        dashboard_on(path, files=shop_files) as fresh,
        signed_in_page(browser, fresh.url, fresh.keys["admin"], faults) as page,
    ):
        page.get_by_text("There is no prediction yet").wait_for()
        page.get_by_role("link", name="New prediction").click()
        _ask_for_churn(page)
        page.get_by_role("button", name="Save and build", exact=True).click()
        page.get_by_role("progressbar").wait_for()
        page.get_by_role("link", name="See whom it reaches").click()
        _simulate(page)
        page.get_by_label("Name of the segment").fill("at-risk")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("Saved: at-risk").wait_for()
        page.get_by_role("link", name="Segments").click()
        page.get_by_text("at-risk", exact=True).wait_for()
        with Workspace.open(path) as workspace:
            (segment,) = workspace.store.segments.list()
            (snapshot,) = workspace.store.segments.snapshots(segment.id)
            prediction = workspace.store.predictions.get("churn-14d")
    assert prediction.definition_yaml == (
        "name: churn-14d\n"
        "kind: churn\n"
        "target:\n"
        "  all:\n"
        "  - did_not: purchase\n"
        "  within_days: 14\n"
        "audience:\n"
        "  all:\n"
        "  - attribute: country\n"
        "    ne: DE\n"
    )
    assert prediction.state == "active"
    assert segment.created_by.startswith("key ")
    assert snapshot.users > 0
    assert faults == []


def _ask_for_churn(page: Page) -> None:
    page.get_by_text("Enough to build it.").wait_for()
    page.get_by_label("Within how many days").fill("14")
    page.locator("pre", has_text="churn-14d").wait_for()
    choose(page, "Customers", "only some of them")
    page.get_by_role("button", name="What they are").click()
    choose(page, "Attribute", "country")
    choose(page, "Compared", "is not")
    choose(page, "Value", "DE")
    page.locator("pre", has_text="ne: DE").wait_for()
    page.get_by_text("Enough to build it.").wait_for()
    picture(page, "builder")


def _simulate(page: Page) -> None:
    page.get_by_text("Scores from 75 to 100").wait_for()
    page.get_by_label("Worth of one customer kept").fill("40")
    page.get_by_label("Cost of one message").fill("4")
    page.get_by_text("Best threshold:").wait_for()
    # By keyboard, as someone does who can't drag.
    page.get_by_role("slider", name="Lowest score").press("ArrowLeft")
    page.get_by_text("Scores from 74 to 100").wait_for()
    picture(page, "simulator")


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


def test_a_name_that_is_taken_is_not_written_over(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/predictions/{NAME}")
    for _ in range(2):
        page.get_by_label("Name of the segment").fill("twice")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved: twice").wait_for()
    page.get_by_text("There is a segment of that name").wait_for()


def test_signing_out_by_the_button(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("API key").wait_for()
