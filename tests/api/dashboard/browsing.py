"""A signed-in page in a real browser, and what it did wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PICTURES = Path(__file__).parents[3] / "build" / "dashboard"
#: Width in pixels, theme, language.
LOOKS = (
    (1280, "light", "en"),
    (1280, "dark", "ko"),
    (390, "light", "ko"),
    (390, "dark", "en"),
)
#: A busy machine takes long over what takes a second elsewhere.
PATIENCE_MS = 120_000


@contextmanager
def signed_in_page(
    browser: Browser, url: str, key: str, faults: list[str], **context: Any
) -> Iterator[Page]:
    """The first page after the sign-in.

    Parameters
    ----------
    faults
        Filled with errors of the console, and with requests that leave the host.
    context
        Of the browser: viewport, locale, colour scheme.
    """
    opened = browser.new_context(**{"locale": "en-US"} | context)
    opened.set_default_timeout(PATIENCE_MS)
    page = opened.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((url, "data:")) else faults.append(asked.url),
    )
    page.goto(url)
    page.locator("#key").fill(key)
    page.locator("button[type=submit]").click()
    page.locator("nav a[aria-current=page]").first.wait_for()
    yield page
    opened.close()


def choose(page: Page, label: str, option: str, nth: int = 0) -> None:
    """Choose in a list by what it is called."""
    page.get_by_label(label, exact=True).nth(nth).click()
    page.get_by_role("option", name=option, exact=True).click()


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    """A screenshot, to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)


def look(page: Page, url: str, path: str, awaited: str, name: str) -> None:
    """Screenshots of a page in each look; it must fit the screen, and be readable in the dark."""
    for width, theme, language in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        back = quote(path, safe="")
        page.goto(f"{url}/preferences?theme={theme}&language={language}&back={back}")
        page.locator(awaited).first.wait_for()
        picture(page, f"{name}-{width}-{theme}-{language}")
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], (name, width)
        if language == "ko":
            assert not (left := english_left(page)), (name, width, left)
        if theme == "dark":
            assert barriers(page) == [], (name, width)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{url}/preferences?theme=auto&language=en&back=/")


def english_left(page: Page) -> list[str]:
    """English sentences that stand on a Korean page, or are told on hover; names are none."""
    told: list[str] = page.evaluate(_TEXTS)
    # Behind a Korean term the precise one stands in brackets.
    plain = (re.sub(r"\([^)]*\)", "", each) for each in told)
    return [each for each in plain if _ENGLISH.search(each)]


#: Three words on end, or one that belongs to no name.
_ENGLISH = re.compile(r"\b[A-Za-z']{2,}( [A-Za-z']+){2,}|\b(the|is|are|not|no|of|to|in)\b")
#: All texts of the page but those of definitions and commands, which are the same everywhere, and
#: what people wrote in a language of their own.
_TEXTS = """() => {
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.closest("pre, code, script, style, [lang=en], [translate=no]")) continue;
    for (const name of ["title", "aria-label", "placeholder"]) {
      if (node.getAttribute(name)) texts.push(node.getAttribute(name));
    }
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.data.trim()) texts.push(child.data.trim());
    }
  }
  return texts;
}"""


def barriers(page: Page) -> list[str]:
    """What of a page somebody who can't see, or can't use a mouse, would stumble over."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # What comes and goes is pale while it does.
    page.locator(".q-notification").first.wait_for(state="detached")
    found = axe.run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
