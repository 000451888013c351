"""The state of a prediction, and what can become of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from api.dashboard.dialogs import asking_button
from api.dashboard.frame import told
from api.dashboard.parts import card, element
from api.dashboard.visit import Visit, now
from predictive import lifecycle
from predictive.store.states import TRANSITIONS


def life(visit: Visit, shown: dict[str, Any]) -> None:
    """Tell the state, and offer those that it can change to, and the end."""
    say, name, state = visit.say, shown["name"], shown["state"]
    with card(say("life")):
        with element("p", classes="sentence"):
            with element("span", classes="pill good" if state == "active" else "pill"):
                element("span", say(f"state.{state}"))
            element("span", say(f"state.{state}.term"), classes="quiet small")
        with element("div", classes="actions"):
            for other in TRANSITIONS[state]:
                change = ui.button(
                    say(f"life.{other}"), on_click=partial(_change, visit, name, other)
                )
                change.props("outline").props["title"] = say(f"state.{other}.term")
            question = say("life.delete.sure", name=name)
            asking_button(visit, say("life.delete"), question, partial(_delete, visit, name))


async def _change(visit: Visit, name: str, state: str) -> None:
    async with told(visit):
        await visit.change(
            "set state", name, lifecycle.set_state, visit.workspace, name, state,
            by=visit.by, now=now(),
        )  # fmt: skip
        ui.navigate.reload()


async def _delete(visit: Visit, name: str) -> None:
    async with told(visit):
        await visit.change(
            "delete prediction", name, lifecycle.delete, visit.workspace, name,
            by=visit.by, now=now(),
        )  # fmt: skip
        ui.navigate.to("/")
