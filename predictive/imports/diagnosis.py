"""What is wrong with a file that an engine could not read."""

from __future__ import annotations

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from predictive.errors import Failure, InvalidInput

_CHUNK = 1 << 20
_BYTE_ORDER_MARK = "\ufeff"


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what goes wrong while reading ``path`` into one clear error.

    Raises
    ------
    InvalidInput
        The file is truncated, of another encoding, or not of its format.
    Failure
        Memory or disk is full.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _broken_gzip(path) from error
    except duckdb.Error as error:
        raise _cause(path, error) from error


def _cause(path: Path, error: duckdb.Error) -> InvalidInput | Failure:
    if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error):
        return Failure(f"{path.name} could not be read: {_first_line(error)}")
    if path.suffix == ".gz" and not _is_whole_gzip(path):
        return _broken_gzip(path)
    if path.suffix in (".parquet", ".pq"):
        return InvalidInput("file", str(path), "a whole Parquet file", _first_line(error))
    if not _is_utf8(path):
        return _not_utf8(path)
    if ".json" in path.name or ".ndjson" in path.name:
        return InvalidInput(
            "file",
            str(path),
            "JSON Lines: one whole JSON object a line",
            _bad_line(path) or _first_line(error),
        )
    return InvalidInput(
        "file",
        str(path),
        "rows with as many values as the header has columns, quoted as CSV is",
        f"{_first_line(error)} The file may be truncated.",
    )


def _not_utf8(path: Path) -> InvalidInput:
    return InvalidInput(
        "file",
        str(path),
        "text in UTF-8",
        "It is in another encoding: convert it, for example with `iconv -t UTF-8`.",
    )


def _broken_gzip(path: Path) -> InvalidInput:
    return InvalidInput("file", str(path), "a whole gzip file", "It is truncated or damaged.")


def _is_whole_gzip(path: Path) -> bool:
    try:
        with gzip.open(path) as file:
            while file.read(_CHUNK):
                pass
    except (EOFError, OSError, zlib.error):
        return False
    return True


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _bad_line(path: Path) -> str | None:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith(_BYTE_ORDER_MARK):
                return "It begins with a byte order mark: remove it."
            try:
                if line.strip():
                    json.loads(line)
            except ValueError:
                return f"Line {number} is not; the file may be truncated."
    return None


def _first_line(error: duckdb.Error) -> str:
    text = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
    return text if text.endswith(".") else f"{text}."
