"""Archives that are damaged, cut short or made by somebody else are refused, whatever is wrong."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from predictive.backup import backup, restore
from predictive.errors import InvalidInput
from predictive.settings import Settings
from predictive.workspace import Workspace

Entries = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture
def archive(workspace: Workspace, tmp_path: Path) -> Path:
    backup(workspace, tmp_path / "made.tar")
    return tmp_path / "made.tar"


def refused(archive: Path, tmp_path: Path) -> str:
    """Restoring is refused, leaves nothing behind, and says this."""
    before = sorted(path for path in tmp_path.rglob("*"))
    with pytest.raises(InvalidInput) as error:
        restore(archive, tmp_path / "restored", Settings())
    assert sorted(path for path in tmp_path.rglob("*")) == before
    assert str(archive) in str(error.value)
    assert "predictive backup" in str(error.value) or "newer version" in str(error.value)
    return str(error.value)


def rewritten(archive: Path, change: Callable[[Entries], Entries]) -> None:
    """The archive with other entries."""
    with tarfile.open(archive) as tar:
        entries = [(entry, tar.extractfile(entry).read()) for entry in tar]  # type: ignore[union-attr]
    with tarfile.open(archive, "w") as tar:
        for entry, content in change(entries):
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("ending", [".tar", ".tar.gz"])
def test_a_cut_archive_is_refused(
    workspace: Workspace, tmp_path: Path, share: float, ending: str
) -> None:
    archive = tmp_path / f"made{ending}"
    backup(workspace, archive)
    whole = archive.read_bytes()
    # The end of a tar is padding, so that the last bytes of all may well be missing.
    end = len(whole.rstrip(b"\0")) if ending == ".tar" else len(whole)
    archive.write_bytes(whole[: int(share * end)])
    refused(archive, tmp_path)


@pytest.mark.parametrize("name", ["workspace.toml", "meta.db", "_delta_log/00000000000000000000"])
def test_one_changed_byte_is_found(archive: Path, tmp_path: Path, name: str) -> None:
    def change(entries: Entries) -> Entries:
        for position, (entry, content) in enumerate(entries):
            if name in entry.name:
                changed = bytearray(content)
                changed[len(content) // 2] ^= 1
                entries[position] = (entry, bytes(changed))
        return entries

    rewritten(archive, change)
    assert "not what it was" in refused(archive, tmp_path)


def test_a_file_that_was_taken_out_is_missed(archive: Path, tmp_path: Path) -> None:
    rewritten(archive, lambda all_: [each for each in all_ if each[0].name != "meta.db"])
    assert "'meta.db' is not what it was" in refused(archive, tmp_path)


def test_a_file_that_was_put_in_is_found(archive: Path, tmp_path: Path) -> None:
    rewritten(archive, lambda all_: [*all_[:-1], (tarfile.TarInfo("extra.txt"), b"x"), all_[-1]])
    assert "'extra.txt' is not what it was" in refused(archive, tmp_path)


@pytest.mark.parametrize(
    "name",
    ["../evil", "/tmp/evil", "lake/../../evil", "lake/./evil", "..", "lake\\evil", "./evil", ""],
)
def test_a_name_that_leads_elsewhere_is_refused(archive: Path, tmp_path: Path, name: str) -> None:
    rewritten(archive, lambda all_: [*all_[:-1], (tarfile.TarInfo(name), b"evil"), all_[-1]])
    refused(archive, tmp_path)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_only_plain_files_are_unpacked(archive: Path, tmp_path: Path, kind: bytes) -> None:
    link = tarfile.TarInfo("models")
    link.type, link.linkname = kind, "/etc"
    rewritten(archive, lambda all_: [*all_[:-1], (link, b""), all_[-1]])
    assert "no plain file" in refused(archive, tmp_path)


def test_a_name_may_stand_once(archive: Path, tmp_path: Path) -> None:
    rewritten(archive, lambda all_: [*all_[:-1], all_[1], all_[-1]])
    assert "there twice" in refused(archive, tmp_path)


def test_nothing_stands_below_a_file(archive: Path, tmp_path: Path) -> None:
    below = (tarfile.TarInfo("workspace.toml/x"), b"")
    rewritten(archive, lambda all_: [*all_[:-1], below, all_[-1]])
    assert "a file and a folder" in refused(archive, tmp_path)


def test_nothing_stands_after_the_end(archive: Path, tmp_path: Path) -> None:
    rewritten(archive, lambda all_: [*all_, (tarfile.TarInfo("later"), b"")])
    assert "after its end" in refused(archive, tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"no archive", b"{}", b"\0" * 20_000, b"PK\x03\x04" + b"x" * 999]
)
def test_other_files_are_no_archives(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.tar").write_bytes(content)
    refused(tmp_path / "other.tar", tmp_path)


def test_other_tars_are_no_archives(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("photo.jpg"), io.BytesIO())
    assert "does not begin with backup.json" in refused(tmp_path / "other.tar", tmp_path)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": 2}, "made by a newer version"),
        ({"revision": "9999"}, "made by a newer version"),
        ({"format": "one"}, "backup.json can't be read"),
        ({"database": "oracle"}, "backup.json can't be read"),
        ({"lake": None}, "backup.json can't be read"),
    ],
)
def test_the_header_is_checked_first(
    archive: Path, tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    def change(entries: Entries) -> Entries:
        header, content = entries[0]
        return [(header, json.dumps(json.loads(content) | changed).encode()), *entries[1:]]

    rewritten(archive, change)
    assert said in refused(archive, tmp_path)


@pytest.mark.parametrize("manifest", [b"[]", b"{}", b'{"files": {}}', b"no", b"[" * 100_000])
def test_an_odd_manifest_is_refused(archive: Path, tmp_path: Path, manifest: bytes) -> None:
    rewritten(archive, lambda all_: [*all_[:-1], (all_[-1][0], manifest)])
    refused(archive, tmp_path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"Allowed: a file made by `predictive backup`"):
        restore(tmp_path / "none.tar", tmp_path / "restored", Settings())
    assert not (tmp_path / "restored").exists()
