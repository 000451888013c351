"""``predictive models``."""

from __future__ import annotations

from typing import Annotated

import typer

from predictive.cli.options import JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import BY, Session

app = typer.Typer(
    help="See the models of a prediction, and say which one scores.", rich_markup_mode=None
)


@app.callback()
def models() -> None:
    """See the models of a prediction, and say which one scores."""


VersionArgument = Annotated[
    int, typer.Argument(metavar="VERSION", min=1, help="The model version.", show_default=False)
]
ChampionByDefault = Annotated[
    int | None,
    typer.Argument(
        metavar="[VERSION]",
        min=1,
        help="The model version. Without it, the champion: the one that scores.",
        show_default=False,
    ),
]


@app.command("list")
def list_all(
    context: typer.Context,
    name: PredictionName,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the model versions of a prediction, newest first.

    The champion scores. The challenger is a version that could: the one before, or one that
    was trained and waits.
    """
    from predictive.cli.views.models import view_versions  # noqa: PLC0415
    from predictive.versions import list_versions  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(list_versions(session.open(), name), view_versions)


@app.command("show")
def show(
    context: typer.Context,
    name: PredictionName,
    version: ChampionByDefault = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how good a version is, how it was made and why it was promoted or not."""
    from predictive.cli.views.models import view_version  # noqa: PLC0415
    from predictive.versions import show_version  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(show_version(session.open(), name, version), view_version)


@app.command("card")
def card(
    context: typer.Context,
    name: PredictionName,
    version: ChampionByDefault = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the model card of a version: data, definition, features, quality, limits.

    In Markdown, to be kept or sent: predictive models card NAME > card.md. With --json it has
    the points of every curve, too.
    """
    from predictive.cli.views.models import view_card  # noqa: PLC0415
    from predictive.versions import show_card  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(show_card(session.open(), name, version), view_card)


@app.command("promote")
def promote(
    context: typer.Context,
    name: PredictionName,
    version: VersionArgument,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a version score from the next scoring run on."""
    from predictive import promotion  # noqa: PLC0415
    from predictive.cli.views.models import view_promoted  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    done = promotion.promote(session.open(), name, version, by=BY)
    session.show(done, view_promoted)


@app.command("rollback")
def rollback(
    context: typer.Context,
    name: PredictionName,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go back to the version that scored before; again, to the one before that."""
    from predictive import promotion  # noqa: PLC0415
    from predictive.cli.views.models import view_promoted  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(promotion.rollback(session.open(), name, by=BY), view_promoted)
