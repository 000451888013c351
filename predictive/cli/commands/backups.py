"""``predictive backup`` and ``predictive restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session


def backup(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A new file whose name ends with .tar, .tar.gz or .tgz."
        ),
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep the whole workspace in one file, while it is in use.

    Its database is in it too, also on PostgreSQL. The file appears when it is whole. It holds
    customers' data: keep it as safe as the workspace.
    """
    from predictive.backup import backup as make  # noqa: PLC0415
    from predictive.cli.views.backups import view_backup  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    with session.progress() as progress:
        report = make(opened, file, progress)
    session.show(report, view_backup)


def restore(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file that `predictive backup` made.")
    ],
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="A new or an empty folder; same as --workspace DIR."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace from a backup.

    The folder must be empty, and with PostgreSQL the database too. The file is checked as a
    whole before anything is made of it.
    """
    from predictive.backup import restore as make  # noqa: PLC0415
    from predictive.cli.views.backups import view_restored  # noqa: PLC0415

    session = Session.of(context, folder or workspace, as_json)
    with session.progress() as progress:
        report = make(file, session.path, progress=progress)
    # So that its audit log has it.
    session.open()
    session.show(report, view_restored)
