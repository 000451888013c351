"""A backup holds everything, appears whole or not at all, and restores elsewhere."""

from __future__ import annotations

import json
import shutil
import tarfile
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from predictive.backup import backup, restore, saving
from predictive.backup.archive import ArchiveWriter
from predictive.backup.contents import BackedUpFile, lake_files
from predictive.deletion import delete_user
from predictive.errors import Conflict, InvalidInput
from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.predictive.backup.conftest import NAME
from tests.predictive.backup.whole import assert_whole
from tests.predictive.cli.runner import CommandLine

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def names(archive: Path) -> set[str]:
    with tarfile.open(archive) as tar:
        return set(tar.getnames())


@pytest.mark.parametrize("ending", [".tar", ".tar.gz", ".tgz"])
def test_a_copy_is_the_workspace_in_another_place(
    trained: Path, tmp_path: Path, ending: str
) -> None:
    archive = tmp_path / f"kept{ending}"
    with Workspace.open(trained) as original:
        said = backup(original, archive, now=NOW)
        before = assert_whole(original)
        scores = original.store.scores.page(NAME, limit=1_000).scores
    assert said["missing"] == []
    assert (said["predictions"], said["models"], said["runs"]) == (1, 1, 1)
    assert said["bytes"] == archive.stat().st_size
    assert said["created_at"] == "2024-05-01T00:00:00Z"
    assert archive.stat().st_mode & 0o777 == 0o600

    restored = restore(archive, tmp_path / "new" / "place", Settings())

    assert restored["workspace"] == str(tmp_path / "new" / "place")
    shared = said.keys() & restored.keys()
    assert {key: said[key] for key in shared} == {key: restored[key] for key in shared}
    # Nothing may lead back: the copy is read while the original is not there.
    hidden = trained.rename(trained.with_name("hidden"))
    try:
        with Workspace.open(tmp_path / "new" / "place") as copy:
            assert assert_whole(copy) == before
            assert before == {"models": 1, "runs": 1, "mlflow": 1, "events": before["events"]}
            assert copy.config.timezone == "Europe/Berlin"
            assert copy.store.scores.page(NAME, limit=1_000).scores == scores
            assert not list(copy.path.glob(".*"))
    finally:
        hidden.rename(trained)


def test_a_workspace_that_was_moved_by_hand_is_put_right(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "moved")
    with Workspace.open(tmp_path / "moved") as moved:
        backup(moved, tmp_path / "again.tar")
    restore(tmp_path / "again.tar", tmp_path / "copy", Settings())
    with Workspace.open(tmp_path / "copy") as copy:
        assert assert_whole(copy)["mlflow"] == 1


def test_everything_else_in_the_folder_comes_along(workspace: Workspace, tmp_path: Path) -> None:
    (workspace.path / "recipes").mkdir()
    (workspace.path / "recipes" / "own.py").write_text("# mine")
    (workspace.path / "rejects" / "rows.jsonl").write_text("{}\n")
    for left_out in ("jobs.db", "jobs.db-wal", "worker.lock", ".hidden"):
        (workspace.path / left_out).write_text("no")
    (workspace.path / "lake" / "staging" / "half").write_text("no")
    (workspace.path / "models" / "unregistered").mkdir()
    (workspace.path / "models" / "unregistered" / "half").write_text("no")

    backup(workspace, tmp_path / "kept.tar")
    restore(tmp_path / "kept.tar", tmp_path / "copy", Settings())

    assert (tmp_path / "copy" / "recipes" / "own.py").read_text() == "# mine"
    assert (tmp_path / "copy" / "rejects" / "rows.jsonl").read_text() == "{}\n"
    kept = names(tmp_path / "kept.tar")
    assert not [name for name in kept if "half" in name or "jobs.db" in name or "lock" in name]
    assert not kept & {".hidden", "lake/statistics.json"}
    with Workspace.open(tmp_path / "copy") as copy, workspace:
        assert copy.lake.data_end() == workspace.lake.data_end()
        assert [each.name for each in copy.store.predictions.list()] == [NAME]


def test_versions_of_the_lake_stay_readable(workspace: Workspace, tmp_path: Path) -> None:
    workspace.lake.compact()
    workspace.lake.set_complete_through(workspace.lake.data_end() + timedelta(days=1))
    backup(workspace, tmp_path / "kept.tar")
    restore(tmp_path / "kept.tar", tmp_path / "copy", Settings())
    with Workspace.open(tmp_path / "copy") as copy:
        assert copy.lake.version == workspace.lake.version
        assert assert_whole(copy) == assert_whole(workspace)
        assert copy.lake.data_end() == workspace.lake.data_end()


def test_commits_after_a_checkpoint_are_in_it(workspace: Workspace, tmp_path: Path) -> None:
    from deltalake import DeltaTable

    DeltaTable(str(workspace.lake.events.path)).create_checkpoint()
    workspace.lake.compact()
    backup(workspace, tmp_path / "kept.tar")
    restore(tmp_path / "kept.tar", tmp_path / "copy", Settings())
    assert "lake/events/_delta_log/_last_checkpoint" in names(tmp_path / "kept.tar")
    with Workspace.open(tmp_path / "copy") as copy:
        assert assert_whole(copy) == assert_whole(workspace)


@pytest.mark.parametrize("name", ["kept.zip", "kept", ".tar", "tar"])
def test_the_name_tells_the_format(workspace: Workspace, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match=r"ends with \.tar\.gz or \.tgz or \.tar"):
        backup(workspace, tmp_path / name)


def test_no_file_is_replaced(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "kept.tar").write_text("precious")
    with pytest.raises(Conflict, match="exists already"):
        backup(workspace, tmp_path / "kept.tar")
    assert (tmp_path / "kept.tar").read_text() == "precious"


def test_the_place_is_checked(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a file outside the workspace"):
        backup(workspace, workspace.path / "kept.tar")
    with pytest.raises(InvalidInput, match="a file in an existing folder"):
        backup(workspace, tmp_path / "none" / "kept.tar")


def test_a_missing_file_is_told_and_the_rest_is_kept(copied: Workspace, tmp_path: Path) -> None:
    run = copied.store.runs.current(NAME)
    assert run is not None
    copied.lake.scores.discard(run.run_id)
    (version,) = copied.store.models.list(NAME)
    shutil.rmtree(copied.path / version.folder)

    said = backup(copied, tmp_path / "kept.tar")

    missing = sorted([f"lake/scores/{run.run_id}.parquet", version.folder])
    assert said["missing"] == missing
    restored = restore(tmp_path / "kept.tar", tmp_path / "copy", Settings())
    assert restored["missing"] == missing
    with Workspace.open(tmp_path / "copy") as copy:
        assert len(copy.store.scores.page(NAME, limit=1_000).scores) == run.users


def test_a_customer_deleted_meanwhile_does_not_break_it(
    copied: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deletion takes live files of the lake away at once; the copy is made again."""
    run = copied.store.runs.current(NAME)
    assert run is not None
    gone = copied.store.scores.page(NAME, limit=1).scores[0].user_id
    add_file = ArchiveWriter.add_file
    deleted = []

    def delete_first(writer: ArchiveWriter, name: str, path: Path) -> None:
        if not deleted and name.startswith("lake/events/bucket"):
            deleted.append(delete_user(copied, gone))
        add_file(writer, name, path)

    monkeypatch.setattr(ArchiveWriter, "add_file", delete_first)
    said = backup(copied, tmp_path / "kept.tar")

    assert deleted[0]["events"] > 0
    assert said["missing"] == []
    restore(tmp_path / "kept.tar", tmp_path / "copy", Settings())
    with Workspace.open(tmp_path / "copy") as copy:
        whole = assert_whole(copy, after_deletion=True)
        assert whole == assert_whole(copied, after_deletion=True)
        assert gone not in copy.store.scores.get_many(NAME, [gone])


def test_endless_deletions_end_it(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_each_time(opened: Workspace) -> tuple[object, list[BackedUpFile]]:
        versions, files = lake_files(opened)
        return versions, [*files, BackedUpFile(uuid4().hex, tmp_path / "gone")]

    monkeypatch.setattr(saving, "lake_files", another_each_time)
    with pytest.raises(Conflict, match="Try again later"):
        backup(workspace, tmp_path / "kept.tar")
    assert not (tmp_path / "kept.tar").exists()
    assert not list(tmp_path.glob(".backup-*"))


def test_a_folder_with_something_in_it_is_left_alone(workspace: Workspace, tmp_path: Path) -> None:
    backup(workspace, tmp_path / "kept.tar")
    with pytest.raises(Conflict, match="is a workspace already"):
        restore(tmp_path / "kept.tar", workspace.path, Settings())
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine").write_text("mine")
    with pytest.raises(Conflict, match="is not empty"):
        restore(tmp_path / "kept.tar", tmp_path / "used", Settings())
    assert [path.name for path in (tmp_path / "used").iterdir()] == ["mine"]
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InvalidInput, match="a folder that can be written"):
        restore(tmp_path / "kept.tar", tmp_path / "file", Settings())


def test_an_empty_folder_is_used_and_stays_when_it_fails(
    workspace: Workspace, tmp_path: Path
) -> None:
    backup(workspace, tmp_path / "kept.tar")
    (tmp_path / "mounted").mkdir()
    (tmp_path / "other.tar").write_text("no")
    with pytest.raises(InvalidInput):
        restore(tmp_path / "other.tar", tmp_path / "mounted", Settings())
    assert list((tmp_path / "mounted").iterdir()) == []
    restore(tmp_path / "kept.tar", tmp_path / "mounted", Settings())
    assert tomllib.loads((tmp_path / "mounted" / "workspace.toml").read_text())["buckets"] == 4


def test_a_backup_of_the_other_database_is_refused(
    workspace: Workspace, tmp_path: Path, postgres_url: str
) -> None:
    backup(workspace, tmp_path / "kept.tar")
    with pytest.raises(InvalidInput, match="Unset it to restore it"):
        restore(tmp_path / "kept.tar", tmp_path / "copy", Settings(database_url=postgres_url))
    assert not (tmp_path / "copy").exists()


def test_a_newer_store_is_not_copied(workspace: Workspace, tmp_path: Path) -> None:
    with workspace.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(InvalidInput, match="store revision is '9999'"):
        backup(workspace, tmp_path / "kept.tar")
    assert not (tmp_path / "kept.tar").exists()


def test_the_command_line(workspace: Workspace, tmp_path: Path, predictive: CommandLine) -> None:
    archive = tmp_path / "kept.tar.gz"
    said = predictive("backup", archive).ok()
    assert "Backup made" in said.out
    assert "Copying files" in said.err
    document = predictive.bare("restore", archive, tmp_path / "copy", "--json").ok().document
    assert document["predictions"] == 1
    assert predictive.bare("list", "-w", tmp_path / "copy", "--json").ok().document
    again = predictive("backup", archive, "--json")
    assert again.code == 2
    assert json.loads(again.out)["error"]["code"] == "conflict"
    shown = predictive.bare("restore", archive, "-w", tmp_path / "second").ok()
    assert "Workspace restored" in shown.out
