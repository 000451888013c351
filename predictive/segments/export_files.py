"""The files of exports: written whole or not at all, kept for a day, without deleted users."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from predictive.formats import Format, Shape, json_lines
from predictive.lake.atomic import clear_abandoned, replacing_held

_DRAFTS = ".*.*.*"


class ExportFiles:
    """A folder with one file an export, named by it.

    Parameters
    ----------
    folder
        Where they stand; made when the first is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, export_id: str, form: Format) -> Path:
        """The file of an export, whether it is there or not."""
        return self._folder / f"{export_id}.{form}"

    def write(self, export_id: str, form: Format, pieces: Iterator[bytes]) -> None:
        """Write a file, in the place of one that is there."""
        self._folder.mkdir(exist_ok=True)
        self.clear_abandoned()
        with replacing_held(self.path(export_id, form)) as draft, draft.open("wb") as file:
            file.writelines(pieces)

    def clear_abandoned(self) -> None:
        """Remove what killed processes left half-written."""
        clear_abandoned(self._folder, _DRAFTS)

    def delete_user(self, user_id: str) -> int:
        """Rewrite every file that holds the user; the number of files."""
        self.clear_abandoned()
        return sum(_forget(file, user_id) for file in self.files())

    def files(self) -> list[Path]:
        """All whole files."""
        return sorted(file for file in self._folder.glob("*.*") if file.name[0] != ".")


def _forget(file: Path, user_id: str) -> bool:
    forget = {".ndjson": _forget_in_ndjson, ".csv": _forget_in_csv, ".parquet": _forget_in_parquet}
    return forget[file.suffix](file, user_id)


def _forget_in_ndjson(file: Path, user_id: str) -> bool:
    # As the line was written: nothing needs to be parsed.
    ids = pa.record_batch({"user_id": pa.array([user_id])})
    begin = json_lines(ids, Shape(ids.schema, ('{"user_id":',), ",")).rstrip(b"\n")
    with file.open("rb") as lines:
        if not any(line.startswith(begin) for line in lines):
            return False
        lines.seek(0)
        with replacing_held(file) as draft, draft.open("wb") as kept:
            kept.writelines(line for line in lines if not line.startswith(begin))
    return True


def _forget_in_csv(file: Path, user_id: str) -> bool:
    with file.open(encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        next(rows)  # the header, which could be an id
        if not any(row[0] == user_id for row in rows):
            return False
        text.seek(0)
        with (
            replacing_held(file) as draft,
            draft.open("w", encoding="utf-8", newline="") as kept,
        ):
            rows = csv.reader(text)
            writer = csv.writer(kept, lineterminator="\n")
            writer.writerow(next(rows))  # the header
            writer.writerows(row for row in rows if row[0] != user_id)
    return True


def _forget_in_parquet(file: Path, user_id: str) -> bool:
    with closing(pq.ParquetFile(file)) as parquet:
        batches = parquet.iter_batches(columns=["user_id"])
        if not any(pc.any(pc.equal(each["user_id"], user_id)).as_py() for each in batches):
            return False
        with (
            replacing_held(file) as draft,
            pq.ParquetWriter(draft, parquet.schema_arrow, compression="zstd") as writer,
        ):
            for batch in parquet.iter_batches():
                writer.write_batch(batch.filter(pc.not_equal(batch["user_id"], user_id)))
    return True
