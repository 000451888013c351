"""``predictive segments``: people chosen by scores and conditions, under a name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from predictive.cli.moments import parse_since
from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session

app = typer.Typer(help="Segments: people chosen by scores and conditions.", rich_markup_mode=None)

SegmentFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="A segment in YAML or JSON; see docs/segments.md.")
]
SegmentName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the segment.")]


@app.callback()
def segments() -> None:
    """Segments: people chosen by scores and conditions."""


@app.command("count")
def count(
    context: typer.Context,
    file: SegmentFile,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """How many people a segment would have now; nothing is saved."""
    from predictive.cli.views.segments import view_count  # noqa: PLC0415
    from predictive.segments import service  # noqa: PLC0415
    from predictive.segments.definition import SegmentDefinition  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    definition = SegmentDefinition.from_file(file)
    session.show(service.count(session.open(), definition), view_count)


@app.command("save")
def save(
    context: typer.Context,
    file: SegmentFile,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a segment, or give an existing one a new version."""
    from predictive.cli.views.segments import view_segment  # noqa: PLC0415
    from predictive.segments import service  # noqa: PLC0415
    from predictive.segments.definition import SegmentDefinition  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    definition = SegmentDefinition.from_file(file)
    report = service.save(session.open(), definition, by="command line", now=datetime.now(UTC))
    session.show(report, view_segment)


@app.command("list")
def list_all(
    context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """All segments, with the number of members when each was last read."""
    from predictive.cli.views.segments import view_segments  # noqa: PLC0415
    from predictive.segments import service  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show({"segments": service.list_all(session.open())}, view_segments)


@app.command("show")
def show(
    context: typer.Context,
    name: SegmentName,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """One segment, counted now."""
    from predictive.cli.views.segments import view_segment  # noqa: PLC0415
    from predictive.segments import service  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(service.show(session.open(), name, now=datetime.now(UTC)), view_segment)


@app.command("members")
def members(
    context: typer.Context,
    name: SegmentName,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE.parquet", help="The file to write them to."),
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all members to a Parquet file, with the scores that the segment asks for."""
    from predictive.cli.views.segments import view_export  # noqa: PLC0415
    from predictive.segments.walking import export  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(export(session.open(), name, out, now=datetime.now(UTC)), view_export)


@app.command("export")
def export_members(
    context: typer.Context,
    name: SegmentName,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="The file to write them to.")
    ],
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="ndjson, csv or parquet.")
    ] = "csv",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all members to a file in one of three formats, at once and without a worker."""
    from predictive.cli.views.segments import view_export  # noqa: PLC0415
    from predictive.formats import checked_format  # noqa: PLC0415
    from predictive.segments.walking import export  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    checked = checked_format(form)
    report = export(session.open(), name, output, checked, now=datetime.now(UTC))
    session.show(report, view_export)


@app.command("changes")
def changes(
    context: typer.Context,
    name: SegmentName,
    since: Annotated[
        datetime,
        typer.Option(
            "--since", metavar="TIME", parser=parse_since, help="A moment of the last 90 days."
        ),
    ],
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="Most ids to tell of either kind.")
    ] = 20,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who entered and who left since a moment."""
    from predictive.cli.views.segments import view_changes  # noqa: PLC0415
    from predictive.segments.changes import changes as segment_changes  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    now = datetime.now(UTC)
    report = segment_changes(session.open(), name, since=since, limit=limit, now=now)
    session.show(report, view_changes)


@app.command("delete")
def delete(
    context: typer.Context,
    name: SegmentName,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a segment and what is kept of its members."""
    from predictive.cli.views.segments import view_deleted  # noqa: PLC0415
    from predictive.segments import service  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    service.delete(session.open(), name)
    session.show({"segment": name, "deleted": True}, view_deleted)
