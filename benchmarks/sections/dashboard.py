"""The dashboard in headless Chromium: its first page, and the simulator's slider."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks.measures import Measure, at_most
from benchmarks.service import NAME, filled_workspace, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

_CHROMIUM = "/usr/bin/chromium"
_SCORES = 100_000
_VISITS, _MOVES = 7, 30
#: Milliseconds from the next key pressed to other numbers on the page.
_WATCH = """
figures => {
    window.answered = new Promise((resolve) => {
        const before = figures.innerText;
        let began;
        document.addEventListener(
            "keydown", () => { began = performance.now(); }, {capture: true, once: true});
        const watch = new MutationObserver(() => {
            if (figures.innerText === before) return;
            watch.disconnect();
            resolve(performance.now() - began);
        });
        watch.observe(figures, {subtree: true, childList: true, characterData: true});
    });
}
"""


def dashboard(folder: Path, _events: int) -> list[Measure]:
    """Seconds to the first useful page, milliseconds from a slider's move to new numbers."""
    workspace = folder / "workspace"
    key = filled_workspace(workspace, _SCORES)
    with (
        serving(workspace) as (address, _),
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=_CHROMIUM) as browser,
    ):
        cookies = _signed_in(browser, address, key)
        visits = [_visit(browser, address, cookies) for _ in range(_VISITS + 1)][1:]
        moves = _moves(browser, address, cookies)
    return [
        at_most("first page of the dashboard, seconds", median(visits), 1.5),
        at_most("slider to new numbers, milliseconds", median(moves), 100),
        Measure("slider to new numbers, slowest of ten, milliseconds", sorted(moves)[-3]),
    ]


def _signed_in(browser: Browser, address: str, key: str) -> list[dict[str, object]]:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        page.locator("#key").fill(key)
        page.locator("button[type=submit]").click()
        page.get_by_role("link", name=NAME).first.wait_for()
        return list(context.cookies())


def _context(browser: Browser, cookies: list[dict[str, object]]) -> BrowserContext:
    """A visitor who is signed in and has nothing cached."""
    context = browser.new_context(locale="en-US")
    context.add_cookies(cookies)
    return context


def _visit(browser: Browser, address: str, cookies: list[dict[str, object]]) -> float:
    with _context(browser, cookies) as context:
        page = context.new_page()
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.get_by_role("link", name=NAME).first.wait_for()
        return time.perf_counter() - began


def _moves(browser: Browser, address: str, cookies: list[dict[str, object]]) -> list[float]:
    with _context(browser, cookies) as context:
        page = context.new_page()
        page.goto(f"{address}/predictions/{NAME}")
        figures = page.locator(".figures").first
        figures.wait_for()
        page.get_by_role("slider").first.focus()
        # To and fro: at the end of the slider nothing changes any more.
        keys = ["ArrowLeft", "ArrowRight"] * (_MOVES // 2 + 1)
        return [_move(page, figures, key) for key in keys][2:]


def _move(page: Page, figures: Locator, key: str) -> float:
    figures.evaluate(_WATCH)
    page.keyboard.press(key)
    taken: float = page.evaluate("window.answered")
    return taken
