"""Write many score rows at once: COPY on PostgreSQL, one prepared insert on SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from predictive.errors import InvalidInput

_INSERT = (
    "INSERT INTO scores (run_number, user_id, probability, score_hundredths) VALUES (?, ?, ?, ?)"
)
_COPY = "COPY scores (run_number, user_id, probability, score_hundredths) FROM STDIN"


@dataclass(frozen=True)
class ScoreRows:
    """Checked rows of one run.

    Parameters
    ----------
    user_ids
        Arrow strings (n,).
    probabilities
        float64 (n,), in [0, 1].
    hundredths
        int16 (n,), scores times 100, in [0, 10000].
    """

    user_ids: pa.Array
    probabilities: npt.NDArray[np.float64]
    hundredths: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.hundredths)

    def slice(self, start: int, length: int) -> ScoreRows:
        """``length`` rows from ``start``, without copying."""
        end = start + length
        return ScoreRows(
            self.user_ids.slice(start, length),
            self.probabilities[start:end],
            self.hundredths[start:end],
        )


def score_rows(
    user_ids: Sequence[str] | pa.Array,
    probabilities: npt.ArrayLike,
    scores: npt.ArrayLike,
) -> ScoreRows:
    """Check the columns of a batch.

    Raises
    ------
    InvalidInput
        Columns of different lengths, an id that is null, empty or holds a NUL character,
        a probability outside [0, 1] or a score outside [0, 100].
    """
    ids = _strings(user_ids)
    p = np.asarray(probabilities, dtype=np.float64)
    s = np.asarray(scores, dtype=np.float64)
    if not len(ids) == p.size == s.size:
        lengths = f"{len(ids)}, {p.size} and {s.size}"
        raise InvalidInput(
            "scores", lengths, "as many user ids as probabilities and as many scores"
        )
    _check_ids(ids)
    _check_range("probabilities", p, 1.0)
    _check_range("scores", s, 100.0)
    return ScoreRows(ids, p, np.rint(s * 100.0).astype(np.int16))


def insert_sqlite(connection: Connection, run_number: int, rows: ScoreRows) -> None:
    """Insert the rows in the connection's transaction."""
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    columns = zip(
        repeat(run_number),
        rows.user_ids.to_pylist(),
        rows.probabilities.tolist(),
        rows.hundredths.tolist(),
        strict=False,  # the run's number is repeated without end
    )
    try:
        cursor.executemany(_INSERT, columns)
    finally:
        cursor.close()


def copy_postgresql(connection: Connection, run_number: int, rows: ScoreRows) -> None:
    """Copy the rows in the connection's transaction, in PostgreSQL's text format."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(_copy_text(run_number, rows))


def _copy_text(run_number: int, rows: ScoreRows) -> memoryview:
    """All rows as COPY takes them: columns by tab, rows by line feed, rest escaped.

    The lines are joined by Arrow; end to end in its buffer they are the text itself.
    """
    ids = rows.user_ids
    for character, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        ids = pc.replace_substring(ids, character, escaped)
    lines = pc.binary_join_element_wise(
        pa.scalar(str(run_number), pa.large_string()),
        ids,
        pa.array(rows.probabilities).cast(pa.large_string()),
        pc.binary_join_element_wise(
            pa.array(rows.hundredths).cast(pa.large_string()),
            pa.scalar("", pa.large_string()),
            pa.scalar("\n", pa.large_string()),
        ),
        pa.scalar("\t", pa.large_string()),
    )
    buffer = lines.buffers()[2]
    return memoryview(buffer if buffer is not None else b"")


def _strings(user_ids: Sequence[str] | pa.Array) -> pa.Array:
    try:
        if isinstance(user_ids, pa.ChunkedArray):
            user_ids = user_ids.combine_chunks()
        if isinstance(user_ids, pa.DictionaryArray):
            user_ids = user_ids.dictionary_decode()
        if isinstance(user_ids, pa.Array):
            return user_ids.cast(pa.large_string())
        return pa.array(user_ids, type=pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError) as error:
        raise InvalidInput("user_ids", str(error), "strings of valid Unicode") from None


def _check_ids(ids: pa.Array) -> None:
    if ids.null_count:
        raise InvalidInput("user_ids", None, "an id in every row")
    # PostgreSQL has no text with NUL in it; SQLite would cut it short.
    wrong = pc.or_(pc.equal(ids, ""), pc.match_substring(ids, "\x00"))
    if pc.any(wrong).as_py():
        first = ids.filter(wrong)[0].as_py()
        raise InvalidInput("user_ids", first, "a non-empty id without NUL characters")


def _check_range(field: str, values: npt.NDArray[np.float64], highest: float) -> None:
    fine = (values >= 0.0) & (values <= highest)
    if not fine.all():
        raise InvalidInput(field, float(values[~fine][0]), f"numbers from 0 to {highest:g}")
