"""Bad input of every kind, given as a user would: one clear error each, and nothing changes.

Files that can't be imported are in ``test_bad_files.py``.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from predictive import Workspace, apply
from predictive.cli.main import exit_code
from tests.copies import copied
from tests.integration.conftest import END, NAME, Refused
from tests.integration.refusals import state


def of(leaf: str, window: object = 14, more: str = "") -> str:
    return f"name: x\nkind: event\ntarget: {{within_days: {window}, all: [{leaf}]}}\n{more}"


BOUGHT = "{did: purchase}"
DEFINITIONS = [
    ("kin: churn\n" + of(BOUGHT), "kin", "'churn'", "'kind'"),
    (of(BOUGHT, more="audiense: {all: []}"), "audiense", "{'all': []}", "'audience'"),
    (of("{did: purchase, at_lest: 2}"), "target.all.0.at_lest", "2", "'at_least'"),
    (of("{didnot: purchase}"), "target.all.0", "{'didnot': 'purchase'}", "'did_not'"),
    (
        of("{did: purchase, where: [{property: amount, gtee: 3}]}"),
        "target.all.0.where.0.gtee",
        "3",
        "'gte'",
    ),
    (
        of("{aggregate: summ, event: purchase, of: amount, gte: 3}"),
        "target.all.0.aggregate",
        "'summ'",
        "'sum'",
    ),
    (of("{did: purchse}"), "target.all.0.did", "'purchse'", "'purchase'"),
    (of("{did_not: Purchase}"), "target.all.0.did_not", "'Purchase'", "'purchase'"),
    (
        of("{did: purchase, where: [{property: colur, eq: red}]}"),
        "target.all.0.where.0.property",
        "'colur'",
        "'colour'",
    ),
    (
        of("{aggregate: sum, event: purchase, of: amuont, gte: 3}"),
        "target.all.0.of",
        "'amuont'",
        "'amount'",
    ),
    (
        of(BOUGHT, more="audience: {all: [{attribute: contry, eq: GB}]}"),
        "audience.all.0.attribute",
        "'contry'",
        "'country'",
    ),
    (of(BOUGHT).replace("event", "evnt"), "kind", "'evnt'", "'event'"),
    *(
        (of(BOUGHT, window), "target.within_days", shown, "1 to 365")
        for window, shown in [
            *((0, "0"), (366, "366"), (-1, "-1"), (1.5, "1.5"), ("'7'", "'7'")),
            *((".nan", "nan"), ("1e400", "inf"), ("true", "True"), (10**30, str(10**30))),
        ]
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "field", "value", "suggestion"), DEFINITIONS)
def test_wrong_definitions(
    refuse: Refused,
    http: httpx.Client,
    tmp_path: Path,
    text: str,
    field: str,
    value: str,
    suggestion: str,
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")
    error = refuse("apply", file)
    assert (error["code"], error["field"], error["value"]) == ("invalid_input", field, value)
    assert error["allowed"]
    assert suggestion in error["message"]
    answer = http.post(
        "/v1/predictions", content=text, headers={"content-type": "application/yaml"}
    )
    assert answer.status_code == 422
    problem = answer.json()
    for key in ("code", "field", "value", "allowed", "hint"):
        assert problem[key] == error[key]
    assert problem["detail"] == error["message"]


@pytest.mark.parametrize(
    ("content", "allowed"),
    [
        (None, "can be read"),
        (b"", "mapping"),
        (b"[1]", "mapping"),
        (b"name: [", "mapping"),
        (of(BOUGHT).encode("utf-16"), "UTF-8"),
        (b"name: caf\xe9", "UTF-8"),
    ],
)
def test_files_that_hold_no_definition(
    refuse: Refused, tmp_path: Path, content: bytes | None, allowed: str
) -> None:
    file = tmp_path / "x.yaml"
    if content is not None:
        file.write_bytes(content)
    error = refuse("apply", file)
    assert str(file)[-20:] in error["message"]
    assert allowed in error["allowed"]


RARE = "{did: purchase, where: [{property: amount, gt: 1000000}]}"
TOO_LITTLE = [
    ("none", of(RARE), "target", "0 positives in training", "at least 50"),
    ("few", of(BOUGHT, 2, "audience: {all: [{attribute: points, lt: 60}]}"), "target", "", "50"),
    ("only", of(RARE.replace("did", "did_not")), "target", "0 negatives in training", "50"),
    (
        "nobody",
        of(BOUGHT, more="audience: {all: [{attribute: country, eq: Atlantis}]}"),
        "audience",
        "nobody",
        "at least one user",
    ),
    ("long", of(BOUGHT, 30), "target.within_days", "30", "67 days are needed"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text", "field", "value", "allowed"), TOO_LITTLE)
def test_too_little_to_learn_from(
    refuse: Refused,
    capsys: pytest.CaptureFixture[str],
    odd_workspace: Path,
    name: str,
    text: str,
    field: str,
    value: str,
    allowed: str,
) -> None:
    with Workspace.open(odd_workspace) as workspace:
        apply(workspace, text.replace("name: x", f"name: {name}"))
    error = refuse("train", name)
    assert error["field"] == field
    assert value in error["value"]
    assert allowed in error["allowed"]
    assert error["hint"]
    before = state(odd_workspace)
    capsys.readouterr()
    code = exit_code(["estimate", name, "--workspace", str(odd_workspace), "--json"])
    said = json.loads(capsys.readouterr().out)
    # An estimate is there to say that it is not enough; only without a single test it can't.
    problem = said["error"]["message"] if code else said["problem"]
    assert (code, said.get("enough", False)) == (2 if name == "long" else 0, False)
    assert problem == error["message"]
    assert refuse("score", name)["message"] == (
        f"Prediction {name!r} has no model yet. Train it first."
    )
    assert state(odd_workspace) == before


def test_nobody_to_score(refuse: Refused, odd_workspace: Path, tmp_path: Path) -> None:
    """Long after the last customer came, nobody is in the audience any more."""
    workspace, late = tmp_path / "workspace", tmp_path / "late.csv"
    copied(odd_workspace, workspace)
    late.write_text(f"who,at\nsomebody,{(END + timedelta(days=200)).isoformat()}\n")
    columns = ("--user", "who", "--time", "at", "--event-name", "visit")
    assert exit_code(["import", "events", str(late), *columns, "-w", str(workspace)]) == 0
    archives = sorted((workspace / "lake" / "scores").iterdir())
    error = refuse("score", NAME, workspace=workspace)
    assert (error["field"], error["value"]) == ("audience", "'nobody'")
    assert "at least one" in error["allowed"]
    assert sorted((workspace / "lake" / "scores").iterdir()) == archives


def test_scores_older_than_the_published_ones(refuse: Refused) -> None:
    older = (END - timedelta(days=1)).isoformat()
    assert "newer" in refuse("score", NAME, "--as-of", older)["message"]


@pytest.mark.parametrize("command", ["estimate", "train", "score"])
@pytest.mark.parametrize(
    ("moment", "field"),
    [
        ("2023-01-01", "as_of"),
        ("0001-01-01", "as_of"),
        ((END + timedelta(days=2)).isoformat(), "as_of"),
        ("9999-12-31", "as_of"),
        ("2024-02-30", "--as-of"),
        ("soon", "--as-of"),
        ("", "--as-of"),
        ("9999-12-31T23:59:59-14:00", "--as-of"),
    ],
)
def test_wrong_moments(refuse: Refused, command: str, moment: str, field: str) -> None:
    error = refuse(command, NAME, "--as-of", moment)
    assert error["field"] == field
    assert error["value"].startswith(f"'{moment[:10]}")
    assert ("2024-01-01 00:" in error["allowed"]) == (field == "as_of")


@pytest.mark.parametrize("seed", ["many", "-1", "1.5", str(2**31), str(10**30), "nan"])
def test_wrong_seeds(refuse: Refused, seed: str) -> None:
    error = refuse("train", NAME, "--seed", seed)
    assert (error["code"], error["field"], error["value"]) == ("usage", "--seed", f"'{seed}'")
    assert error["allowed"]


def test_an_output_that_can_not_be_written(refuse: Refused, tmp_path: Path) -> None:
    for out in (tmp_path / "missing" / "scores.parquet", tmp_path):
        error = refuse("score", NAME, "--out", out)
        assert error["field"] == "out"
        assert "existing folder" in error["allowed"]
    assert list(tmp_path.iterdir()) == []


def test_unknown_predictions_runs_and_users(refuse: Refused, http: httpx.Client) -> None:
    for command in ("estimate", "train", "score", "show", "evaluate"):
        error = refuse(command, "buys-14")
        assert (error["code"], error["field"], error["value"]) == (
            *("not_found", "prediction", "'buys-14'"),
        )
        assert f"'{NAME}'" in error["hint"]
    assert refuse("simulate", "buys-14", "--min-score", "50")["field"] == "prediction"
    assert refuse("evaluate", NAME, "--run", "none-such")["field"] == "scoring run"
    assert refuse("users", "delete", "nobody")["value"] == "'nobody'"
    for prediction, user, field in (
        ("buys-14", "c0001", "prediction"),
        (NAME, "nobody", "user_id"),
    ):
        answer = http.get(f"/v1/predictions/{prediction}/scores/{user}")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"
        assert answer.json()["field"] == field
    for user in ("a\0b", "x" * 257):
        answer = http.get(f"/v1/predictions/{NAME}/scores/{quote(user, safe='')}")
        assert (answer.status_code, answer.json()["field"]) == (422, "user_id")


def test_workspaces_that_are_none(refuse: Refused, odd_workspace: Path, tmp_path: Path) -> None:
    assert "no such folder" in refuse("list", workspace=tmp_path / "missing")["hint"]
    assert "workspace.toml" in refuse("list", workspace=tmp_path)["hint"]
    assert refuse("init", workspace=odd_workspace)["code"] == "conflict"
    newer = tmp_path / "newer"
    copied(odd_workspace, newer)
    config = newer / "workspace.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("format_version = 1", "format_version = 2"), encoding="utf-8")
    for command in (("list",), ("train", NAME), ("import", "users", "x.csv", "--user", "u")):
        error = refuse(*command, workspace=newer)
        assert error["value"] == "2"
        assert "newer version" in error["hint"]
