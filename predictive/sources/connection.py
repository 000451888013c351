"""Connecting to a warehouse by its URL."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import ibis

from predictive.errors import InvalidInput
from predictive.lake.engine import NO_DOWNLOADS

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FIELD = "source.url"


def connect(url: str) -> Any:
    """An Ibis backend for a connection URL; ``${NAME}`` is read from the environment.

    Raises
    ------
    InvalidInput
        A variable is not set, a DuckDB file is missing, or the connection fails. The message
        shows the URL as written, so that no password appears in it.
    """
    full = _VARIABLE.sub(_from_environment, url)
    scheme, _, rest = full.partition("://")
    if scheme == "duckdb":
        return _connect_duckdb(Path(rest.partition("?")[0]))
    try:
        return ibis.connect(full)
    # Every driver has errors of its own, and each of them means the same here.
    except Exception as error:
        raise InvalidInput(
            _FIELD,
            _shown(url),
            "a connection URL of an engine that Ibis reads, with its driver installed",
            f"Connecting failed with {type(error).__name__}.",
        ) from error


def _connect_duckdb(path: Path) -> Any:
    if not path.is_file():
        raise InvalidInput(_FIELD, f"duckdb://{path}", "an existing DuckDB file")
    try:
        return ibis.duckdb.connect(path, read_only=True, **NO_DOWNLOADS)
    except Exception as error:
        raise InvalidInput(
            _FIELD, f"duckdb://{path}", "a DuckDB file that can be read", str(error)
        ) from error


def _from_environment(match: re.Match[str]) -> str:
    name = match.group(1)
    if name not in os.environ:
        raise InvalidInput(_FIELD, match.group(0), "a variable that is set in the environment")
    return os.environ[name]


def _shown(url: str) -> str:
    # A password may stand in the file all the same.
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)
