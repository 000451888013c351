"""A peer's process gets what was known at the cut-off, and its answers are put in order."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.methods import Failed, Question
from benchmarks.quality.peer import PEER_TOOLS, Peer, ask

_SCRIPT = """
import json, sys
from pathlib import Path
import pandas as pd

folder = Path(sys.argv[1])
events = pd.read_parquet(folder / "events.parquet")
rows = pd.read_parquet(folder / "rows.parquet")
features = pd.read_parquet(folder / "features.parquet")
asked = rows[rows["label"].isna()]
assert len(features) == len(rows)
assert asked["as_of"].nunique() == 1
assert events["time"].max() < asked["as_of"].iloc[0]
question = json.loads((folder / "question.json").read_text())
window = pd.Timedelta(days=question["window_days"])
assert (rows.dropna()["as_of"] + window <= asked["as_of"].iloc[0]).all()
counts = events.groupby("user_id").size().reindex(asked["user_id"])
found = pd.DataFrame({"user_id": asked["user_id"], "probability": 1 / counts.to_numpy()})
found.sample(frac=1, random_state=0).to_parquet(folder / "predictions.parquet")
(folder / "about.json").write_text(json.dumps({"rows": len(rows)}))
"""


@dataclass(frozen=True)
class Stranger(Peer):
    """A tool whose script lies elsewhere."""

    path: Path = Path()

    @property
    def script(self) -> Path:
        return self.path


def stranger(folder: Path, script: str) -> Stranger:
    path = folder / "ask.py"
    path.write_text(script, encoding="utf-8")
    return Stranger("stranger", "Stranger", features=True, path=path)


def test_a_peer_answers_in_the_order_of_the_users(
    questions: list[Question], tmp_path: Path
) -> None:
    question = questions[0]
    found = ask(stranger(tmp_path, _SCRIPT), question, [sys.executable])
    known = question.log.before(question.cutoff)
    counts = known.groupby("user_id").size().reindex(question.scored.users)
    assert np.array_equal(found.values, 1 / counts.to_numpy())
    assert found.detail["rows"] > len(question.scored.users)
    assert not list(tmp_path.glob(".asked-*"))


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("raise SystemExit('no such thing')", "stranger failed: no such thing"),
        (_SCRIPT.replace("found.sample(frac=1", "found.sample(frac=0.5"), "users unanswered"),
    ],
)
def test_a_peer_that_breaks_is_told_of(
    questions: list[Question], tmp_path: Path, script: str, told: str
) -> None:
    with pytest.raises(Failed, match=told):
        ask(stranger(tmp_path, script), questions[0], [sys.executable])


def test_every_peer_has_its_script_and_pins_with_hashes() -> None:
    for peer in PEER_TOOLS:
        assert peer.script.is_file()
        pins = peer.requirements.read_text(encoding="utf-8")
        assert "--hash=sha256:" in pins
        assert "://" not in pins
