"""Writing a definition by forms: a new one, or the next version of one that is there."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from api.dashboard.builder.definition_form import DefinitionForm
from api.dashboard.builder.drafts import DefinitionDraft
from api.dashboard.frame import arrived, frame, loaded, tabs, told, waiting
from api.dashboard.life import life
from api.dashboard.parts import element, no_events
from api.dashboard.visit import Visit, now, visit_of
from predictive.definitions import Definition
from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.jobs.queue import request_job
from predictive.lifecycle import set_state
from predictive.predictions import apply, show
from predictive.suggestions import Suggestions, suggestions
from predictive.workspace import Workspace

Following = Literal["build", "preview", "nothing"]


@ui.page("/new-prediction")
async def new_definition(request: Request) -> None:
    """Begin with the usual question; nothing is saved before it is asked for."""
    visit = visit_of(request)
    with frame(visit, "predictions", "/new-prediction"):
        element("h1", visit.say("predictions.new"))
        if not visit.allows("manage"):
            element("p", visit.say("common.needs", scope="manage"), classes="card")
        elif await arrived(visit):
            known = await _known(visit)
            if known is not None:
                events = sorted(known.vocabulary.events)
                _form(visit, known, DefinitionDraft.suggested("churn", events), is_new=True)


@ui.page("/predictions/{name}/definition")
async def definition(request: Request, name: str) -> None:
    """Show a definition, to be changed by whoever may."""
    visit = visit_of(request)
    with frame(visit, "predictions", request.url.path):
        shown = await loaded(visit, show, visit.workspace, name)
        if shown is None:
            return
        element("h1", name)
        tabs(visit, name, "definition")
        if not visit.allows("manage"):
            element("pre", shown["definition"], classes="yaml card", tabindex="0")
        elif await arrived(visit):
            known = await _known(visit)
            if known is not None:
                _form(visit, known, DefinitionDraft.read(shown["definition"]), is_new=False)
            life(visit, shown)


async def _known(visit: Visit) -> Suggestions | None:
    with waiting(visit):
        known: Suggestions | None = await loaded(visit, suggestions, visit.workspace)
    if known is not None and not known.vocabulary.events:
        no_events(visit)
        return None
    return known


def _form(visit: Visit, known: Suggestions, draft: DefinitionDraft, *, is_new: bool) -> None:
    form = DefinitionForm(visit, known, draft, name_is_fixed=not is_new)

    async def save(following: Following) -> None:
        async with told(visit):
            made = form.finished()
            if made is None:
                ui.notify(visit.say("builder.wrong"), type="warning")
                return
            try:
                await visit.change(
                    "save prediction", made.name, saved, visit.workspace, made, following,
                    by=visit.by, taken=visit.say("builder.taken") if is_new else None,
                )  # fmt: skip
            except InvalidInput as problem:
                form.tell(problem)
                return
            ending = "" if following == "nothing" else "/jobs"
            ui.navigate.to(f"/predictions/{quote(made.name, safe='')}{ending}")

    def actions() -> None:
        offered: tuple[tuple[Following, str, str], ...] = (
            ("build", "builder.create" if is_new else "builder.change", ""),
            ("preview", "builder.preview", "outline"),
            ("nothing", "builder.draft" if is_new else "builder.save", "flat"),
        )
        with element("div", classes="actions"):
            for following, key, look in offered:
                if is_new or following != "preview":
                    button = ui.button(visit.say(key), on_click=partial(save, following))
                    button.props(look)
        if is_new:
            element("p", visit.say("builder.actions.about"), classes="quiet small")

    form.build(actions)


def saved(
    workspace: Workspace,
    made: Definition,
    following: Following,
    *,
    by: str,
    taken: str | None,
) -> dict[str, Any]:
    """Apply a definition, and ask for what is to follow.

    Parameters
    ----------
    following
        ``build``: train and score; ``preview``: the same, without offering the scores.
    taken
        What to say where the name is taken; None to change what has it.

    Raises
    ------
    Conflict
        The name is taken.
    InvalidInput
        The definition speaks of what the workspace has never seen.
    """
    if taken is not None and _exists(workspace, made.name):
        raise Conflict(taken)
    applied = apply(workspace, made, by=by, now=now())
    if following == "preview":
        set_state(workspace, made.name, "preview", by=by, now=now())
    if following != "nothing":
        request_job(workspace, "build", made.name, by=by)
    return applied


def _exists(workspace: Workspace, name: str) -> bool:
    try:
        workspace.store.predictions.get(name)
    except NotFound:
        return False
    return True
