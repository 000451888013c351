"""``predictive import events`` and ``predictive import users``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from predictive.cli.moments import parse_complete_through
from predictive.cli.options import JsonOption, TimezoneOption, WorkspaceOption
from predictive.cli.session import Session

_HELP = "Bring events and customer attributes in, from files."

app = typer.Typer(help=_HELP, rich_markup_mode=None)


def _column(flag: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        flag, metavar="COL", help=text, show_default=False
    )
    return option


@app.callback()
def imports() -> None:
    """Bring events and customer attributes in, from files."""


@app.command("events")
def events(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="CSV, Parquet or JSON Lines; .gz too."),
    ],
    user: Annotated[str, _column("--user", "Who did it: the customer's id.")],
    time: Annotated[str, _column("--time", "When it happened.")],
    event: Annotated[
        str | None, _column("--event", "What happened: the column that names the event.")
    ] = None,
    event_name: Annotated[
        str | None,
        typer.Option(
            "--event-name",
            metavar="NAME",
            help="What happened, when every row is the same event, for example purchase.",
            show_default=False,
        ),
    ] = None,
    amount: Annotated[str | None, _column("--amount", "Money paid.")] = None,
    quantity: Annotated[str | None, _column("--quantity", "Pieces bought.")] = None,
    currency: Annotated[
        str | None,
        typer.Option(
            "--currency",
            metavar="COL|CODE",
            help="Column of the currency, or one code for all rows, for example EUR.",
            show_default=False,
        ),
    ] = None,
    product: Annotated[str | None, _column("--product", "Product id.")] = None,
    order: Annotated[
        str | None,
        _column("--order", "Order id: basket lines of one order become one event."),
    ] = None,
    event_id: Annotated[
        str | None,
        _column("--id", "The event's own id; without one, a row is known by its content."),
    ] = None,
    properties: Annotated[
        str,
        typer.Option(
            "--properties",
            metavar="A,B|all|none",
            help="Further columns to keep, which conditions may then ask for.",
        ),
    ] = "none",
    timezone: TimezoneOption = "UTC",
    complete_through: Annotated[
        datetime | None,
        typer.Option(
            "--complete-through",
            metavar="TIME",
            parser=parse_complete_through,
            help="Until when the files are complete. Default: the latest event's time.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    r"""Append events: purchases, sessions, whatever customers did.

    Rows that can't be read are counted, shown and written to a file; importing the same
    file twice adds nothing. Example:

        predictive import events orders.csv --user customer --time ordered_at \
            --event-name purchase --amount total --order order_id
    """
    from predictive.cli.views.importing import view_events  # noqa: PLC0415
    from predictive.imports import EventColumns, import_events  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    columns = EventColumns(
        user=user,
        time=time,
        event=event,
        event_name=event_name,
        amount=amount,
        quantity=quantity,
        currency=currency,
        product=product,
        order=order,
        id=event_id,
        properties=parse_properties(properties),
    )
    opened = session.open()
    with session.progress() as progress:
        report = import_events(
            opened,
            files,
            columns,
            timezone=timezone,
            complete_through=complete_through,
            group_orders=order is not None,
            progress=progress,
        )
    session.show(report.to_dict(), view_events)


@app.command("users")
def users(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, Parquet or JSON Lines; .gz too.")
    ],
    user: Annotated[str, _column("--user", "The customer's id.")],
    time: Annotated[
        str | None,
        _column("--time", "Since when the row is true. Without it, it counts as always true."),
    ] = None,
    timezone: TimezoneOption = "UTC",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Append customer attributes, such as country or age group.

    Every other column of the file becomes an attribute of that name.
    """
    from predictive.cli.views.importing import view_attributes  # noqa: PLC0415
    from predictive.imports import import_users  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    with session.progress() as progress:
        report = import_users(
            opened, file, user=user, time=time, timezone=timezone, progress=progress
        )
    session.show(report.to_dict(), view_attributes)


def parse_properties(text: str) -> list[str] | Literal["all", "none"]:
    """``all``, ``none`` or the columns between the commas.

    >>> parse_properties("channel, coupon")
    ['channel', 'coupon']
    """
    if text == "all":
        return "all"
    if text == "none":
        return "none"
    return [name.strip() for name in text.split(",") if name.strip()]
