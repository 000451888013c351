"""Members against a plain Python reference, on random histories, conditions and scores."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from predictive.conditions.grammar import Group
from predictive.lake.engine import Engine
from predictive.segments.membership import (
    RunScores,
    forget_user,
    is_member,
    members_after,
    read_members,
    write_difference,
    write_members,
)
from predictive.segments.truth import cut, has_score
from tests.predictive.conditions.worlds import AS_OF, Author, World
from tests.reference.conditions import Asked, is_true

BOUNDS = {"churn": (50.0, 75.0), "buy": (40.0, 60.0)}
Scores = dict[str, dict[str, float]]


class WorldSource:
    """One world as a source of a single partition."""

    def __init__(self, world: World) -> None:
        self._world = world

    def ask(self, question: Any) -> Any:
        tables = self._world.tables()
        table = question(tables)
        yield 0, table.to_pyarrow()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    spill = tmp_path / "spill"
    spill.mkdir()
    return Engine(spill, threads=1)


def archived(folder: Path, scores: Scores) -> list[RunScores]:
    runs = []
    for name in sorted(scores):
        file = folder / f"{name}.parquet"
        rows = [{"user_id": user, "score": score} for user, score in scores[name].items()]
        schema = pa.schema({"user_id": pa.string(), "score": pa.float64()})
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
        runs.append(RunScores(name, f"run-{name}", BOUNDS[name], file))
    return runs


def with_scores(condition: dict[str, Any], author: random.Random) -> dict[str, Any]:
    """Plant score leaves into a random condition."""
    leaves: list[dict[str, Any]] = [
        {"prediction": "churn", "gte": 75},
        {"prediction": "churn", "category": author.choice(["low", "medium", "high"])},
        {"prediction": "buy", "lt": 40},
        {"prediction": "buy", "ne": 50},
    ]
    planted = author.choice(leaves)
    kind = author.choice(["all", "any", "not", "alone"])
    if kind == "alone":
        return {"all": [planted]}
    if kind == "not":
        return {"any": [{"not": planted}, condition]}
    return {kind: [planted, condition, {"all": [author.choice(leaves)]}]}


def expected(condition: dict[str, Any], world: World, scores: Scores) -> list[str]:
    known = {one.user_id for one in world.events if one.time < AS_OF}
    known |= {one.user_id for one in world.facts if one.time is not None and one.time < AS_OF}
    return sorted(user for user in known if true_of(condition, user, world, scores))


def true_of(condition: dict[str, Any], user: str, world: World, scores: Scores) -> bool:
    if "prediction" in condition:
        return score_passes(condition, scores[condition["prediction"]].get(user))
    if "all" in condition:
        return all(true_of(one, user, world, scores) for one in condition["all"])
    if "any" in condition:
        return any(true_of(one, user, world, scores) for one in condition["any"])
    if "not" in condition:
        return not true_of(condition["not"], user, world, scores)
    return is_true(condition, Asked(user, AS_OF, "backward", None, world.events, world.facts))


def score_passes(leaf: dict[str, Any], score: float | None) -> bool:
    if score is None:
        return False
    medium, high = BOUNDS[leaf["prediction"]]
    if "category" in leaf:
        category = "low" if score < medium else "medium" if score < high else "high"
        return category == leaf["category"]
    if "gte" in leaf:
        return score >= leaf["gte"]
    return score < leaf["lt"] if "lt" in leaf else score != leaf["ne"]


@pytest.mark.parametrize("seed", range(60))
def test_members_are_those_of_whom_the_condition_is_true(
    seed: int, tmp_path: Path, engine: Engine
) -> None:
    author, chance = Author(seed), random.Random(seed)
    world = author.world()
    known = {one.user_id for one in world.events if one.time < AS_OF}
    scores: Scores = {
        name: {
            user: chance.choice([0.0, 39.99, 40.0, 50.0, 74.99, 75.0, 100.0])
            for user in sorted(known)
            if chance.random() < 0.7
        }
        for name in BOUNDS
    }
    plain = with_scores(author.audience(), chance)
    condition = Group.model_validate(plain)
    whole = cut(condition)
    runs = [run for run in archived(tmp_path, scores) if run.prediction in whole.predictions]
    out = tmp_path / "members.parquet"

    count = write_members(WorldSource(world), whole, AS_OF, runs, engine, out)  # type: ignore[arg-type]

    found = pq.read_table(out)
    assert found["user_id"].to_pylist() == expected(plain, world, scores)
    assert count == found.num_rows
    for index, name in enumerate(whole.predictions):
        wanted = [scores[name].get(user) for user in found["user_id"].to_pylist()]
        assert found[f"score_{index}"].to_pylist() == wanted


def test_a_condition_on_scores_alone_needs_no_events(tmp_path: Path, engine: Engine) -> None:
    class NoSource:
        def ask(self, question: Any) -> Any:
            raise AssertionError("the events were read")

    scores: Scores = {"churn": {"a": 80.0, "b": 10.0}, "buy": {"b": 30.0, "c": 30.0}}
    condition = {"any": [{"prediction": "churn", "gte": 75}, {"prediction": "buy", "lt": 40}]}
    out = tmp_path / "members.parquet"
    runs = sorted(archived(tmp_path, scores), key=lambda run: run.prediction)

    write_members(NoSource(), cut(Group.model_validate(condition)), AS_OF, runs, engine, out)  # type: ignore[arg-type]

    assert pq.read_table(out)["user_id"].to_pylist() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("condition", "needs"),
    [
        ({"all": [{"prediction": "churn", "gte": 1}]}, True),
        ({"not": {"prediction": "churn", "gte": 1}}, False),
        ({"all": [{"prediction": "churn", "gte": 1}, {"did": "buy"}]}, True),
        ({"any": [{"prediction": "churn", "gte": 1}, {"did": "buy"}]}, False),
        ({"not": {"not": {"prediction": "churn", "gte": 1}}}, True),
        ({"not": {"any": [{"prediction": "churn", "gte": 1}, {"did": "buy"}]}}, False),
    ],
)
def test_whether_somebody_without_a_score_can_be_in(condition: dict[str, Any], needs: bool) -> None:
    assert cut(Group.model_validate(condition)).needs_a_score() is needs


def test_equal_questions_are_asked_once() -> None:
    leaf = {"did": "buy", "within_days": 7}
    condition = {"any": [{"all": [leaf, {"prediction": "churn", "gte": 1}]}, {"not": leaf}]}
    whole = cut(Group.model_validate(condition))
    assert not any(has_score(question) for question in whole.questions)
    assert len(whole.questions) == 2  # `leaf`, and `not leaf`


@pytest.fixture
def members(tmp_path: Path) -> Path:
    file = tmp_path / "members.parquet"
    ids = sorted(["a", "a'b", "b", "ü", "\u202eevil", 'x"; DROP'])
    pq.write_table(pa.table({"user_id": ids, "score_0": [1.0] * len(ids)}), file)
    return file


def test_pages_follow_one_another(members: Path, engine: Engine) -> None:
    seen: list[str] = []
    last = None
    while page := members_after(members, last, 2, engine)["user_id"].to_pylist():
        seen += page
        last = page[-1]
    whole = [user for batch in read_members(members, 4) for user in batch["user_id"].to_pylist()]
    assert seen == whole == pq.read_table(members)["user_id"].to_pylist()


def test_one_user_is_found_and_forgotten(members: Path, engine: Engine) -> None:
    assert is_member(members, "a'b", engine)
    assert forget_user(members, "a'b", engine)
    assert not is_member(members, "a'b", engine)
    assert not forget_user(members, "a'b", engine)
    assert is_member(members, 'x"; DROP', engine)


def test_the_difference_is_who_came(members: Path, tmp_path: Path, engine: Engine) -> None:
    older = tmp_path / "older.parquet"
    pq.write_table(pa.table({"user_id": ["a", "gone"], "score_0": [1.0, 2.0]}), older)
    out = tmp_path / "entered.parquet"
    write_difference(members, older, engine, out)
    everyone = pq.read_table(members)["user_id"].to_pylist()
    assert pq.read_table(out)["user_id"].to_pylist() == [one for one in everyone if one != "a"]


def test_a_source_that_fails_leaves_what_was(tmp_path: Path, engine: Engine) -> None:
    class Broken:
        def ask(self, question: Any) -> Any:
            raise OSError("no disk")

    out = tmp_path / "members.parquet"
    out.write_bytes(b"before")
    condition = cut(Group.model_validate({"all": [{"did": "buy"}]}))
    with pytest.raises(OSError, match="no disk"):
        write_members(
            Broken(), condition, datetime.fromisoformat("2024-01-01T00:00Z"), [], engine, out
        )  # type: ignore[arg-type]
    assert out.read_bytes() == b"before"
    assert list(engine.spill.iterdir()) == []
