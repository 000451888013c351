"""The ``predictive`` command and its entry point."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from predictive.cli.auditing import written_down
from predictive.cli.commands import (
    alerts,
    audit,
    backups,
    config,
    evaluate,
    imports,
    jobs,
    keys,
    lifecycle,
    models,
    notify,
    predictions,
    quality,
    replay,
    score,
    segments,
    sends,
    serve,
    simulate,
    train,
    users,
    why,
    worker,
    workspaces,
)
from predictive.cli.failures import report_failure
from predictive.cli.options import JsonOption
from predictive.cli.session import GlobalOptions

#: The order of a first run, which is the order people look for.
_ORDER = (
    "init",
    "import",
    "apply",
    "estimate",
    "list",
    "show",
    "state",
    "history",
    "train",
    "score",
    "evaluate",
    "quality",
    "why",
    "check",
    "alerts",
    "models",
    "simulate",
    "segments",
    "sends",
    "serve",
    "worker",
    "jobs",
    "replay",
    "config",
    "keys",
    "audit",
    "users",
    "delete",
    "notify",
    "backup",
    "restore",
)


class _Commands(TyperGroup):
    """Lists the commands in the order of a first run, and notes those that change something."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(_ORDER)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; one that changes something is written down."""
        with written_down(ctx):
            return super().invoke(ctx)


app = typer.Typer(
    name="predictive",
    cls=_Commands,
    help="Predict which customers will churn or buy, and know how far to trust it.",
    epilog="A first run: init, import events, apply, estimate, train, score, simulate. "
    "Every command explains itself with --help.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="DIR",
            help="The workspace folder. Without it, the environment's PREDICTIVE_WORKSPACE. "
            "May also stand after the command.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Keep the options that stand before the command."""
    context.obj = GlobalOptions(workspace, as_json)


app.command("init")(workspaces.init)
app.command("apply")(predictions.apply)
app.command("estimate")(predictions.estimate)
app.command("list")(predictions.list_all)
app.command("show")(predictions.show)
app.command("state")(lifecycle.state)
app.command("history")(lifecycle.history)
app.command("delete")(lifecycle.delete)
app.command("train")(train.train)
app.command("score")(score.score)
app.command("evaluate")(evaluate.evaluate)
app.command("quality")(quality.quality)
app.command("why")(why.why)
app.command("check")(alerts.check)
app.command("simulate")(simulate.simulate)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("replay")(replay.replay)
app.command("audit")(audit.audit)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.add_typer(alerts.app, name="alerts")
app.add_typer(config.app, name="config")
app.add_typer(imports.app, name="import")
app.add_typer(jobs.app, name="jobs")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(notify.app, name="notify")
app.add_typer(segments.app, name="segments")
app.add_typer(sends.app, name="sends")
app.add_typer(users.app, name="users")


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    given = sys.argv[1:] if arguments is None else arguments
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal without block characters shows other ones rather than an error.
        sys.stdout.reconfigure(errors="replace")
    sys.exit(exit_code(given))


def exit_code(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0, 1 for a failure, 2 for bad input."""
    try:
        result = typer.main.get_command(app).main(
            arguments or ["--help"], prog_name="predictive", standalone_mode=False
        )
    except BrokenPipeError:
        # The reader has gone, as with `| head`; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 — the outermost boundary
        return report_failure(error, as_json="--json" in arguments)
    return result if isinstance(result, int) else 0
