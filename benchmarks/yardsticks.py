"""The same work by a bare library, as an expert would write it without this project."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.synthetic import NAMES


def aggregates_sql(
    files: Sequence[Path], as_of: datetime, window_days: int, lookback_days: Sequence[int]
) -> str:
    """The kernel's aggregates for one snapshot in SQL, and the label.

    First by user and event, then pivoted; distinct values by plain groupings, which DuckDB does
    several times faster than COUNT(DISTINCT). What SQL can only do by a window function over all
    events (spread of the gaps, the last gap) is left out: the yardstick does less.
    """
    start = {days: as_of - timedelta(days=days) for days in lookback_days}
    counts = ", ".join(
        f"count(*) FILTER (time >= {_stamp(moment)}) AS n_{days}" for days, moment in start.items()
    )
    sums = ", ".join(
        f"sum(amount) FILTER (time >= {_stamp(moment)}) AS a_{days}"
        for days, moment in start.items()
    )
    parts = ", ".join(
        f"count(*) FILTER (hour(time) // 6 = {part}) AS part_{part}" for part in range(4)
    )
    pivoted = ", ".join(
        f"sum({column}) FILTER (name = '{name}') AS {name}_{column}"
        for name in NAMES
        for column in ("n", *(f"n_{days}" for days in start))
    )
    recency = ", ".join(f"max(last) FILTER (name = '{name}') AS {name}_last" for name in NAMES)
    money = ", ".join(f"sum(a_{days})" for days in start)
    days = ", ".join(
        f"count(*) FILTER (day >= {_stamp(moment)}) AS days_{lookback}, "
        f"count(*) FILTER (bought AND day >= {_stamp(moment)}) AS bought_{lookback}"
        for lookback, moment in start.items()
    )
    return f"""
        WITH past AS (SELECT * FROM read_parquet({_list(files)}) WHERE time < {_stamp(as_of)}),
        by_event AS (
            SELECT user_id, name, count(*) AS n, {counts}, min(time) AS first, max(time) AS last,
                sum(amount) AS a, {sums}, max(amount) AS highest, arg_max(amount, time) AS newest,
                count(*) FILTER (isodow(time) > 5) AS weekend, {parts}
            FROM past GROUP BY ALL
        ),
        pivoted AS (
            SELECT user_id, {pivoted}, {recency}, min(first) AS first, max(last) AS last,
                sum(a), {money}, max(highest), max(newest), sum(weekend), sum(part_0), sum(part_1),
                sum(part_2), sum(part_3)
            FROM by_event GROUP BY user_id
        ),
        active_days AS (
            SELECT user_id, count(*) AS days, count(*) FILTER (bought) AS bought, {days},
                (max(day) - min(day)) / greatest(count(*) - 1, 1) AS gap,
                (max(day) FILTER (bought) - min(day) FILTER (bought))
                    / greatest(count(*) FILTER (bought) - 1, 1) AS bought_gap
            FROM (
                SELECT user_id, time::DATE AS day, bool_or(name = 'purchase') AS bought
                FROM past GROUP BY ALL
            ) GROUP BY user_id
        ),
        variety AS (
            SELECT user_id, count(product_id) AS products
            FROM (SELECT DISTINCT user_id, product_id FROM past) GROUP BY user_id
        ),
        buyers AS (
            SELECT DISTINCT user_id FROM read_parquet({_list(files)})
            WHERE name = 'purchase' AND time >= {_stamp(as_of)}
                AND time < {_stamp(as_of + timedelta(days=window_days))}
        )
        SELECT *, buyers.user_id IS NOT NULL AS label
        FROM pivoted JOIN active_days USING (user_id) JOIN variety USING (user_id)
        LEFT JOIN buyers USING (user_id)
    """


def group_by_sql(files: Sequence[Path], as_of: datetime) -> str:
    """The bare group-by: events of each user and name."""
    return f"""
        SELECT user_id, name, count(*) FROM read_parquet({_list(files)})
        WHERE time < {_stamp(as_of)} GROUP BY ALL
    """


def run_sql(query: str, threads: int) -> pa.Table:
    """Run a query in a DuckDB of its own."""
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.sql(query).to_arrow_table()


def _list(files: Sequence[Path]) -> str:
    return "[" + ", ".join(f"'{file}'" for file in files) + "]"


def _stamp(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment.isoformat()}'"
