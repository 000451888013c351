"""``predictive replay``."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session

if TYPE_CHECKING:
    from predictive.definitions import Definition
    from predictive.replay.incidents import Incident
    from predictive.replay.recording import Recording

_SHOP_START = date(2024, 1, 1)
_SHOP_HISTORY = timedelta(days=180)
_DAYS = 365


def parse_day(text: str) -> date:
    """A date such as 2024-05-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date such as 2024-05-31.") from None


def replay(
    context: typer.Context,
    definitions: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...",
            help="Definitions of the predictions. Default for the shop: who buys in 14 days.",
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--source",
            metavar="DIR",
            help="Replay the events of this workspace, which stays as it is. "
            "Default: a synthetic shop.",
            show_default=False,
        ),
    ] = None,
    incident: Annotated[
        list[str] | None,
        typer.Option(
            "--incident",
            metavar="KIND[@DATE]",
            help="Let something go wrong in the shop: base-rate, tracking or channel; "
            "on a day, else halfway. May be given several times.",
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        date | None,
        typer.Option(
            "--from",
            metavar="DATE",
            parser=parse_day,
            help="The first day. Default: 2024-01-01 for the shop; for a source 120 days after "
            "its first event (or halfway), or --days before its end if that is later.",
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=3650, help="How many days.")
    ] = _DAYS,
    customers: Annotated[
        int,
        typer.Option("--customers", metavar="N", min=50, help="Active customers of the shop."),
    ] = 2000,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="Another seed, another shop.")
    ] = 0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Live through a year in minutes, to see that the suite looks after itself.

    Makes a new workspace and lets the days pass one after another under a simulated clock.
    Each day's events are imported, and whatever the worker would do is done: training, scoring,
    evaluation, checks. Tells which alerts were raised when, and what quality was expected and
    came true. Example:

        predictive replay --workspace rehearsal --incident tracking@2024-05-01
    """
    from predictive.cli.views.replay import view_replay  # noqa: PLC0415
    from predictive.replay.replay import replay as run  # noqa: PLC0415
    from predictive.workspace import Workspace  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    parsed = _definitions(definitions or [], source)
    with tempfile.TemporaryDirectory(prefix="replay-") as folder, session.progress() as progress:
        progress.stage("Recording the days")
        incidents: tuple[Incident, ...] = ()
        if source is None:
            incidents = _incidents(incident or [], start or _SHOP_START, days)
            recording = _shop(Path(folder), start or _SHOP_START, days, customers, seed, incidents)
        else:
            _refuse_incidents(incident)
            recording = _lake(Path(folder), source, start, days)
        with Workspace.create(session.path, buckets=recording.buckets) as target:
            report = run(
                target,
                recording,
                parsed,
                incidents=incidents,
                progress=progress,
            )
    session.show(report, view_replay)


def _shop(
    folder: Path,
    start: date,
    days: int,
    customers: int,
    seed: int,
    incidents: tuple[Incident, ...],
) -> Recording:
    from predictive.replay.recording import record_shop  # noqa: PLC0415
    from predictive.replay.shop import SyntheticShop  # noqa: PLC0415

    shop = SyntheticShop(
        start - _SHOP_HISTORY, _SHOP_HISTORY.days + days, customers, seed, incidents
    )
    return record_shop(shop, folder, start)


def _lake(folder: Path, source: Path, start: date | None, days: int) -> Recording:
    from predictive.replay.recording import record_lake  # noqa: PLC0415
    from predictive.workspace import Workspace  # noqa: PLC0415

    with Workspace.open(source) as other:
        return record_lake(other, folder, start=start, days=days)


def _incidents(texts: list[str], start: date, days: int) -> tuple[Incident, ...]:
    from predictive.errors import InvalidInput  # noqa: PLC0415
    from predictive.replay.incidents import INCIDENT_KINDS, Incident  # noqa: PLC0415

    last = start + timedelta(days=days - 1)
    found = []
    for text in texts:
        kind, _, given = text.partition("@")
        if kind not in INCIDENT_KINDS:
            raise InvalidInput("incident", text, f"one of {', '.join(INCIDENT_KINDS)}")
        day = parse_day(given) if given else start + timedelta(days=days // 2)
        if not start <= day <= last:
            raise InvalidInput("incident", text, f"a day from {start} to {last}")
        found.append(Incident(kind, day))
    return tuple(found)


def _refuse_incidents(texts: list[str] | None) -> None:
    from predictive.errors import InvalidInput  # noqa: PLC0415

    if texts:
        raise InvalidInput(
            "incident", texts[0], "none with --source", "Only the synthetic shop has incidents."
        )


def _definitions(files: list[Path], source: Path | None) -> list[Definition]:
    from predictive.errors import InvalidInput  # noqa: PLC0415
    from predictive.predictions import read_definition  # noqa: PLC0415
    from predictive.replay.shop import SHOP_DEFINITION  # noqa: PLC0415

    if source is not None and not files:
        raise InvalidInput("file", None, "one or more definitions, with --source")
    if not files:
        return [read_definition(SHOP_DEFINITION)]
    return [read_definition(file) for file in files]
