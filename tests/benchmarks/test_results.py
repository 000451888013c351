"""From answers to tables: the page, the pictures, and a log of one's own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from benchmarks.quality import __main__ as command
from benchmarks.quality.baselines import baselines
from benchmarks.quality.cells import Cells
from benchmarks.quality.hindsight import DRAWS, against_best
from benchmarks.quality.honesty import honesty
from benchmarks.quality.markdown import hindsight
from benchmarks.quality.methods import Answer, Method, NotPossible, Question
from benchmarks.quality.pictures import draw, draw_honesty
from benchmarks.quality.report import (
    BEGIN,
    END,
    HONESTY_BEGIN,
    HONESTY_END,
    write_honesty,
    write_page,
)
from benchmarks.quality.results import results, write_results
from benchmarks.quality.runner import ask_all
from benchmarks.quality.suite import suite
from benchmarks.quality.suite_steps import answer_by_steps
from benchmarks.quality.twins import Twin
from tests.benchmarks.conftest import newest_questions

QUIET = Console(quiet=True)


def oracle(one: Twin) -> Method:
    """In the suite's place, who knows the truth and promises just that."""

    def answer(question: Question) -> Answer:
        truth = one.truth(question.task, question.scored)
        expected = {"value": 60.0, "low": 40.0, "high": 80.0}
        detail = {"quality": expected, "shift": {"tau2": 0.0, "degrees": 10**9}, "base_rate": 0.5}
        return Answer(truth, base_rate=0.5, detail=detail)

    return Method("suite", "this suite", answer, "1")


def gaps(question: Question) -> Answer:
    """Answers all but the newest cut-off."""
    if question.cutoff == question.task.cutoffs[-1]:
        raise NotPossible("no time")
    return Answer(np.linspace(0, 1, len(question.scored.users)))


@pytest.fixture(scope="module")
def whole(small_twin: Twin, tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("whole")
    questions = newest_questions(small_twin, folder)
    methods = [oracle(small_twin), *baselines()[:4], Method("gaps", "Gaps", gaps, "1")]
    asked = ask_all(questions, methods, Cells(folder / "cells"), QUIET)
    return results(asked, methods) | {"honesty": honesty(asked)}


def test_the_truth_is_first_and_told_as_better(whole: dict) -> None:
    assert whole["ranks"]["mean"]["suite"] == 1.0
    assert whole["ranks"]["left_out"] == []
    assert whole["ranks"]["cutoffs"] == 2
    assert whole["cutoffs"]["holds"] == 4
    assert {gap["reason"] for gap in whole["not_possible"]} == {"no time"}
    for task in whole["tasks"]:
        assert task["suite_minus"]["gaps"]["cutoffs"] == 1
        assert task["methods"]["recency"]["brier"] is None
        assert 0 < task["methods"]["suite"]["brier"] < 0.25


def test_luck_is_told_from_skill(whole: dict) -> None:
    """Who knows the truth loses to none but by luck, and would in other outcomes as well."""
    found = whole["cutoffs"]
    known = found["all_knowing"]
    assert known["cutoffs"] == DRAWS * found["cutoffs"] == DRAWS * 4
    assert known["holds"] > 0.95 * known["cutoffs"]
    assert found["best_of_others"]["gaps"]["cutoffs"] == 2
    for name, summary in found["best_of_others"].items():
        assert summary["mean_difference"] < -0.02, name
        # The suite is among the others of each.
        assert summary["mean_difference"] <= -found["by_method"][name]["mean_difference"]


def test_too_few_to_tell_luck_from_skill_are_told_without_it(whole: dict) -> None:
    """So few, and so sure, that every draw comes out the same for all of them."""
    found = whole["cutoffs"]
    assert hindsight(found).endswith("so much is luck.")
    nothing = found | {"all_knowing": {"cutoffs": 0, "holds": 0, "mean_difference": None}}
    assert hindsight(nothing).endswith("every other method.")


def test_methods_alike_lose_to_the_best_of_them_by_luck(small_twin: Twin, tmp_path: Path) -> None:
    """Two that know the truth but for a little noise: neither is the best of any cut-off."""

    def noisy(seed: int) -> Method:
        def answer(question: Question) -> Answer:
            truth = small_twin.truth(question.task, question.scored).clip(1e-3, 1 - 1e-3)
            noise = np.random.default_rng(seed).normal(0, 0.3, len(truth))
            detail = {"quality": {"value": 60.0, "low": 40.0, "high": 80.0}, "base_rate": 0.5}
            odds = np.log(truth / (1 - truth)) + noise
            return Answer(1 / (1 + np.exp(-odds)), base_rate=0.5, detail=detail)

        name = "suite" if seed == 0 else f"noisy-{seed}"
        return Method(name, name, answer, "1")

    questions = [
        Question(small_twin.log, task, cutoff, tmp_path)
        for task in small_twin.tasks
        for cutoff in task.cutoffs
    ]
    methods = [noisy(seed) for seed in range(3)]
    asked = ask_all(questions, methods, Cells(tmp_path), QUIET)
    found = against_best(asked, ["suite", "noisy-1", "noisy-2"])
    known = found["all_knowing"]
    assert found["mean_difference"] < 0 < known["mean_difference"]
    assert found["holds"] / found["cutoffs"] < known["holds"] / known["cutoffs"]
    assert found == against_best(asked, ["suite", "noisy-1", "noisy-2"])


def test_others_are_measured_where_the_suite_answered(small_twin: Twin, tmp_path: Path) -> None:
    def newest_only(question: Question) -> Answer:
        if question.cutoff != question.task.cutoffs[-1]:
            raise NotPossible("too few")
        return oracle(small_twin).answer(question)

    questions = [
        Question(small_twin.log, task, cutoff, tmp_path)
        for task in small_twin.tasks
        for cutoff in task.cutoffs[-3:]
    ]
    methods = [Method("suite", "this suite", newest_only, "1"), *baselines()[:2]]
    document = results(ask_all(questions, methods, Cells(tmp_path / "cells"), QUIET), methods)
    assert document["ranks"]["mean"]["suite"] == 1.0
    assert document["ranks"]["cutoffs"] == len(small_twin.tasks)
    for task in document["tasks"]:
        assert task["methods"]["recency"]["n"] == task["methods"]["suite"]["n"] == task["users"][-1]


def test_the_truth_is_honest(small_twin: Twin, tmp_path: Path) -> None:
    questions = [
        Question(small_twin.log, task, cutoff, tmp_path)
        for task in small_twin.tasks
        for cutoff in task.cutoffs
    ]
    found = honesty(ask_all(questions, [oracle(small_twin)], Cells(tmp_path), QUIET))
    for held in ("slope_in_band", "ratio_in_band", "ece_in_band"):
        assert found["all"][held]["holds"] >= 10, held
    for one in found["all"]["true_positives"]:
        assert one["width_over_chance"] <= 1.001
        assert one["binomial_p"] > 0.01
    assert found["real"] is None


def test_the_page_is_written_between_its_marks_and_twice_the_same(
    whole: dict, tmp_path: Path
) -> None:
    page = tmp_path / "benchmarks.md"
    marks = [BEGIN, "yesterday's", END, "Between.", HONESTY_BEGIN, "yesterday's", HONESTY_END]
    page.write_text("\n\n".join(["Before.", *marks, "After.\n"]), encoding="utf-8")
    written = []
    for _ in range(2):
        pictures = draw(whole, tmp_path / "images")
        write_page(whole, page, pictures)
        pictures.append(draw_honesty(whole["honesty"], tmp_path / "images"))
        write_honesty(whole["honesty"], page, pictures[-1])
        written.append([page.read_bytes(), *(picture.read_bytes() for picture in pictures)])
    assert written[0] == written[1]
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before.")
    assert "Between." in text
    assert text.endswith("After.\n")
    assert "yesterday's" not in text
    assert "- Gaps: 2 of 4 cut-offs have an answer." in text
    assert all(f"(images/{picture.name})" in text for picture in pictures)
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="quality: begin"):
        write_page(whole, page, pictures)


def test_results_are_written_as_json(whole: dict, tmp_path: Path) -> None:
    write_results(whole, tmp_path / "results.json")
    read = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [task["name"] for task in read["tasks"]] == ["twin-03-silent", "twin-03-buys"]


def test_any_log_can_take_the_place_of_the_list(
    small_twin: Twin, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    file = tmp_path / "my_orders.parquet"
    events = small_twin.log.events.rename(columns={"user_id": "customer", "time": "at"})
    events.drop(columns="event").to_parquet(file)
    arguments = ["--log", str(file), "--user", "customer", "--time", "at", "--windows", "30"]
    arguments += ["--methods", "recency,bg_nbd", "--cutoffs", "2", "--build", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["quality", *arguments])
    assert command.main() == 0
    said = capsys.readouterr().out
    assert "my-orders-silent-30" in said
    assert "my-orders-again-30" in said
    monkeypatch.setattr("sys.argv", ["quality", "--log", str(file), "--user", "buyer"])
    with pytest.raises(SystemExit, match=r"'buyer'\. Allowed: a column of my_orders"):
        command.main()


def test_a_cutoff_at_which_all_do_the_same_is_left_out_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    days = pd.date_range("2024-01-01", periods=80, freq="D")
    users = [f"u{number:02}" for number in range(12)]
    # All come every day; only in the last week six of them stay away.
    rows = [(user, day) for day in days for user in users if day < days[73] or user < "u06"]
    file = tmp_path / "visits.csv"
    pd.DataFrame(rows, columns=["user_id", "time"]).to_csv(file, index=False)
    arguments = ["--log", str(file), "--windows", "7", "--cutoffs", "2", "--methods", "recency"]
    monkeypatch.setattr("sys.argv", ["quality", *arguments, "--build", str(tmp_path)])
    assert command.main() == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "visits-silent-7" in said
    left_out = re.findall(r"Left out: (\S+) \S+, for all its (\d+) users do the same", said)
    assert left_out == [("visits-silent-7", "12"), ("visits-again-7", "12")]


@pytest.mark.slow
def test_the_steps_alone_say_what_train_and_score_say(
    small_twin: Twin, questions: list[Question]
) -> None:
    whole, steps = suite().answer(questions[2]), answer_by_steps(questions[2])
    assert np.array_equal(whole.values, steps.values)
    assert whole.detail == steps.detail
    assert whole.base_rate == steps.base_rate
