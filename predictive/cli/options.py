"""The arguments and options that several commands share, with their help texts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from predictive.cli.moments import parse_moment

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="The workspace folder. Without it, the environment's PREDICTIVE_WORKSPACE.",
        show_default=False,
    ),
]

JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document, for programs. Progress goes to stderr."),
]

PredictionName = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the prediction, as in its definition.")
]

AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        parser=parse_moment,
        help="Act as if it were this moment: nothing at or after it is seen. "
        "A date means 00:00 UTC, so the end of 31 May is 2024-06-01. "
        "Default: the end of the imported data.",
        show_default=False,
    ),
]

TimezoneOption = Annotated[
    str,
    typer.Option(
        "--timezone",
        metavar="TZ",
        help="Time zone of times that carry none, for example Europe/Berlin.",
    ),
]
