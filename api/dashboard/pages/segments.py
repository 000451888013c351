"""Segments: what they hold, how many people, and their end."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from api.dashboard.dialogs import asking_button
from api.dashboard.frame import frame, loaded, told
from api.dashboard.numbers import moment, whole
from api.dashboard.parts import card, cell, element, empty, table
from api.dashboard.visit import Visit, now, visit_of
from predictive.segments import service
from predictive.segments.definition import SegmentDefinition

_COLUMNS = ("name", "users", "as_of", "condition", "actions")


@ui.page("/segments")
async def segments(request: Request) -> None:
    """List the segments with what was counted last."""
    visit = visit_of(request)
    with frame(visit, "segments", "/segments"):
        element("h1", visit.say("segments.title"))
        found = await loaded(visit, service.list_all, visit.workspace)
        if found is None:
            return
        if not found:
            with empty(visit.say("segments.empty"), visit.say("segments.empty.next")):
                _new(visit)
            return
        columns = [visit.say(f"segments.{column}") for column in _COLUMNS]
        with card(), table(columns, visit.say("segments.title")):
            for segment in found:
                _row(visit, segment, columns)
        _new(visit)


def _new(visit: Visit) -> None:
    if visit.allows("manage"):
        element("a", visit.say("segment.new"), href="/new-segment", classes="button")


def _row(visit: Visit, segment: dict[str, Any], columns: list[str]) -> None:
    with element("tr"):
        with cell(columns[0]):
            element("a", segment["name"], href=f"/segments/{quote(segment['name'], safe='')}")
            if segment["description"]:
                element("div", segment["description"], classes="quiet small")
        with cell(columns[1]):
            users = ui.label(_count(segment["users"]))
        with cell(columns[2]):
            as_of = ui.label(moment(segment["as_of"]) if segment["as_of"] else "–")
        with cell(columns[3]):
            named = {"name": segment["name"]} | segment["condition"]
            text = SegmentDefinition.from_mapping(named).to_yaml()
            element("pre", text, classes="yaml", tabindex="0")
        with cell(columns[4]), element("div", classes="actions"):
            _count_button(visit, segment["name"], users, as_of)
            if visit.allows("manage"):
                name = segment["name"]
                question = visit.say("segments.delete.sure", name=name)
                delete = partial(_delete, visit, name)
                asking_button(visit, visit.say("segments.delete"), question, delete)


def _count_button(visit: Visit, name: str, users: ui.label, as_of: ui.label) -> None:
    async def count() -> None:
        async with told(visit):
            shown = await visit.call(service.show, visit.workspace, name, now=now())
            users.set_text(_count(shown["users"]))
            as_of.set_text(moment(shown["as_of"]))

    ui.button(visit.say("segments.count"), on_click=count).props("flat dense")


async def _delete(visit: Visit, name: str) -> None:
    async with told(visit):
        await visit.change("delete segment", name, service.delete, visit.workspace, name)
        ui.navigate.to("/segments")


def _count(users: int | None) -> str:
    return "–" if users is None else whole(users)
