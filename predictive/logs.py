"""One JSON object a line on stderr, without personal data.

What other people's code says about an error quotes values: file names, SQL parameters, keys of
dictionaries. So a line has an error's types and its places in the code, never its message.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from errno import errorcode
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger

#: The request that is being answered, which every line about it names.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

#: Roots of loggers whose words are known to quote nobody.
_OURS = ("predictive", "api", "models", "uvicorn")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_FRAMES = 30
_CAUSES = 5


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON.

    ``time``, ``level``, ``logger``, ``event``, ``request_id`` when there is a request, what was
    given as ``extra``, and ``error`` with types and places when there was an exception.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        request = request_id.get()
        if request is not None:
            line["request_id"] = request
        # Cheaper than asking for each attribute whether it is a standard one.
        if record.__dict__.keys() - _STANDARD:
            line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = described(record.exc_info[1])
        return _ENCODE(line)


def configure(level: str, stream: TextIO | None = None) -> None:
    """Let everything that is logged in this process go to one stream, as lines of JSON.

    Parameters
    ----------
    level
        The least severe level that is written; of other people's code, no less than a warning.
    stream
        Where to; by default, stderr.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    least = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(least, logging.WARNING))
    for name in _OURS:
        logging.getLogger(name).setLevel(least)


def get_logger(name: str) -> BoundLogger:
    """A logger for events with keys and values; where they go, `configure` says."""
    import structlog  # noqa: PLC0415  (only what logs so needs it)

    return cast(
        "BoundLogger",
        structlog.wrap_logger(
            logging.getLogger(name),
            processors=[structlog.stdlib.filter_by_level, structlog.stdlib.render_to_log_kwargs],
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=True,
        ),
    )


def described(error: BaseException) -> list[dict[str, Any]]:
    """An error and its causes: type, code and places in the source, without any value.

    Returns
    -------
    list of dict
        ``type``, ``at`` (places, the innermost last) and, where a database or the operating
        system gave one, ``code``: ``SQLITE_BUSY``, an SQLSTATE, ``ENOSPC``. The error itself
        first.
    """
    told: list[dict[str, Any]] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < _CAUSES:
        one: dict[str, Any] = {"type": _qualified(type(seen)), "at": _places(seen.__traceback__)}
        code = _code(seen)
        told.append(one if code is None else one | {"code": code})
        if isinstance(seen, BaseExceptionGroup):
            seen = seen.exceptions[0]
            continue
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return told


def _code(error: BaseException) -> str | None:
    """What a driver or the operating system calls the error: a fixed word, never a value."""
    if isinstance(error, OSError) and error.errno is not None:
        return errorcode.get(error.errno)
    # sqlite3's and psycopg's own names for it; not every one of their errors has one.
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    return code if isinstance(code, str) else None


def _event(record: logging.LogRecord) -> str:
    """What happened; of what other people's code says only where it said it."""
    if record.name.partition(".")[0] in _OURS:
        return record.getMessage()
    return f"said by {Path(record.pathname).name}:{record.lineno} {record.funcName}"


def _places(trace: TracebackType | None) -> list[str]:
    places: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        file = Path(code.co_filename)
        places.append(f"{file.parent.name}/{file.name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-_FRAMES:]


def _qualified(kind: type) -> str:
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _type_name(value: object) -> str:
    # What JSON does not know is not written out: its repr might be anything.
    return f"({type(value).__name__})"


#: Made once: `json.dumps` with options makes an encoder each time.
_ENCODE = json.JSONEncoder(ensure_ascii=False, default=_type_name).encode
