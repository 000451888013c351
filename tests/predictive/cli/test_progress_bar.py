from __future__ import annotations

import pytest

from predictive.cli.progress_bar import ProgressBars, ProgressLines, shown_progress


def test_lines_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    progress = shown_progress()
    assert isinstance(progress, ProgressLines)
    with progress:
        progress.stage("Counting", total=8)
        for _ in range(8):
            progress.advance()
        progress.stage("Saving")
        progress.advance()
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.splitlines() == [
        "Counting",
        "Counting: 25%",
        "Counting: 50%",
        "Counting: 75%",
        "Saving",
    ]


def test_one_large_step_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLines() as progress:
        progress.stage("Reading", total=100)
        progress.advance(80)
        progress.advance(5)
    assert capsys.readouterr().err.splitlines() == ["Reading", "Reading: 80%"]


def test_bars_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBars() as progress:
        progress.advance()
        progress.stage("Counting", total=2)
        progress.advance(2)
        progress.stage("Saving")
    written = capsys.readouterr()
    assert written.out == ""
    assert "Counting" in written.err
    assert "Saving" in written.err
    assert "100%" in written.err
