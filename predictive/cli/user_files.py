"""Files with ids of users, as campaign tools and our own exports write them."""

from __future__ import annotations

import csv
from pathlib import Path

from predictive.errors import InvalidInput

COLUMN = "user_id"
ALLOWED = (
    f"a text file with one id a line, or a .csv or .parquet file with a column {COLUMN}; in UTF-8"
)


def read_user_ids(file: Path, option: str) -> list[str]:
    """The ids in a file, in its order; empty lines are none.

    Parameters
    ----------
    file
        The file; its ending says what it is.
    option
        The option that named it, for errors.

    Raises
    ------
    InvalidInput
        When there is no such file, it can't be read, or lacks the column.
    """
    try:
        if file.suffix.lower() == ".parquet":
            ids = _parquet(file)
        elif file.suffix.lower() == ".csv":
            ids = _csv(file)
        else:
            ids = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InvalidInput(option, str(file), ALLOWED, error.strerror) from None
    except (KeyError, ValueError):  # UnicodeDecodeError and ArrowInvalid are ValueErrors
        raise InvalidInput(option, str(file), ALLOWED) from None
    return [user_id.strip() for user_id in ids if user_id.strip()]


def _csv(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [row[COLUMN] or "" for row in csv.DictReader(lines)]


def _parquet(file: Path) -> list[str]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    column = pq.read_table(file).column(COLUMN)
    return [str(user_id) for user_id in column.cast(pa.string()).drop_null().to_pylist()]
