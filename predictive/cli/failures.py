"""From an error to what is said and the exit code: 2 for bad input, 1 for a failure."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import typer

from predictive.cli.json_output import json_text
from predictive.errors import InvalidInput, PredictiveError

#: The base of all wrong usage; typer has it under different names in different versions.
UsageError: type[Any] = typer.BadParameter.__mro__[1]

EXIT_FAILURE = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


def report_failure(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong, once, and return the exit code.

    People read one line on stderr; with ``as_json`` stdout gets ``{"error": {…}}`` instead.
    An error nobody foresaw also leaves its traceback on stderr, for the bug report.
    """
    details, exit_code = _described(error)
    if exit_code == EXIT_FAILURE and not isinstance(error, PredictiveError | OSError):
        sys.stderr.write("".join(traceback.format_exception(error)))
    if as_json:
        sys.stdout.write(json_text({"error": details}) + "\n")
    else:
        sys.stderr.write(f"Error: {details['message']}\n")
    return exit_code


def exit_code_of(error: BaseException) -> int:
    """The code with which a command ends that ends with this."""
    return error.exit_code if isinstance(error, typer.Exit) else _described(error)[1]


def _described(error: BaseException) -> tuple[dict[str, Any], int]:
    if isinstance(error, PredictiveError):
        # Whoever types commands may see what HTTP clients may not: the reason, with its paths.
        return error.details() | {"message": str(error)}, error.exit_code
    if isinstance(error, UsageError):
        return _usage(error), EXIT_BAD_INPUT
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return {"code": "interrupted", "message": "Interrupted."}, EXIT_INTERRUPTED
    if isinstance(error, OSError):
        return {"code": "failure", "message": str(error)}, EXIT_FAILURE
    message = f"Unforeseen: {type(error).__name__}: {error}"
    return {"code": "failure", "message": message}, EXIT_FAILURE


def _usage(error: Any) -> dict[str, Any]:
    command = error.ctx.command_path if error.ctx else "predictive"
    see = f"See: {command} --help"
    cause = error.__cause__
    if isinstance(cause, ValueError) and hasattr(cause, "errors"):
        # An option whose text pydantic could not read, such as --seed many.
        (first, *_) = cause.errors()
        allowed = first["msg"].removeprefix("Input should be ").partition(",")[0]
        wrong = InvalidInput(error.param.opts[0], first["input"], allowed, see)
        return wrong.details() | {"code": "usage"}
    message = error.format_message().rstrip(".")
    return {"code": "usage", "message": f"{message}. {see}"}
