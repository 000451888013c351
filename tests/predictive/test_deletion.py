from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from predictive.deletion import delete_user
from predictive.errors import InvalidInput, NotFound
from predictive.workspace import Workspace

from .store.samples import NAME, add_prediction, publish, write

GONE = "anna@example.org"
KEPT = "ben"
SENT = datetime(2025, 11, 2, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "w", buckets=2) as made:
        yield made


def fill(workspace: Workspace) -> str:
    """Both users in every place that can name one; returns the published run."""
    users = [GONE, KEPT, GONE]
    events = {
        "event_id": ["1", "2", "3"],
        "user_id": users,
        "name": ["purchase"] * 3,
        "time": pa.array([datetime(2025, 10, day, tzinfo=UTC) for day in (1, 2, 3)]),
    }
    workspace.lake.append_events(pa.table(events))
    facts = {"user_id": [GONE, KEPT], "name": ["country"] * 2, "text": ["GB", "FR"]}
    workspace.lake.append_attributes(pa.table(facts))
    add_prediction(workspace.store)
    run_id = publish(workspace.store, {GONE: 80.0, KEPT: 20.0})
    archived = pa.record_batch({"user_id": [GONE, KEPT], "score": [80.0, 20.0]})
    workspace.lake.archive_scores(run_id, [archived])
    rejected = [
        {"reason": "unreadable time", "row": {"customer": GONE, "when": "?"}},
        {"reason": "unreadable time", "row": {"customer": KEPT, "when": "?"}},
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rejected)
    (workspace.rejects_path / "import-1.jsonl").write_text(lines)
    report = {"rejected": {"unreadable time": 2}, "examples": rejected}
    workspace.store.imports.add("import-1", "events", report, SENT)
    workspace.store.sends.add(NAME, run_id, SENT, 0.5, [GONE], [KEPT])
    return run_id


def naming(workspace: Workspace, user_id: str) -> list[str]:
    """Files of the workspace in which the id stands in plain bytes."""
    files = [file for file in workspace.path.rglob("*") if file.is_file()]
    return [str(file) for file in files if user_id.encode() in file.read_bytes()]


def test_a_user_is_removed_everywhere_and_nobody_else(workspace: Workspace) -> None:
    run_id = fill(workspace)
    assert naming(workspace, GONE)

    assert delete_user(workspace, GONE) == {
        "user_id": GONE,
        "events": 2,
        "attributes": 1,
        "scores": 1,
        "archived_scores": 1,
        "segments": 0,
        "exports": 0,
        "sends": 1,
        "rejected_rows": 1,
        "hidden": 0,
    }

    assert naming(workspace, GONE) == []
    tables = workspace.lake.tables()
    assert tables.events.user_id.to_pyarrow().to_pylist() == [KEPT]
    assert tables.attributes.user_id.to_pyarrow().to_pylist() == [KEPT]
    with pytest.raises(NotFound):
        workspace.store.scores.get(NAME, GONE)
    assert workspace.store.scores.get(NAME, KEPT).score == 20.0
    (archived,) = workspace.lake.read_scores(run_id)
    assert archived.column("user_id").to_pylist() == [KEPT]
    (send,) = workspace.store.sends.list(NAME)
    assert list(workspace.store.sends.members(send.send_id)) == [(KEPT, "held_out")]
    rejected = (workspace.rejects_path / "import-1.jsonl").read_text()
    assert [json.loads(line)["row"]["customer"] for line in rejected.splitlines()] == [KEPT]


def test_a_second_time_there_is_nobody(workspace: Workspace) -> None:
    fill(workspace)
    delete_user(workspace, GONE)
    with pytest.raises(NotFound, match="user"):
        delete_user(workspace, GONE)


def test_an_unknown_user_changes_nothing(workspace: Workspace) -> None:
    fill(workspace)
    version = workspace.lake.version
    with pytest.raises(NotFound):
        delete_user(workspace, "nobody")
    assert workspace.lake.version == version
    assert workspace.store.tombstones.since(datetime(2000, 1, 1, tzinfo=UTC)) == frozenset()


@pytest.mark.parametrize("user_id", ["", "\x00", "a\x00", "\ud800"])
def test_what_can_be_no_id_is_refused(workspace: Workspace, user_id: str) -> None:
    with pytest.raises(InvalidInput, match="user_id"):
        delete_user(workspace, user_id)


@pytest.mark.parametrize("user_id", ["'; DROP TABLE events; --", "100%", "a\\b\nc", "ünï"])
def test_hostile_ids_are_ids_like_any_other(workspace: Workspace, user_id: str) -> None:
    add_prediction(workspace.store)
    publish(workspace.store, {user_id: 1.0, KEPT: 2.0})
    events = {
        "event_id": ["1"],
        "user_id": [user_id],
        "name": ["visit"],
        "time": pa.array([datetime(2025, 10, 1, tzinfo=UTC)]),
    }
    workspace.lake.append_events(pa.table(events))
    removed = delete_user(workspace, user_id)
    assert (removed["events"], removed["scores"]) == (1, 1)
    assert workspace.store.scores.get(NAME, KEPT).score == 2.0


def test_a_run_under_way_does_not_bring_a_deleted_user_back(workspace: Workspace) -> None:
    fill(workspace)
    under_way = write(workspace.store, {GONE: 1.0, KEPT: 2.0})
    assert delete_user(workspace, GONE)["scores"] == 2
    late = workspace.store.runs.begin(NAME, 1, datetime(2025, 11, 2, tzinfo=UTC))
    workspace.store.runs.publish(under_way)
    workspace.store.runs.fail(late)
    with pytest.raises(NotFound):
        workspace.store.scores.get(NAME, GONE)
    workspace.store.database.forget()
    assert naming(workspace, GONE) == []


def test_the_last_line_of_a_killed_import_is_no_hindrance(workspace: Workspace) -> None:
    file = workspace.rejects_path / "import-1.jsonl"
    file.write_text(json.dumps({"row": {"id": KEPT}}) + "\n" + f'{{"row": {{"id": "{GONE}"')
    assert delete_user(workspace, GONE)["rejected_rows"] == 1
    assert file.read_text() == json.dumps({"row": {"id": KEPT}}) + "\n"


def test_a_user_of_tables_that_are_not_ours_is_hidden(tmp_path: Path) -> None:
    warehouse = tmp_path / "shop.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "CREATE TABLE orders AS SELECT * FROM (VALUES"
            " ('anna', TIMESTAMPTZ '2025-10-01'), ('anna', TIMESTAMPTZ '2025-10-02'),"
            " ('ben', TIMESTAMPTZ '2025-10-03')) AS rows (customer, placed_at)"
        )
    Workspace.create(tmp_path / "w").close()
    config = tmp_path / "w" / "workspace.toml"
    config.write_text(
        config.read_text()
        + f'[source]\nurl = "duckdb://{warehouse}"\n[source.events]\ntable = "orders"\n'
        + 'user = "customer"\ntime = "placed_at"\nevent_name = "purchase"\n'
    )
    with Workspace.open(tmp_path / "w") as workspace:
        assert delete_user(workspace, "anna")["hidden"] == 2
        assert workspace.store.tombstones.permanent() == {"anna"}
        with pytest.raises(NotFound):
            delete_user(workspace, "nobody")
        assert workspace.store.tombstones.permanent() == {"anna"}
