"""The scores of a segment's members: counted once, against a plain count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from evaluation.histogram import ScoreHistogram
from predictive.errors import Conflict, NotFound
from predictive.segments.definition import SegmentDefinition
from predictive.segments.histograms import Part, segment_part
from predictive.segments.service import delete, save
from predictive.segments.snapshots import forget_member
from predictive.workspace import Workspace
from tests.predictive.segments.conftest import Bring, Publish
from tests.predictive.store.samples import NAME

NOW = datetime(2025, 11, 2, tzinfo=UTC)
SCORES = {"anna": 90.0, "ben": 80.25, "cleo": 80.25, "dora": 0.0, "emil": 100.0}
VISITED = "{name: visitors, all: [{did: visit}]}"
LIKELY = f"{{name: likely, all: [{{prediction: {NAME}, gte: 75}}]}}"


def keep(workspace: Workspace, definition: str) -> None:
    save(workspace, SegmentDefinition.from_text(definition), by="test", now=NOW)


def part(workspace: Workspace, segment: str) -> Part:
    run = workspace.store.runs.current(NAME)
    assert run is not None
    return segment_part(workspace, run, segment, NOW)


def is_of(histogram: ScoreHistogram, scores: dict[str, float], users: set[str]) -> bool:
    """Whether it counts these users; the probability that `publish` gives is a score's 100th."""
    values = np.array([scores[user] for user in sorted(users)])
    plain = ScoreHistogram.from_scores(values, values / 100)
    return all(
        np.allclose(getattr(histogram, name), getattr(plain, name), rtol=1e-12, atol=0)
        for name in ("counts", "sum_p", "sum_v")
    )


def test_the_members_with_a_score_are_counted(workspace: Workspace, publish: Publish) -> None:
    run_id = publish(SCORES)
    keep(workspace, VISITED)
    keep(workspace, LIKELY)
    found = part(workspace, "visitors")
    assert (found.run.run_id, found.snapshot.users) == (run_id, 2)
    assert is_of(found.histogram, SCORES, {"anna", "ben"})
    assert is_of(part(workspace, "likely").histogram, SCORES, {"anna", "ben", "cleo", "emil"})


def test_they_are_counted_once(workspace: Workspace, publish: Publish) -> None:
    run_id = publish(SCORES)
    keep(workspace, VISITED)
    first = part(workspace, "visitors")
    # Who would count again would find nothing to count.
    workspace.lake.scores.discard(run_id)
    again = part(workspace, "visitors")
    assert again.histogram.to_bytes() == first.histogram.to_bytes()


def test_and_anew_when_the_segment_the_data_or_the_run_changed(
    workspace: Workspace, publish: Publish, bring: Bring
) -> None:
    publish(SCORES)
    keep(workspace, VISITED)
    assert part(workspace, "visitors").histogram.total == 2
    bring("user,what,when\ncleo,visit,2025-10-31T13:00Z\n")
    assert is_of(part(workspace, "visitors").histogram, SCORES, {"anna", "ben", "cleo"})
    keep(workspace, "{name: visitors, all: [{did: visit, within_days: 3}]}")
    changed = part(workspace, "visitors")
    assert changed.snapshot.version == 2
    assert is_of(changed.histogram, SCORES, {"anna", "cleo"})
    newer = SCORES | {"anna": 10.0}
    run_id = publish(newer)
    moved = part(workspace, "visitors")
    assert moved.run.run_id == run_id
    assert is_of(moved.histogram, newer, {"anna", "cleo"})


def test_members_and_scores_are_of_one_run(workspace: Workspace, publish: Publish) -> None:
    publish(SCORES)
    keep(workspace, LIKELY)
    before = workspace.store.runs.current(NAME)
    newer = {user: 100 - score for user, score in SCORES.items()}
    run_id = publish(newer)
    # The members are found by the newest run, whatever the caller had read before.
    found = segment_part(workspace, before, "likely", NOW)
    assert found.run.run_id == run_id
    assert is_of(found.histogram, newer, {"dora"})


def test_nobody_is_an_empty_histogram(workspace: Workspace, publish: Publish) -> None:
    publish({"emil": 50.0})
    keep(workspace, VISITED)
    assert part(workspace, "visitors").histogram.total == 0


def test_a_user_who_is_deleted_is_not_counted_any_more(
    workspace: Workspace, publish: Publish
) -> None:
    run_id = publish(SCORES)
    keep(workspace, VISITED)
    part(workspace, "visitors")
    workspace.lake.scores.delete_user("anna")
    forget_member(workspace, "anna")
    found = part(workspace, "visitors")
    assert (found.run.run_id, found.snapshot.users) == (run_id, 1)
    assert is_of(found.histogram, SCORES, {"ben"})


def test_files_go_with_the_segment_and_its_snapshots(
    workspace: Workspace, publish: Publish, bring: Bring
) -> None:
    publish(SCORES)
    keep(workspace, VISITED)
    part(workspace, "visitors")
    bring("user,what,when\ncleo,visit,2025-10-31T13:00Z\n")
    later = NOW + timedelta(days=100)
    run = workspace.store.runs.current(NAME)
    segment_part(workspace, run, "visitors", later)
    bring("user,what,when\ndora,visit,2025-10-31T13:00Z\n")
    segment_part(workspace, run, "visitors", later)
    assert len(list(workspace.segments_path.glob("*.histogram"))) == 2
    delete(workspace, "visitors")
    assert list(workspace.segments_path.iterdir()) == []


def test_segments_that_can_not_be_read(workspace: Workspace, publish: Publish) -> None:
    publish(SCORES)
    with pytest.raises(NotFound, match="segment"):
        part(workspace, "visitors")
    keep(workspace, LIKELY)
    run = workspace.store.runs.current(NAME)
    workspace.store.predictions.set_state(NAME, "archived")
    with pytest.raises(Conflict):
        segment_part(workspace, run, "likely", NOW)
