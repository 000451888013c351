"""Questions that are asked before something is gone for good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.dashboard.parts import element
from api.dashboard.visit import Visit


def asking_button(
    visit: Visit, label: str, question: str, action: Callable[[], Awaitable[None]]
) -> ui.button:
    """A button whose action waits until a question is answered."""

    async def agreed() -> None:
        dialog.close()
        await action()

    with ui.dialog() as dialog, ui.card():
        dialog.props["aria-label"] = question
        element("p", question)
        with element("div", classes="actions"):
            ui.button(visit.say("common.cancel"), on_click=dialog.close).props("flat autofocus")
            ui.button(label, on_click=agreed)
    return ui.button(label, on_click=dialog.open).props("flat dense")
