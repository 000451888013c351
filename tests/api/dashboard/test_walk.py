"""The marketer's way in a real browser: from the sign-in to a saved segment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from predictive.workspace import Workspace
from tests.api.dashboard.conftest import NAME, Dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def faults() -> list[str]:
    """What a page did wrong: errors in its console, and requests that leave the host."""
    return []


@pytest.fixture
def page(browser: Browser, dashboard: Dashboard, faults: list[str]) -> Iterator[Page]:
    """A signed-in page on a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((dashboard.url, "data:")) else faults.append(asked.url)
        ),
    )
    page.goto(dashboard.url)
    page.get_by_label("API key").fill(dashboard.keys["admin"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Predictions").wait_for()
    yield page
    context.close()


def test_from_the_sign_in_to_a_saved_segment(
    dashboard: Dashboard, page: Page, faults: list[str]
) -> None:
    page.get_by_role("link", name=NAME).click()
    page.get_by_text("Scores from 75 to 100").wait_for()
    page.get_by_label("Worth of one customer kept").fill("40")
    page.get_by_label("Cost of one message").fill("12")
    page.get_by_text("Best threshold:").wait_for()
    page.get_by_role("button", name="Keep this selection").click()
    page.get_by_role("button", name="Remove").wait_for()
    # By keyboard, as someone does who can't drag.
    page.locator(".q-slider__thumb").first.press("ArrowLeft")
    page.get_by_text("Scores from 74 to 100").wait_for()
    page.get_by_label("Name of the segment").fill("at-risk")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved: at-risk").wait_for()
    with Workspace.open(dashboard.path) as workspace:
        (segment,) = workspace.store.segments.list()
        (snapshot,) = workspace.store.segments.snapshots(segment.id)
        score = workspace.store.scores
        found = score.get_many(NAME, [f"user-{number:03d}" for number in range(600)])
    assert segment.created_by.startswith("key ")
    assert snapshot.users == sum(each.score >= 74 for each in found.values()) > 0
    page.goto(f"{dashboard.url}/segments")
    page.get_by_text("at-risk").wait_for()
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
