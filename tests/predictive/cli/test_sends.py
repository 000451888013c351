"""Sends and quality on the command line, over runs whose outcomes are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.predictive.cli.runner import CommandLine
from tests.predictive.scored_shop import AS_OF, NAME, ScoredShop, scored_shop


@pytest.fixture
def shop(tmp_path: Path, predictive: CommandLine) -> ScoredShop:
    made = scored_shop(tmp_path, users=400)
    assert made.workspace.path == predictive.workspace
    made.publish()
    return made


def groups(shop: ScoredShop) -> tuple[list[str], list[str]]:
    best = np.argsort(-shop.probabilities)[:100]
    users = np.array(shop.users)
    return users[best[::2]].tolist(), users[best[1::2]].tolist()


def write(folder: Path, treated: list[str], held_out: list[str], kind: str) -> list[Path]:
    files = [folder / f"treated.{kind}", folder / f"held.{kind}"]
    for file, ids in zip(files, (treated, held_out), strict=True):
        if kind == "parquet":
            pd.DataFrame({"user_id": ids, "score": 1.0}).to_parquet(file)
        elif kind == "csv":
            pd.DataFrame({"score": 1.0, "user_id": ids}).to_csv(file, index=False)
        else:
            file.write_text("\n".join(ids) + "\n\n", encoding="utf-8")
    return files


@pytest.mark.parametrize("kind", ["txt", "csv", "parquet"])
def test_a_send_is_recorded_from_files(
    predictive: CommandLine, shop: ScoredShop, tmp_path: Path, kind: str
) -> None:
    treated, held = write(tmp_path, *groups(shop), kind)
    told = ("sends", "record", NAME, "--treated", treated, "--held-out", held)
    report = predictive(*told, "--sent-at", "2025-03-02", "--json").ok().document
    assert (report["treated"], report["held_out"], report["not_scored"]) == (50, 50, 0)
    assert (report["holdout_share"], report["new"]) == (0.5, True)
    again = predictive(*told, "--sent-at", "2025-03-02", "--json").ok().document
    assert (again["send_id"], again["new"]) == (report["send_id"], False)
    listed = predictive("sends", "list", NAME, "--json").ok().document
    assert [send["send_id"] for send in listed["sends"]] == [report["send_id"]]
    assert report["run_id"] in predictive("sends", "list", NAME).ok().out
    assert "Recorded before" in predictive(*told, "--sent-at", "2025-03-02").ok().out


def test_what_was_sent_shows_in_what_came_of_it(
    predictive: CommandLine, shop: ScoredShop, tmp_path: Path
) -> None:
    assert "No send" in predictive("sends", "list", NAME).ok().out
    assert "Nothing new" in predictive("evaluate", NAME, "--all").ok().out
    assert "matures 2025-03-08" in predictive("quality", NAME).ok().out
    treated, held = write(tmp_path, *groups(shop), "txt")
    predictive(
        "sends", "record", NAME, "--treated", treated, "--held-out", held, "--sent-at", "2025-03-02"
    ).ok()
    shop.pass_a_week()
    assert "--all" in predictive("quality", NAME).ok().out
    assert "2025-03-01" in predictive("evaluate", NAME, "--all").ok().out
    out = predictive("evaluate", NAME).ok().out
    assert "held back" in out
    assert "Not comparable" not in out
    history = predictive("quality", NAME, "--json").ok().document
    assert (history["runs"], history["matured"], history["evaluated"]) == (1, 1, 1)
    assert "1 of 1 scoring runs have matured" in predictive("quality", NAME).ok().out


def test_a_send_without_a_holdout_is_warned_about(
    predictive: CommandLine, shop: ScoredShop, tmp_path: Path
) -> None:
    treated, _ = write(tmp_path, [*groups(shop)[0], "nobody"], [], "txt")
    told = ("sends", "record", NAME, "--treated", treated, "--sent-at", "2025-03-02")
    out = predictive(*told).ok().out
    assert "not comparable" in " ".join(out.split())
    assert "1 of them have no score" in out
    shop.pass_a_week()
    assert "Not comparable: 1 send without a holdout" in predictive("evaluate", NAME).ok().out
    assert "* not comparable" in predictive("quality", NAME).ok().out


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--sent-at", "2025-02-28"), "had no scores"),
        (("--sent-at", "2025-03-08"), "sent_at"),
        (("--sent-at", "soon"), "--sent-at"),
        (("--sent-at", "2025-03-02", "--run", "none"), "scoring run"),
        (("--sent-at", "2025-03-02", "--holdout-share", "0"), "holdout_share"),
        (("--sent-at", "2025-03-02", "--holdout-share", "1"), "holdout_share"),
        ((), "sent_at"),
    ],
)
def test_wrong_sends_change_nothing(
    predictive: CommandLine,
    shop: ScoredShop,
    tmp_path: Path,
    options: tuple[str, ...],
    named: str,
) -> None:
    treated, held = write(tmp_path, *groups(shop), "txt")
    ran = predictive("sends", "record", NAME, "--treated", treated, "--held-out", held, *options)
    assert ran.code == 2
    assert named in ran.err
    assert shop.workspace.store.sends.list(NAME) == []


@pytest.mark.parametrize(
    ("treated", "held_out", "named"),
    [
        ([], ["u0001"], "treated is 'nobody'"),
        (["u0001", "u0001"], ["u0002"], "stands there 2 times"),
        (["u0001", "u0002"], ["u0002"], "held_out is 'u0002'"),
        (["x1", "x2"], ["x3"], "it knows nobody"),
    ],
)
def test_wrong_groups_are_refused(
    predictive: CommandLine,
    shop: ScoredShop,
    tmp_path: Path,
    treated: list[str],
    held_out: list[str],
    named: str,
) -> None:
    files = write(tmp_path, treated, held_out, "txt")
    ran = predictive(
        "sends", "record", NAME, "--treated", files[0], "--held-out", files[1],
        "--sent-at", AS_OF.isoformat(),
    )  # fmt: skip
    assert ran.code == 2
    assert named in ran.err
    assert shop.workspace.store.sends.list(NAME) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("none.txt", None),
        ("ids.csv", b"customer\n1\n"),
        ("ids.parquet", b"PAR1 no"),
        ("ids.txt", b"\xff\xfe\x00"),
    ],
)
def test_wrong_files_are_refused(
    predictive: CommandLine, shop: ScoredShop, tmp_path: Path, name: str, content: bytes | None
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    ran = predictive("sends", "record", NAME, "--treated", file, "--sent-at", "2025-03-02")
    assert ran.code == 2
    assert "--treated" in ran.err
    assert "user_id" in ran.err
    assert shop.workspace.store.sends.list(NAME) == []


def test_one_run_or_all(predictive: CommandLine, shop: ScoredShop) -> None:
    ran = predictive("evaluate", NAME, "--all", "--run", "x")
    assert (ran.code, "not both" in ran.err) == (2, True)
    assert shop.users
