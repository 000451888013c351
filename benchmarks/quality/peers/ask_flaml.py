"""FLAML's AutoML on the plain features of all training snapshots.

Runs in an environment of its own (flaml.txt): ``ask_flaml.py FOLDER``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import flaml
import pandas as pd
from flaml import AutoML


def main(folder: Path) -> None:
    """Read what is asked, write ``predictions.parquet``."""
    asked = json.loads((folder / "question.json").read_text())
    rows = pd.read_parquet(folder / "rows.parquet")
    features = pd.read_parquet(folder / "features.parquet")
    training = rows["label"].notna().to_numpy()
    labels = rows["label"][training].astype(int).to_numpy()
    # Its budget is counted with this clock: in seconds of the processor, so that what else the
    # machine does costs it nothing.
    time.time = time.process_time
    automl = AutoML()
    automl.fit(
        features[training].reset_index(drop=True), labels, task="classification",
        metric="log_loss", time_budget=asked["seconds"], seed=asked["seed"], n_jobs=1,
        eval_method="cv", n_splits=5, split_type="group",
        groups=rows["user_id"][training].astype("category").cat.codes.to_numpy(),
        verbose=0,
    )  # fmt: skip
    values = automl.predict_proba(features[~training].reset_index(drop=True))[:, 1]
    found = pd.DataFrame({"user_id": rows["user_id"][~training].to_numpy(), "probability": values})
    found.to_parquet(folder / "predictions.parquet")
    (folder / "about.json").write_text(
        json.dumps({"estimator": automl.best_estimator, "flaml": flaml.__version__})
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
