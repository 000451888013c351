"""Asking a tool that lives in an environment of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.quality.methods import Answer, Failed, Method, Question

PEERS = Path(__file__).parent / "peers"
#: What an AutoML may think about one task at one cut-off.
AUTOML_SECONDS = 120
_LIMIT_SECONDS = 1800


@dataclass(frozen=True)
class Peer:
    """A tool, its script and the pins of its environment.

    Parameters
    ----------
    name, label
        As for a method.
    features
        Whether it wants the plain features, because it makes none itself.
    """

    name: str
    label: str
    features: bool

    @property
    def script(self) -> Path:
        """What runs in its environment."""
        return PEERS / f"ask_{self.name}.py"

    @property
    def requirements(self) -> Path:
        """Its pins, with hashes."""
        return PEERS / f"{self.name}.txt"

    @property
    def version(self) -> str:
        """Names script, pins and what it is given."""
        digest = hashlib.blake2b(digest_size=6)
        here = Path(__file__).parent
        for file in (self.script, self.requirements, here / "population.py", here / "features.py"):
            digest.update(file.read_bytes())
        digest.update(str(AUTOML_SECONDS).encode())
        return digest.hexdigest()


PEER_TOOLS = (
    Peer("featuretools", "Featuretools and LightGBM", features=False),
    Peer("flaml", "AutoML (FLAML, two minutes)", features=True),
)


def peers() -> list[Method]:
    """The tools as methods."""
    return [
        Method(peer.name, peer.label, _asker(peer), peer.version, peer=True) for peer in PEER_TOOLS
    ]


def _asker(peer: Peer) -> Callable[[Question], Answer]:
    def answer(question: Question) -> Answer:
        python = environment(peer.requirements, question.build / "environments" / peer.name)
        return ask(peer, question, [str(python)])

    return answer


def ask(peer: Peer, question: Question, python: list[str]) -> Answer:
    """Write the question into a folder, run the script there, read its predictions.

    The folder holds only what was known at the cut-off: ``events.parquet``; ``rows.parquet``
    with ``user_id, as_of, label``, the label empty for whom the question is about;
    ``features.parquet`` in the same order, where the tool wants them; ``question.json``.
    """
    question.build.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".asked-", dir=question.build) as name:
        folder = Path(name)
        write_question(peer, question, folder)
        finished = subprocess.run(
            [*python, str(peer.script), str(folder)],
            env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore", "PYTHONPATH": ""},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=False,
        )
        if finished.returncode:
            last = (finished.stderr.strip().splitlines() or ["no word"])[-1]
            raise Failed(f"{peer.name} failed: {last[:200]}")
        found = pd.read_parquet(folder / "predictions.parquet").set_index("user_id")["probability"]
        detail = json.loads((folder / "about.json").read_text())
    values = found.reindex(question.scored.users).to_numpy(dtype=float)
    if np.isnan(values).any():
        raise Failed(f"{peer.name} left {int(np.isnan(values).sum())} users unanswered")
    labels = question.training_labels(len(question.training))
    return Answer(values, base_rate=float(labels.mean()), detail=detail)


def write_question(peer: Peer, question: Question, folder: Path) -> None:
    """Everything a tool may know."""
    moments = [*question.training, question.scored]
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "user_id": moment.users,
                    "as_of": pd.Timestamp(moment.as_of),
                    "label": moment.labels.astype(float) if known else np.nan,
                }
            )
            for moment, known in zip(
                moments, [True] * len(question.training) + [False], strict=True
            )
        ],
        ignore_index=True,
    )
    rows.to_parquet(folder / "rows.parquet")
    question.log.before(question.cutoff).to_parquet(folder / "events.parquet", index=False)
    if peer.features:
        tables = [*question.training_features, question.scored_features]
        features = pd.concat(tables, ignore_index=True)
        features.to_parquet(folder / "features.parquet")
    (folder / "question.json").write_text(
        json.dumps(
            {
                "window_days": question.task.window_days,
                "seed": question.seed,
                "seconds": AUTOML_SECONDS,
            }
        )
    )


def environment(requirements: Path, folder: Path) -> Path:
    """The Python of an environment with exactly these pins; made when it is first wanted."""
    made = hashlib.blake2b(requirements.read_bytes(), digest_size=6).hexdigest()
    python = folder / "bin" / "python"
    stamp = folder / "made"
    if stamp.is_file() and stamp.read_text() == made:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--require-hashes", "-r", str(requirements)],
        check=True,
    )  # fmt: skip
    stamp.write_text(made)
    return python
