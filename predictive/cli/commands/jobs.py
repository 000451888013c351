"""``predictive jobs``: what the worker does, has done and is to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session

if TYPE_CHECKING:
    from predictive.store.jobs import Job, LogLine

app = typer.Typer(help="What the worker does and has done.", rich_markup_mode=None)

JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id, as in the list.")]


@app.callback()
def jobs() -> None:
    """What the worker does and has done."""


@app.command("list")
def list_all(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Only jobs of this prediction.", show_default=False),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="Only jobs of this kind: build, train, score, evaluate, check or compact.",
            show_default=False,
        ),
    ] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Only jobs that wait or run.")
    ] = False,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=100_000, help="At most as many.")
    ] = 20,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List jobs, newest first."""
    from predictive import cursors  # noqa: PLC0415
    from predictive.cli.views.jobs import view_jobs  # noqa: PLC0415
    from predictive.jobs.kinds import checked_kind  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    wanted = checked_kind(kind) if kind is not None else None
    room = cursors.room_for(limit)
    found = session.open().store.jobs.list(name, kind=wanted, unfinished=unfinished, limit=room)
    shown, following = cursors.page(
        found, limit, lambda job: cursors.at_moment(job.created_at, job.id)
    )
    session.show({"jobs": [_summary(job) for job in shown], "next_cursor": following}, view_jobs)


@app.command("show")
def show(
    context: typer.Context,
    job_id: JobId,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show where a job stands, what it has said and what came of it."""
    from predictive.cli.views.jobs import view_job  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    store = session.open().store
    session.show(_whole(store.jobs.get(job_id), store.jobs.read_log(job_id)), view_job)


@app.command("cancel")
def cancel(
    context: typer.Context,
    job_id: JobId,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a job: one that waits at once, one that runs in a moment."""
    from predictive.cli.views.jobs import view_cancelled  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    store = session.open().store
    store.jobs.request_cancel(job_id)
    session.show(_summary(store.jobs.get(job_id)), view_cancelled)


@app.command("follow")
def follow(
    context: typer.Context,
    job_id: JobId,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the progress of a job until it ends; fails when the job does.

    Ctrl-C ends the watching, not the job.
    """
    from predictive.cli.views.jobs import view_job  # noqa: PLC0415
    from predictive.jobs import follow as following  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    with session.progress() as progress:
        ended = following.follow(opened, job_id, progress)
    session.show(_whole(ended, opened.store.jobs.read_log(job_id)), view_job)
    if ended.state != "succeeded":
        raise typer.Exit(1)


def _summary(job: Job) -> dict[str, Any]:
    return {name: value for name, value in asdict(job).items() if name != "result"}


def _whole(job: Job, log: Sequence[LogLine]) -> dict[str, Any]:
    return asdict(job) | {"log": [line._asdict() for line in log]}
