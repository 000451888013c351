"""API keys: make, list, revoke; for admins."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from fastapi import Request
from nicegui import ui

from api.dashboard.dialogs import asking_button
from api.dashboard.frame import frame, loaded, told
from api.dashboard.numbers import moment
from api.dashboard.parts import card, cell, copy_button, element, table
from api.dashboard.visit import Visit, now, visit_of
from predictive.store.keys import SCOPES, Key

_COLUMNS = ("name", "scopes", "expires", "used", "state")
_LIFETIMES_DAYS = (30, 90, 365)


@ui.page("/keys")
async def keys(request: Request) -> None:
    """List the keys, and offer a new one."""
    visit = visit_of(request)
    with frame(visit, "keys", "/keys"):
        element("h1", visit.say("nav.keys"))
        if not visit.allows("admin"):
            element("p", visit.say("common.needs", scope="admin"), classes="card")
            return
        listed = _Keys(visit)
        with card(visit.say("keys.new")):
            listed.form()
        await listed.read()
        listed.table()


class _Keys:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.found: list[Key] = []

    async def read(self) -> None:
        store = self.visit.workspace.store
        self.found = list(await loaded(self.visit, store.keys.list) or ())

    def form(self) -> None:
        say = self.visit.say
        with element("div", classes="fields"):
            self._name = ui.input(say("keys.name"))
            self._name.props["maxlength"] = 200
            self._scopes = ui.select(
                {scope: say(f"keys.scope.{scope}") for scope in SCOPES},
                label=say("keys.scopes"),
                value=["read"],
                multiple=True,
            )
            days = {each: say("keys.days", days=each) for each in _LIFETIMES_DAYS}
            self._days = ui.select(
                {0: say("keys.never"), **days}, label=say("keys.expires"), value=90
            )
        with element("div", classes="actions"):
            ui.button(say("keys.make"), on_click=self._make)

    async def _make(self) -> None:
        async with told(self.visit):
            days = self._days.value
            made = await self.visit.change(
                "make key",
                self._name.value or "",
                self.visit.workspace.store.keys.create,
                self._name.value or "",
                self._scopes.value,
                now() + timedelta(days=days) if days else None,
            )
            self._show_secret(made.secret)
            await self._refresh()

    def _show_secret(self, secret: str) -> None:
        with ui.dialog(value=True).props("persistent") as dialog, ui.card():
            dialog.props["aria-label"] = self.visit.say("keys.made")
            element("h2", self.visit.say("keys.made"))
            element("p", self.visit.say("keys.once"))
            element("pre", secret, classes="yaml")
            with element("div", classes="actions"):
                copy_button(self.visit, lambda: secret)
                ui.button(self.visit.say("keys.kept"), on_click=dialog.delete)

    async def _refresh(self) -> None:
        await self.read()
        self.table.refresh()

    @ui.refreshable_method
    def table(self) -> None:
        say = self.visit.say
        columns = [say(f"keys.{column}") for column in _COLUMNS]
        with card(), table(columns, say("nav.keys")):
            for key in self.found:
                self._row(key, columns)

    def _row(self, key: Key, columns: list[str]) -> None:
        say = self.visit.say
        texts = (
            key.name,
            ", ".join(say(f"keys.scope.{scope}") for scope in sorted(key.scopes)),
            _moment(key.expires_at, say("keys.never")),
            _moment(key.last_used_at, say("keys.unused")),
        )
        with element("tr"):
            for column, text in zip(columns, texts, strict=False):
                with cell(column):
                    element("span", text)
            with cell(columns[-1]):
                if key.revoked_at is not None:
                    element("span", say("keys.revoked"), classes="pill")
                elif key.expires_at is not None and key.expires_at <= now():
                    element("span", say("keys.expired"), classes="pill")
                else:
                    question = say("keys.revoke.sure", name=key.name)
                    revoke = partial(self._revoke, key)
                    asking_button(self.visit, say("keys.revoke"), question, revoke)

    async def _revoke(self, key: Key) -> None:
        async with told(self.visit):
            revoked = self.visit.workspace.store.keys.revoke
            await self.visit.change("revoke key", key.id, revoked, key.id)
            await self._refresh()


def _moment(value: datetime | None, otherwise: str) -> str:
    return otherwise if value is None else moment(value)
