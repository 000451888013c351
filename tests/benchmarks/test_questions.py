"""Who is asked about, what came true, and that nothing after the cut-off is seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.quality.baselines import baselines
from benchmarks.quality.event_log import EventLog, event_log
from benchmarks.quality.features import plain_features
from benchmarks.quality.methods import Question
from benchmarks.quality.population import population
from benchmarks.quality.sources import DEFAULT_DATA, MissingLog, load_log
from benchmarks.quality.tasks import TASKS, Task, tasks_of
from benchmarks.quality.twins import Twin, twin
from evaluation.quality import auc
from predictive import Definition

MOMENT = datetime(2025, 3, 1, tzinfo=UTC)


def rows_of(days: dict[str, list[float]]) -> EventLog:
    """Purchases at so many days from the moment; a lone event of another kind on day 50."""
    rows = [(user, "buy", MOMENT + timedelta(days=day)) for user in days for day in days[user]]
    rows.append(("z", "look", MOMENT + timedelta(days=50)))
    return event_log("tiny", pd.DataFrame(rows, columns=["user_id", "event", "time"]))


def test_the_window_begins_at_the_moment_and_ends_before_its_end() -> None:
    log = rows_of(
        {"a": [-30, 0], "b": [-30.001, 5], "c": [-0.001, 30], "d": [-5, 29.999], "e": [1]}
    )
    silent = population(log, Task("t", "tiny", "silence", "buy", 30, (MOMENT,)), MOMENT)
    assert dict(zip(silent.users, silent.labels, strict=True)) == {
        "a": False, "c": True, "d": False,
    }  # fmt: skip
    again = Task("t", "tiny", "event", "buy", 30, (MOMENT,), "buy", 31)
    asked = population(log, again, MOMENT)
    assert dict(zip(asked.users, asked.labels, strict=True)) == {
        "a": True, "b": True, "c": False, "d": True,
    }  # fmt: skip


def test_features_of_a_moment_know_nothing_of_what_came_after(small_twin: Twin) -> None:
    cutoff = small_twin.tasks[0].cutoffs[0]
    log = small_twin.log
    cut = EventLog(log.name, log.before(cutoff), log.end)
    users = population(log, small_twin.tasks[0], cutoff).users
    whole, known = (plain_features(one, users, cutoff, cutoff) for one in (log, cut))
    pd.testing.assert_frame_equal(whole, known)


def test_plain_features_of_a_hand_made_history() -> None:
    log = rows_of({"a": [-40, -20, -2], "b": [-3], "c": [4]})
    found = plain_features(log, pd.Index(["a", "b"]), MOMENT, MOMENT).round(6)
    assert found.loc["a", ["events", "events_7", "events_30"]].tolist() == [3, 1, 2]
    assert found.loc["a", ["recency", "tenure", "mean_gap"]].tolist() == [2, 40, 19]
    assert np.isnan(found.loc["b", "mean_gap"])


def test_every_task_is_a_valid_definition_and_its_list_is_fixed() -> None:
    assert len({task.name for task in TASKS}) == len(TASKS)
    for task in TASKS:
        definition = Definition.from_text(task.definition(task.name))
        assert definition.target.within_days == task.window_days
        assert list(task.cutoffs) == sorted(set(task.cutoffs))
        assert len(task.cutoffs) >= 3


def test_an_outcome_that_never_happened_and_a_window_too_long_are_refused() -> None:
    log = rows_of({"a": [-40, -20, -2], "b": [-3], "c": [4]})
    with pytest.raises(ValueError, match=r"Allowed: \*, buy, look"):
        tasks_of(log, [10], 1, "bought")
    with pytest.raises(ValueError, match="needs 150 days of events; tiny has 91"):
        tasks_of(log, [30], 1)


def test_cutoffs_of_an_own_log_leave_room_for_the_last_window(small_twin: Twin) -> None:
    tasks = tasks_of(small_twin.log, [30, 60], 3)
    assert [task.window_days for task in tasks] == [30, 30, 60, 60]
    for task in tasks:
        assert task.cutoffs[-1] + task.window <= small_twin.log.end
        assert all(
            later - earlier >= task.window
            for earlier, later in zip(task.cutoffs, task.cutoffs[1:], strict=False)
        )
    with pytest.raises(ValueError, match=r"windows holds 365, which needs 1825 days"):
        tasks_of(small_twin.log, [365], 3)


def test_a_log_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingLog, match=r"no cdnow\.parquet in .*BENCHMARK_DATA"):
        load_log("cdnow", tmp_path)


def test_rules_and_models_rank_and_the_truth_ranks_best() -> None:
    one = twin(5, customers=1500)
    task = one.tasks[1]
    question = Question(one.log, task, task.cutoffs[-1], Path("unused"))
    asked = question.scored
    areas = {
        method.name: auc(asked.labels, method.answer(question).values) for method in baselines()
    }
    truth = one.truth(task, asked)
    assert min(areas.values()) > 0.6
    assert areas["bg_nbd"] > areas["recency"]
    assert auc(asked.labels, truth) > max(areas.values())
    # The truth is one: outcomes deviate from it by chance alone.
    error = np.sqrt(np.sum(truth * (1 - truth)))
    assert abs(asked.labels.sum() - truth.sum()) < 4 * error


@pytest.mark.skipif(not DEFAULT_DATA.is_dir(), reason=f"there is no {DEFAULT_DATA}")
def test_the_public_logs_are_read_to_their_last_day() -> None:
    log = load_log("cdnow", DEFAULT_DATA)
    assert log.end == datetime(1998, 7, 1, tzinfo=UTC)
    assert len(population(log, TASKS[2], TASKS[2].cutoffs[0]).users) == 4176
