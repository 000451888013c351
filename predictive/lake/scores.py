"""Archives of scoring runs: one Parquet file each, written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from predictive.errors import InvalidInput, NotFound
from predictive.lake.atomic import clear_abandoned, replacing_held

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


class ScoreArchive:
    """A folder with the scores of every run.

    Parameters
    ----------
    folder
        Where the files stand.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, run_id: str) -> Path:
        """The file of a run, whether it is there or not.

        Raises
        ------
        InvalidInput
            The id can't name a file.
        """
        if not _RUN_ID.fullmatch(run_id):
            raise InvalidInput("run", run_id, "letters, digits, hyphens and underscores")
        return self.folder / f"{run_id}.parquet"

    def write(self, run_id: str, batches: Iterable[pa.RecordBatch]) -> int:
        """Archive a run's scores in bounded memory; how many there were."""
        self.clear_abandoned()
        rows = 0
        writer = None
        with replacing_held(self.path(run_id)) as draft:
            for batch in batches:
                writer = writer or pq.ParquetWriter(draft, batch.schema, compression="zstd")
                writer.write_batch(batch)
                rows += batch.num_rows
            if writer is None:
                raise InvalidInput("batches", "none", "at least one batch, empty or not")
            writer.close()
        return rows

    def read(self, run_id: str) -> Iterator[pa.RecordBatch]:
        """A run's scores in batches.

        Raises
        ------
        NotFound
            There is no such run.
        """
        path = self.path(run_id)
        if not path.exists():
            raise NotFound("archived run", run_id, (file.stem for file in self._files()))
        return pq.ParquetFile(path).iter_batches()  # type: ignore[no-any-return]

    def discard(self, run_id: str) -> None:
        """Remove the archive of a run that was given up, where there is one."""
        self.path(run_id).unlink(missing_ok=True)

    def clear_abandoned(self) -> None:
        """Remove what killed processes left half-written."""
        clear_abandoned(self.folder, ".*.parquet.*")

    def delete_user(self, user_id: str) -> int:
        """Rewrite every archive that holds the user; the number of rows removed."""
        self.clear_abandoned()
        return sum(self._delete_from(file, user_id) for file in self._files())

    def _delete_from(self, file: Path, user_id: str) -> int:
        held = pq.read_table(file, columns=["user_id"], filters=[("user_id", "=", user_id)])
        if held.num_rows:
            batches = self.read(file.stem)
            self.write(
                file.stem,
                (batch.filter(pc.not_equal(batch["user_id"], user_id)) for batch in batches),
            )
        return int(held.num_rows)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))
