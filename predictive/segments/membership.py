"""Who is in a segment: one pass over the events, one join with the scores, one sorted file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from predictive.conditions.compile import Question, answer
from predictive.conditions.known import known_users
from predictive.lake.atomic import replacing
from predictive.lake.engine import Engine, literal, scratch
from predictive.segments.truth import Cut
from predictive.sources import EventSource
from predictive.tables import EventTables

if TYPE_CHECKING:
    import duckdb

#: Small enough that one page of members reads little, large enough to pack well.
_GROUP_ROWS = 50_000


@dataclass(frozen=True)
class RunScores:
    """The published scores of one prediction.

    Parameters
    ----------
    prediction, run_id
        Whose they are, and of which run.
    bounds
        Lowest scores of medium and high.
    archive
        The run's file in the lake.
    """

    prediction: str
    run_id: str
    bounds: tuple[float, float]
    archive: Path


def write_members(
    source: EventSource,
    condition: Cut,
    as_of: datetime,
    scores: Sequence[RunScores],
    engine: Engine,
    out: Path,
) -> int:
    """Write the members of a segment as Parquet, sorted by user id; whole or not at all.

    Parameters
    ----------
    source
        Where events and attributes stand.
    condition
        The segment's condition, cut where scores begin.
    as_of
        The moment it is asked about: conditions look backward from it.
    scores
        Published scores, one for each of ``condition.predictions``, in that order.
    engine
        DuckDB, for the join; it spills what does not fit its memory.
    out
        The file: ``user_id`` and one column ``score_i`` a prediction, null where there is none.

    Returns
    -------
    int
        How many members there are.
    """
    with (
        scratch(engine) as folder,
        closing(engine.connect()) as connection,
        replacing(out) as draft,
    ):
        # A sorted file is what pages are cut from.
        connection.execute("SET preserve_insertion_order = true")
        for index, run in enumerate(scores):
            connection.execute(
                f"CREATE VIEW scores_{index} AS SELECT user_id AS user_{index}, "
                f"score AS score_{index} FROM read_parquet({literal(str(run.archive))})"
            )
        if condition.questions or not condition.needs_a_score():
            _write_answers(source, condition, as_of, folder)
            files = literal(str(folder / "*.parquet"))
            connection.execute(f"CREATE VIEW answers AS SELECT * FROM read_parquet({files})")
        else:
            scored = (f"SELECT user_{index} FROM scores_{index}" for index in range(len(scores)))
            connection.execute(f"CREATE VIEW answers(user_id) AS {' UNION '.join(scored)}")
        query = ibis.to_sql(_members(condition, scores), dialect="duckdb")
        to = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP_ROWS})"
        connection.execute(f"COPY ({query}) TO {literal(str(draft))} {to}")
        return int(pq.read_metadata(draft).num_rows)


def read_members(file: Path, rows: int) -> Iterator[pa.RecordBatch]:
    """The members in order, in batches of at most ``rows``."""
    with pq.ParquetFile(file) as parquet:
        yield from parquet.iter_batches(batch_size=rows)


def members_after(file: Path, user_id: str | None, limit: int, engine: Engine) -> pa.Table:
    """The next members by user id; row groups that lie before are not read."""
    with _opened(file, engine) as connection:
        after = "TRUE" if user_id is None else f"user_id > {literal(user_id)}"
        query = f"SELECT * FROM members WHERE {after} ORDER BY user_id LIMIT {limit}"
        return connection.sql(query).to_arrow_table()


def is_member(file: Path, user_id: str, engine: Engine) -> bool:
    """Whether a user is among the members."""
    with _opened(file, engine) as connection:
        query = f"SELECT count(*) FROM members WHERE user_id = {literal(user_id)}"
        return bool(connection.execute(query).fetchall()[0][0])


def write_difference(newer: Path, older: Path, engine: Engine, out: Path) -> int:
    """Write who is in ``newer`` and was not in ``older``, sorted; how many there are."""
    with closing(engine.connect()) as connection, replacing(out) as draft:
        connection.execute("SET preserve_insertion_order = true")
        query = (
            f"SELECT newer.* FROM read_parquet({literal(str(newer))}) newer "
            f"ANTI JOIN read_parquet({literal(str(older))}) older USING (user_id) ORDER BY user_id"
        )
        to = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP_ROWS})"
        connection.execute(f"COPY ({query}) TO {literal(str(draft))} {to}")
        return int(pq.read_metadata(draft).num_rows)


def forget_user(file: Path, user_id: str, engine: Engine) -> bool:
    """Rewrite a file of members without a user; whether the user was in it."""
    if not is_member(file, user_id, engine):
        return False
    with _opened(file, engine) as connection, replacing(file) as draft:
        connection.execute("SET preserve_insertion_order = true")
        query = f"SELECT * FROM members WHERE user_id <> {literal(user_id)}"
        to = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP_ROWS})"
        connection.execute(f"COPY ({query}) TO {literal(str(draft))} {to}")
    return True


@contextmanager
def _opened(file: Path, engine: Engine) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(engine.connect()) as connection:
        files = literal(str(file))
        connection.execute(f"CREATE VIEW members AS SELECT * FROM read_parquet({files})")
        yield connection


def _write_answers(source: EventSource, condition: Cut, as_of: datetime, folder: Path) -> None:
    questions = [
        Question(f"answer_{index}", group, as_of, "backward")
        for index, group in enumerate(condition.questions)
    ]

    def ask(tables: EventTables) -> ibis.Table:
        users = known_users(tables)
        users = users.filter(users.first_seen < ibis.literal(as_of)).select("user_id")
        return answer(questions, users, tables) if questions else users

    for partition, table in source.ask(ask):
        pq.write_table(table, folder / f"{partition}.parquet")


def _members(condition: Cut, scores: Sequence[RunScores]) -> ibis.Table:
    answers = {f"answer_{index}": "boolean" for index in range(len(condition.questions))}
    users: Any = ibis.table({"user_id": "string", **answers}, name="answers")
    for index in range(len(scores)):
        scored: Any = ibis.table(
            {f"user_{index}": "string", f"score_{index}": "float64"}, name=f"scores_{index}"
        )
        users = users.left_join(scored, users.user_id == scored[f"user_{index}"])
    bounds = {run.prediction: run.bounds for run in scores}
    members = users.filter(condition.truth(users, bounds))
    columns = [f"score_{index}" for index in range(len(scores))]
    table: ibis.Table = members.select("user_id", *columns).order_by("user_id")
    return table
