"""One customer's page: attributes, newest events, scores, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from api.dashboard.frame import arrived, frame, loaded, waiting
from api.dashboard.numbers import decimal, moment, percent
from api.dashboard.parts import card, cell, element, empty, table
from api.dashboard.visit import Visit, visit_of
from predictive.customer import profile
from predictive.reasons import show_reasons

_TOPICS = 6
_REASON_COLUMNS = ("reason", "typical", "moves")
_EVENT_COLUMNS = ("event", "when", "details")
_ATTRIBUTE_COLUMNS = ("attribute", "value", "since")


@ui.page("/customers")
async def customer(request: Request, user: str = "") -> None:
    """Ask for an id, and show what is known of that customer."""
    visit = visit_of(request)
    with frame(visit, "customers", "/customers"):
        element(
            "h1", visit.say("customer.title", user=user) if user else visit.say("nav.customers")
        )
        _search(visit, user)
        if not user:
            empty(visit.say("customer.empty"), visit.say("customer.empty.next"))
            return
        if await arrived(visit):
            await _profile(visit, user)


async def _profile(visit: Visit, user: str) -> None:
    with waiting(visit):
        told = await loaded(visit, profile, visit.workspace, user)
    if told is None:
        return
    scores = element("div", classes="split even")
    with element("div", classes="split even"):
        with card(visit.say("customer.attributes")):
            _attributes(visit, told["attributes"])
        with card(visit.say("customer.events")):
            _events(visit, told["events"])
    if not told["scores"]:
        with scores, card(visit.say("customer.unscored")):
            element("p", visit.say("customer.unscored.why"), classes="quiet")
    with scores:
        for score in told["scores"]:
            await _score(visit, score, user)


def _search(visit: Visit, user: str) -> None:
    with element("form", classes="actions search", action="/customers", role="search"):
        label = visit.say("customer.id")
        field = element("input", name="user", required="", aria_label=label, placeholder=label)
        field.props["value"] = user
        element("button", visit.say("customer.show"), type="submit", classes="button")


async def _score(visit: Visit, score: dict[str, Any], user: str) -> None:
    name = score["prediction"]
    with card():
        with element("h2"):
            element("a", name, href=f"/predictions/{quote(name, safe='')}")
        told = visit.say(
            "customer.score",
            score=decimal(score["score"], 2),
            probability=percent(score["probability"]),
            moment=moment(score["as_of"]),
        )
        element("p", told)
        with waiting(visit):
            found = await loaded(visit, show_reasons, visit.workspace, name, user)
        if found is not None:
            _reasons(visit, found["reasons"])


def _reasons(visit: Visit, reasons: list[dict[str, Any]]) -> None:
    columns = [visit.say(f"customer.{column}") for column in _REASON_COLUMNS]
    with table(columns, visit.say("tab.why")):
        for reason in reasons[:_TOPICS]:
            upwards = reason["log_odds"] > 0
            direction = visit.say("customer.up" if upwards else "customer.down")
            with element("tr"):
                with cell(columns[0]):
                    element("span", visit.words(reason["words"]))
                with cell(columns[1]):
                    element("span", visit.words(reason["typical"] or "–"))
                with cell(columns[2]):
                    element("span", direction, classes="pill")


def _attributes(visit: Visit, attributes: list[dict[str, Any]]) -> None:
    if not attributes:
        element("p", visit.say("common.none"), classes="quiet")
        return
    columns = [visit.say(f"customer.{column}") for column in _ATTRIBUTE_COLUMNS]
    always = visit.say("customer.always")
    rows = [
        (each["name"], _plain(each["value"]), moment(each["since"]) if each["since"] else always)
        for each in attributes
    ]
    _rows(columns, rows, visit.say("customer.attributes"))


def _events(visit: Visit, events: list[dict[str, Any]]) -> None:
    if not events:
        element("p", visit.say("common.none"), classes="quiet")
        return
    columns = [visit.say(f"customer.{column}") for column in _EVENT_COLUMNS]
    rows = [
        (
            each["name"],
            moment(each["time"]),
            ", ".join(f"{key}: {_plain(value)}" for key, value in each["properties"].items()),
        )
        for each in events
    ]
    _rows(columns, rows, visit.say("customer.events"))


def _rows(columns: list[str], rows: Sequence[tuple[str, ...]], label: str) -> None:
    with table(columns, label):
        for row in rows:
            with element("tr"):
                for column, text in zip(columns, row, strict=True):
                    with cell(column):
                        element("span", text)


def _plain(value: object) -> str:
    return decimal(value, 2) if isinstance(value, float) else str(value)
