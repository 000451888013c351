"""Progress in a notebook: drawn in place, the same calls as everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from predictive import show_progress
from predictive.cli.progress_bar import ProgressLines
from predictive.notebook_progress import NotebookProgress

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shown(monkeypatch):
    """What a notebook was given to show, in order."""
    given = []

    class Handle:
        def display(self, picture, *, raw):
            given.append(picture)

        update = display

    monkeypatch.setattr("IPython.display.DisplayHandle", Handle)
    return given


def test_stages_stay_with_how_far_they_came(shown, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("predictive.notebook_progress.time.monotonic", lambda: clock.now)
    with NotebookProgress() as progress:
        progress.stage("Counting <users>", total=4)
        clock.now = 10.0
        progress.advance(1)
        assert shown[-1]["text/plain"].endswith("Counting <users> 10 s, about 30 s left")
        assert 'value="0.250"' in shown[-1]["text/html"]
        assert "Counting &lt;users&gt;" in shown[-1]["text/html"]
        drawn = len(shown)
        progress.advance(1)
        assert len(shown) == drawn, "drawn a moment ago"
        clock.now = 20.0
        progress.stage("Saving")
        assert '<progress max="1"></progress> Saving' in shown[-1]["text/html"]
        clock.now = 21.0
    lines = shown[-1]["text/plain"].splitlines()
    assert [line.split("█ ")[-1] for line in lines] == ["Counting <users> 20 s", "Saving 1 s"]
    assert all("░" not in line for line in lines)


def test_a_failure_leaves_the_stage_where_it_was(shown):
    with pytest.raises(ZeroDivisionError), NotebookProgress() as progress:
        progress.stage("Backtesting", total=2)
        progress.advance(1)
        raise ZeroDivisionError
    assert shown[-1]["text/plain"].startswith("█" * 12 + "░" * 12)


def test_elsewhere_it_is_lines():
    assert isinstance(show_progress(), ProgressLines)


def test_nobody_has_to_have_ipython():
    code = (
        "import sys; sys.modules['IPython'] = None;"
        "import predictive\n"
        "with predictive.show_progress() as progress: progress.stage('Looking')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == "Looking\n"
