"""The scores of a segment's members in 10,001 numbers: counted once, then read.

One file beside the members of a snapshot for each scoring run that was asked about. A snapshot is
taken anew when the segment or what it depends on changed, so a file never is out of date.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evaluation.histogram import BINS, BINS_PER_POINT, ScoreHistogram
from predictive.lake.atomic import replacing
from predictive.lake.engine import Engine, literal
from predictive.segments.snapshots import current_snapshot, histogram_file, members_file
from predictive.store.run import Run
from predictive.store.segments import SegmentSnapshot

if TYPE_CHECKING:
    from predictive.workspace import Workspace

#: At once, one thread counts and the others wait for it.
_counting: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


class Part(NamedTuple):
    """The part of a scoring run that a segment is.

    Parameters
    ----------
    run
        The run that readers see; where the segment asks for this prediction's scores, the one
        that its members were found by.
    snapshot
        The members.
    histogram
        Of those members that the run has scored.
    """

    run: Run
    snapshot: SegmentSnapshot
    histogram: ScoreHistogram


def segment_part(workspace: Workspace, run: Run, segment: str, now: datetime) -> Part:
    """The scores of a segment's members as of now.

    Parameters
    ----------
    run
        The published scoring run.
    segment
        Name of the segment.

    Raises
    ------
    NotFound
        There is no such segment.
    Conflict
        A prediction that the segment asks for offers no scores.
    """
    found = workspace.store.segments.get(segment)
    snapshot = current_snapshot(workspace, found, now)
    used = snapshot.runs.get(run.prediction, run.run_id)
    if used != run.run_id:
        run = workspace.store.runs.get(used, run.prediction)
    return Part(run, snapshot, _histogram(workspace, run, snapshot))


def _histogram(workspace: Workspace, run: Run, snapshot: SegmentSnapshot) -> ScoreHistogram:
    file = histogram_file(workspace, snapshot, run.run_id)
    with _counting[snapshot.segment_id]:
        if not file.exists():
            archive = workspace.lake.scores.path(run.run_id)
            members = members_file(workspace, snapshot)
            counted = _counted(archive, members, workspace.lake.engine)
            with replacing(file) as draft:
                draft.write_bytes(counted.to_bytes())
    return ScoreHistogram.from_bytes(file.read_bytes())


def _counted(archive: Path, members: Path, engine: Engine) -> ScoreHistogram:
    query = (
        f"SELECT CAST(round(score * {BINS_PER_POINT}) AS BIGINT) AS bin, count(*) AS users, "
        "sum(probability) AS sum_p, sum(probability * (1 - probability)) AS sum_v "
        f"FROM read_parquet({literal(str(archive))}) scores "
        f"SEMI JOIN read_parquet({literal(str(members))}) members USING (user_id) "
        "GROUP BY bin ORDER BY bin"
    )
    with closing(engine.connect()) as connection:
        rows = connection.sql(query).to_arrow_table()
    bins = rows["bin"].to_numpy()
    counts, sum_p, sum_v = np.zeros(BINS, dtype=np.int64), np.zeros(BINS), np.zeros(BINS)
    for column, totals in (("users", counts), ("sum_p", sum_p), ("sum_v", sum_v)):
        totals[bins] = rows[column].to_numpy()
    return ScoreHistogram(counts, sum_p, sum_v)
