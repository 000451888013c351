"""The page on which the API can be tried works in a real browser, under its own strict policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.dashboard.browsing import PATIENCE_MS
from tests.api.dashboard.conftest import Dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.slow
def test_the_docs_page_lists_the_routes_and_breaks_no_rule(
    browser: Browser, dashboard: Dashboard
) -> None:
    faults: list[str] = []
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{dashboard.url}/docs")
    page.get_by_text("/v1/audit").first.wait_for()
    assert faults == []
    page.close()
