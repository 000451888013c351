"""``predictive simulate``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from predictive.cli.options import JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import Session


def simulate(
    context: typer.Context,
    name: PredictionName,
    min_score: Annotated[
        float | None,
        typer.Option(
            "--min-score",
            metavar="0..100",
            help="Customers with at least this score.",
            show_default=False,
        ),
    ] = None,
    max_score: Annotated[
        float | None,
        typer.Option(
            "--max-score",
            metavar="0..100",
            help="… and at most this one. Default: 100.",
            show_default=False,
        ),
    ] = None,
    top_share: Annotated[
        float | None,
        typer.Option(
            "--top-share",
            metavar="0..1",
            help="The best share of the audience; 0.1 is the top 10 %.",
            show_default=False,
        ),
    ] = None,
    messages: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="At most N customers, the best first.",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            metavar="MONEY",
            help="At most what this much money reaches, the best first.",
            show_default=False,
        ),
    ] = None,
    segment: Annotated[
        str | None,
        typer.Option(
            "--segment",
            metavar="NAME",
            help="Only members of this segment; all shares are of them then.",
            show_default=False,
        ),
    ] = None,
    conversion_value: Annotated[
        float | None,
        typer.Option(
            "--conversion-value",
            metavar="MONEY",
            help="What one buyer, or one customer kept, is worth.",
            show_default=False,
        ),
    ] = None,
    share_caused: Annotated[
        float,
        typer.Option(
            "--share-caused",
            metavar="0..1",
            help="Share of the conversions that happen because of the message.",
        ),
    ] = 1.0,
    message_cost: Annotated[
        float,
        typer.Option(
            "--message-cost",
            metavar="MONEY",
            help="Cost of one message.",
        ),
    ] = 0.0,
    incentive_cost: Annotated[
        float,
        typer.Option(
            "--incentive-cost",
            metavar="MONEY",
            help="Cost of an incentive, such as a voucher, that is taken.",
        ),
    ] = 0.0,
    incentive_taken_by: Annotated[
        Literal["converters", "everyone"],
        typer.Option(
            "--incentive-taken-by",
            help="Who takes the incentive.",
        ),
    ] = "converters",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try a threshold before anything is sent.

    Tells whom it reaches, how many of them will and will not do it, what that costs and
    brings. Choose a range of scores, or the best share of all; --messages and --budget
    limit whom a range reaches, highest scores first.
    """
    from predictive.cli.selections import priced, selected  # noqa: PLC0415
    from predictive.cli.views.simulation import view_simulation  # noqa: PLC0415
    from predictive.jobs import simulate as job  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    money = priced(conversion_value, share_caused, message_cost, incentive_cost, incentive_taken_by)
    selection = selected(min_score, max_score, top_share, messages, budget, money)
    report = job.simulate(session.open(), name, selection=selection, money=money, segment=segment)
    session.show(report, view_simulation)
