"""Makes a segment of the scores that are selected."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from nicegui import ui

from api.dashboard.builder.drafts import as_whole
from api.dashboard.frame import told
from api.dashboard.numbers import decimal, whole
from api.dashboard.parts import element
from api.dashboard.simulator.trial import Trial
from api.dashboard.visit import Visit, now
from predictive.errors import Conflict, NotFound
from predictive.segments.definition import SegmentDefinition
from predictive.segments.service import save
from predictive.workspace import Workspace


def segment_button(
    visit: Visit, prediction: str, trial: Trial, selected: Callable[[], tuple[float, float]]
) -> None:
    """Offer a name and save the segment of the scores that are ``selected``."""
    with element("div", classes="actions"):
        name = ui.input(visit.say("simulator.segment.name"), value=f"{prediction}-high")
        name.props["maxlength"] = 63
        button = ui.button(visit.say("simulator.segment.save"))
    saved = element("p", " ", role="status")

    async def create() -> None:
        async with told(visit), _busy(button):
            shown = await visit.change(
                "save segment",
                name.value,
                create_segment,
                visit.workspace,
                segment_of(name.value, prediction, *selected(), say=visit.say),
                within=trial.segment,
                by=visit.by,
                taken=visit.say("simulator.segment.replaces"),
            )
            message = visit.say(
                "simulator.segment.saved", name=shown["name"], users=whole(shown["users"])
            )
            saved.set_text(message)  # type: ignore[attr-defined]

    button.on_click(create)


@asynccontextmanager
async def _busy(button: ui.button) -> AsyncIterator[None]:
    """No second click while the first is at work."""
    button.disable()
    try:
        yield
    finally:
        button.enable()


def segment_of(
    name: str, prediction: str, low: float, high: float, *, say: Callable[..., str]
) -> dict[str, Any]:
    """The document of a segment of everybody with a score in a range, both bounds included."""
    return {
        "name": name,
        "description": say(
            "simulator.segment.describes",
            prediction=prediction,
            low=decimal(low, 2),
            high=decimal(high, 2),
        ),
        "all": [
            {"prediction": prediction, operator: as_whole(bound)}
            for operator, bound in (("gte", low), ("lte", high))
            # Everybody who has a score has one of at most 100.
            if (operator, bound) != ("lte", 100.0)
        ],
    }


def create_segment(
    workspace: Workspace, document: dict[str, Any], *, within: str | None, by: str, taken: str
) -> dict[str, Any]:
    """Save a new segment, never over another one.

    Parameters
    ----------
    within
        A segment whose condition its members must fulfil too.

    Raises
    ------
    Conflict
        The name is taken; the message is ``taken``.
    """
    if within is not None:
        restricting = SegmentDefinition.from_mapping(workspace.store.segments.get(within).document)
        condition = restricting.condition.model_dump(by_alias=True, exclude_none=True, mode="json")
        document = document | {"all": [*document["all"], condition]}
    definition = SegmentDefinition.from_mapping(document)
    try:
        workspace.store.segments.get(definition.name)
    except NotFound:
        return save(workspace, definition, by=by, now=now())
    raise Conflict(taken)
