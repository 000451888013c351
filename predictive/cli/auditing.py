"""Commands that change a workspace stand in its audit log, with how they ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from predictive.cli.failures import exit_code_of

if TYPE_CHECKING:
    from predictive.workspace import Workspace

#: All commands are either here or leave the workspace as it was; a test holds them to it.
WRITING = frozenset(
    {
        "import events",
        "import users",
        "apply",
        "state",
        "delete",
        "train",
        "score",
        "evaluate",
        "check",
        "models promote",
        "models rollback",
        "segments save",
        "segments delete",
        "sends record",
        "jobs cancel",
        "keys create",
        "keys revoke",
        "users delete",
        "restore",
    }
)
_OPENED = "predictive.opened"


def opened(context: typer.Context, workspace: Workspace) -> None:
    """The command has opened a workspace."""
    words = context.command_path.partition(" ")[2]
    if words in WRITING:
        context.meta[_OPENED] = (workspace, f"predictive {words}", _target(context))


@contextmanager
def written_down(root: typer.Context) -> Iterator[None]:
    """Note the command that runs in the block, once it has ended."""
    status = 0
    try:
        yield
    except BaseException as error:
        status = exit_code_of(error)
        raise
    finally:
        if _OPENED in root.meta:
            # Costs time to import, which commands that only look need not spend.
            from predictive.audit import note  # noqa: PLC0415
            from predictive.store.audit import COMMAND_LINE  # noqa: PLC0415

            workspace, command, target = root.meta[_OPENED]
            note(workspace, COMMAND_LINE, command, target, status)


def _target(context: typer.Context) -> str:
    """What the command is about: its arguments without ids of users, files by their names."""
    names = [
        parameter.name
        for parameter in context.command.params
        if parameter.param_type_name == "argument" and parameter.name != "user_id"
    ]
    given = [context.params[name] for name in names if name is not None]
    return " ".join(text for value in given for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif value is not None:
        yield value.name if isinstance(value, Path) else str(value)
