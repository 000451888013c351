"""One segment: how many are in it, who came and went, who they are; and its form."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from api.dashboard.builder.segment_form import SegmentDraft, SegmentForm
from api.dashboard.frame import arrived, frame, loaded, told, waiting
from api.dashboard.numbers import decimal, moment, whole
from api.dashboard.parts import card, cell, copy_button, element, no_events, table, term
from api.dashboard.visit import Visit, now, visit_of
from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.predictions import list_all
from predictive.segments import service
from predictive.segments.changes import changes
from predictive.segments.definition import SegmentDefinition
from predictive.suggestions import suggestions
from predictive.workspace import Workspace

_MEMBERS = 25
#: How long ago people may compare with: members are kept for 90 days.
_SINCE_DAYS = (1, 7, 30, 90)


@ui.page("/new-segment")
async def new_segment(request: Request) -> None:
    """Begin with nothing; nothing is saved before it is asked for."""
    visit = visit_of(request)
    with frame(visit, "segments", "/new-segment"):
        element("h1", visit.say("segment.new"))
        await _form(visit, SegmentDraft(), is_new=True)


@ui.page("/segments/{name}/definition")
async def definition(request: Request, name: str) -> None:
    """Change a segment."""
    visit = visit_of(request)
    with frame(visit, "segments", request.url.path):
        segment = await loaded(visit, visit.workspace.store.segments.get, name)
        if segment is not None:
            element("h1", name)
            await _form(visit, SegmentDraft.read(segment.document), is_new=False)


@ui.page("/segments/{name}")
async def segment(request: Request, name: str) -> None:
    """Tell who is in a segment now."""
    visit = visit_of(request)
    with frame(visit, "segments", request.url.path):
        element("h1", name)
        if not await arrived(visit):
            return
        with waiting(visit):
            shown = await loaded(visit, service.show, visit.workspace, name, now=now())
        if shown is None:
            return
        if shown["description"]:
            # In the words and the language of who wrote it.
            element("p", shown["description"], classes="quiet", translate="no")
        await _Figures(visit, shown).build()
        with element("div", classes="split even"):
            with card(visit.say("segment.members")):
                await _Members(visit, name).build()
            with element("div"):
                _condition(visit, shown)
                _fetch(visit, name)


async def _form(visit: Visit, draft: SegmentDraft, *, is_new: bool) -> None:
    if not visit.allows("manage"):
        element("p", visit.say("common.needs", scope="manage"), classes="card")
        return
    if not await arrived(visit):
        return
    with waiting(visit):
        known = await loaded(visit, suggestions, visit.workspace)
        scored = await loaded(visit, offered, visit.workspace)
    if known is None or scored is None:
        return
    if not known.vocabulary.events:
        no_events(visit)
        return
    form = SegmentForm(visit, known, scored, draft, name_is_fixed=not is_new)

    async def save() -> None:
        async with told(visit):
            made = form.finished()
            if made is None:
                ui.notify(visit.say("builder.wrong"), type="warning")
                return
            taken = visit.say("simulator.segment.replaces") if is_new else None
            try:
                await visit.change(
                    "save segment",
                    made.name,
                    saved,
                    visit.workspace,
                    made,
                    by=visit.by,
                    taken=taken,
                )
            except InvalidInput as problem:
                form.tell(problem)
                return
            ui.navigate.to(_page(made.name))

    def actions() -> None:
        with element("div", classes="actions"):
            ui.button(visit.say("segment.save"), on_click=save)

    form.build(actions)


def offered(workspace: Workspace) -> list[str]:
    """Predictions whose scores a segment may ask for."""
    return [
        each["name"]
        for each in list_all(workspace)
        if each["state"] == "active" and each["scores"] is not None
    ]


def saved(
    workspace: Workspace, made: SegmentDefinition, *, by: str, taken: str | None
) -> dict[str, Any]:
    """Save a segment.

    Parameters
    ----------
    taken
        What to say where the name is taken; None to change what has it.

    Raises
    ------
    Conflict
        The name is taken.
    """
    if taken is not None:
        try:
            workspace.store.segments.get(made.name)
        except NotFound:
            pass
        else:
            raise Conflict(taken)
    return service.save(workspace, made, by=by, now=now())


def _page(name: str) -> str:
    return f"/segments/{quote(name, safe='')}"


class _Figures:
    """How many are in it, and how many came and went since a moment that people choose."""

    def __init__(self, visit: Visit, shown: dict[str, Any]) -> None:
        self._visit, self._shown, self._days = visit, shown, _SINCE_DAYS[1]
        self._changed: dict[str, Any] | None = None

    async def build(self) -> None:
        say = self._visit.say
        await self._read()
        with card():
            self._told()
            since = {days: say("segment.days", days=days) for days in _SINCE_DAYS}
            since[1] = say("segment.day")
            made = ui.select(since, label=say("segment.compared"), value=self._days)
            made.classes("joined").on_value_change(self._choose)

    async def _choose(self, event: ValueChangeEventArguments[int]) -> None:
        self._days = event.value
        async with told(self._visit):
            await self._read()
            self._told.refresh()

    async def _read(self) -> None:
        at = now()
        self._changed = await loaded(
            self._visit, changes, self._visit.workspace, self._shown["name"],
            since=at - timedelta(days=self._days), limit=0, now=at,
        )  # fmt: skip

    @ui.refreshable_method
    def _told(self) -> None:
        say, shown, changed = self._visit.say, self._shown, self._changed
        with element("div", classes="figures", role="status"):
            _figure(say("segments.users"), whole(shown["users"]),
                    say("segment.as_of", moment=moment(shown["as_of"])))  # fmt: skip
            if changed is not None:
                compared = say("segment.since", moment=moment(changed["since"]))
                _figure(say("segment.entered"), whole(changed["entered"]["users"]), compared)
                _figure(say("segment.left"), whole(changed["left"]["users"]), compared)


def _figure(name: str, value: str, below: str) -> None:
    with element("div", classes="figure"):
        element("div", name, classes="name")
        element("div", value, classes="value")
        element("div", below, classes="range")


class _Members:
    """Pages of members, and the question whether somebody is one."""

    def __init__(self, visit: Visit, name: str) -> None:
        self._visit, self._name = visit, name
        self._page: dict[str, Any] = {}

    async def build(self) -> None:
        say = self._visit.say
        with element("div", classes="actions"):
            self._user = ui.input(say("customer.id")).props("dense")
            ui.button(say("segment.contains"), on_click=self._ask).props("outline")
        self._answer = element("p", " ", role="status")
        await self._turn(None)
        self._shown()

    async def _ask(self) -> None:
        async with told(self._visit):
            user = (self._user.value or "").strip()
            if not user:
                return
            found = await self._visit.call(
                service.contains, self._visit.workspace, self._name, user, now=now()
            )
            key = "segment.is_member" if found["member"] else "segment.no_member"
            self._answer.set_text(self._visit.say(key, user=user))  # type: ignore[attr-defined]

    async def _turn(self, cursor: str | None) -> None:
        found = await loaded(
            self._visit, service.page, self._visit.workspace, self._name,
            cursor=cursor, limit=_MEMBERS, now=now(),
        )  # fmt: skip
        if found is not None:
            self._page = found
            self._shown.refresh()

    @ui.refreshable_method
    def _shown(self) -> None:
        say, members = self._visit.say, self._page.get("members", [])
        if not members:
            element("p", say("segment.nobody"), classes="quiet")
            return
        predictions = sorted(self._page["runs"])
        columns = [say("nav.customers"), *predictions]
        with table(columns, say("segment.members")):
            for member in members:
                with element("tr"):
                    with cell(columns[0]):
                        page = f"/customers?user={quote(member['user_id'], safe='')}"
                        element("a", member["user_id"], href=page)
                    for prediction in predictions:
                        with cell(prediction):
                            score = member["scores"].get(prediction)
                            element("span", "–" if score is None else decimal(score, 2))
        with element("div", classes="actions"):
            ui.button(say("segment.first"), on_click=partial(self._turn, None)).props("flat dense")
            if following := self._page["next_cursor"]:
                turn = ui.button(say("segment.next"), on_click=partial(self._turn, following))
                turn.props("flat dense")


def _condition(visit: Visit, shown: dict[str, Any]) -> None:
    about = {key: shown[key] for key in ("name", "description") if shown[key] is not None}
    text = SegmentDefinition.from_mapping(about | shown["condition"]).to_yaml()
    with card():
        with element("div", classes="head"):
            element("h2", visit.say("segments.condition"))
            if visit.allows("manage"):
                page = f"{_page(shown['name'])}/definition"
                element("a", visit.say("segment.change"), href=page)
        element("pre", text, classes="yaml", tabindex="0")


def _fetch(visit: Visit, name: str) -> None:
    command = f'curl -H "Authorization: Bearer $KEY" "$URL/v1/segments/{quote(name)}/members"'
    with card():
        with element("div", classes="head"):
            with element("h2"):
                term(visit.say("segment.fetch"), visit.say("segment.fetch.term"))
            copy_button(visit, lambda: command)
        element("pre", command, classes="yaml", tabindex="0")
