"""Pieces that pages are made of, with their roles for screen readers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from nicegui import ui
from nicegui.element import Element

from api.dashboard.numbers import quality as shown_quality
from api.dashboard.visit import Visit

_IMPORT = (
    "predictive import events orders.csv --user customer --time ordered_at "
    "--event-name purchase --amount total"
)


def element(tag: str, text: str = "", **attributes: str) -> Element:
    """Make an element of HTML; text and attributes are never read as markup."""
    made = ui.label(text) if text else ui.element(tag)
    made.tag = tag
    for name, value in attributes.items():
        if name == "classes":
            made.classes(value)
        else:
            made.props[name.replace("_", "-")] = value
    return made


def term(text: str, meaning: str) -> Element:
    """Plain words with the precise term on hover, or on focus by keyboard."""
    return element("abbr", text, title=meaning, tabindex="0")


@contextmanager
def card(title: str = "") -> Iterator[Element]:
    """A section with a heading."""
    with element("section", classes="card") as made:
        if title:
            element("h2", title)
        yield made


def empty(title: str, following: str) -> Element:
    """What stands where there is nothing yet, and what to do next."""
    with element("div", classes="card empty") as made:
        element("h2", title)
        element("p", following, classes="quiet")
    return made


def no_events(visit: Visit) -> None:
    """Where nothing can be done before events are there: how they come."""
    with empty(visit.say("events.none"), visit.say("events.none.next")):
        element("pre", _IMPORT, classes="yaml", tabindex="0")
        element("p", visit.say("events.none.after"), classes="quiet")


def unbuilt(visit: Visit, prediction: str) -> None:
    """Where a prediction has no model yet: how it gets one."""
    with empty(visit.say("unbuilt"), visit.say("unbuilt.next")):
        jobs = f"/predictions/{quote(prediction, safe='')}/jobs"
        element("a", visit.say("unbuilt.build"), href=jobs, classes="button")


@contextmanager
def table(columns: Sequence[str], label: str) -> Iterator[None]:
    """A table; within, one `row` after another."""
    with element("div", classes="scroll"), element("table", classes="list stack", aria_label=label):
        with element("thead"), element("tr"):
            for column in columns:
                element("th", column or " ", scope="col")
        with element("tbody"):
            yield


@contextmanager
def cell(label: str) -> Iterator[None]:
    """One cell; its column's name goes before it where the screen is narrow."""
    with element("td", data_label=label), element("div"):
        yield


def quality_pill(visit: Visit, value: float, label: str) -> Element:
    """A quality with its word, coloured by it."""
    colour = {"excellent": "good", "good": "good", "fair": "fair"}.get(label, "bad")
    text = f"{shown_quality(value)} · {visit.say(f'quality.{label}')}"
    return element("span", text, classes=f"pill {colour}")


def copy_button(visit: Visit, text: Callable[[], str]) -> ui.button:
    """Copies a text to the clipboard, also where the page came without https."""

    def copy() -> None:
        ui.run_javascript(_COPY % json.dumps(text()))
        ui.notify(visit.say("common.copied"), type="positive")

    return ui.button(visit.say("common.copy"), icon="content_copy", on_click=copy).props(
        "flat dense"
    )


_COPY = """(async text => {
  try { await navigator.clipboard.writeText(text); return; } catch { /* no secure context */ }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
})(%s)"""
