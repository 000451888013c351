"""The walk of ``docs/api.md``, from a key to a send, as a reader would type it."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import Service
from tests.test_docs import ROOT

NAME = "churn-28d"
#: Ends at the first answer that is an error.
PRELUDE = """
set -euo pipefail
predictive() { "$PYTHON" -c 'from predictive.cli.main import run; run()' "$@"; }
curl() { command curl --fail-with-body --silent --show-error "$@"; echo; }
"""


def typed_in() -> str:
    page = (ROOT / "docs/api.md").read_text("utf-8")
    section = page.split("## From a key to a send")[1].split("\n## ")[0]
    return "".join(re.findall(r"^ {4}(.*\n)", section, re.MULTILINE))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the page is written for curl")
def test_a_campaign_engineer_gets_from_a_key_to_a_send(
    trained: Service, tmp_path: Path, log: io.StringIO
) -> None:
    scores = trained.client.get(
        f"/v1/predictions/{NAME}/scores", params={"limit": 2}, headers=trained.headers("read")
    ).json()["scores"]
    names = ["read", "simulate", "manage"]
    key = trained.workspace.store.keys.create("engine", names)  # type: ignore[arg-type]
    script = typed_in()
    for shown, real in (
        ("pk_…", key.secret),
        ("http://127.0.0.1:8000", str(trained.client.base_url).rstrip("/")),
        ("anna-1138", scores[0]["user_id"]),
        ("ben-204", scores[1]["user_id"]),
    ):
        assert shown in script
        script = script.replace(shown, real)
    done = subprocess.run(
        ["bash", "-c", PRELUDE + script],
        cwd=tmp_path,
        env=os.environ
        | {"PREDICTIVE_WORKSPACE": str(trained.workspace.path), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    # Whatever the last command got may have gone to its file.
    file = tmp_path / "at-risk.ndjson"
    into_file = file.read_text("utf-8") if file.exists() else "no file"
    assert done.returncode == 0, (done.stdout, done.stderr, into_file, log.getvalue())
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    listed, one, why, many, page, compared, saved, sent = answers
    assert NAME in {each["name"] for each in listed["predictions"]}
    assert one["user_id"] == why["user_id"] == scores[0]["user_id"]
    assert (len(many["scores"]), many["missing"]) == (2, [])
    assert all(row["score"] >= 75 for row in page["scores"])
    surest, half = compared["scenarios"]
    assert (surest["label"], half["label"]) == ("75", "50")
    assert 0 < surest["reached"] < half["reached"]
    assert len([line for line in into_file.split("\n") if line]) == saved["users"]
    assert (sent["treated"], sent["held_out"]) == (1, 1)
    trained.client.delete("/v1/segments/at-risk", headers=trained.headers("manage"))
