"""Unpacking an archive, of which nothing is trusted."""

from __future__ import annotations

import json
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeAlias

from pydantic import ValidationError

from predictive.backup.archive import HEADER, MANIFEST, Counting, Hashing
from predictive.backup.header import FORMAT, Header
from predictive.errors import InvalidInput
from predictive.progress import Progress

NEWER = "It was made by a newer version of predictive: restore it with that one."

Entries: TypeAlias = "Iterator[tuple[tarfile.TarInfo, IO[bytes]]]"

_CHUNK_BYTES = 1 << 20
#: Headers and manifests are read into memory; an honest one is far smaller.
_MAX_JSON_BYTES = 256 << 20


def unpack(
    archive: Path,
    folder: Path,
    check: Callable[[Header], None],
    progress: Progress,
) -> tuple[Header, list[str]]:
    """Unpack an archive into an empty folder, and check that it is whole.

    Nothing of it is trusted: only plain files with plain relative names are written, and each
    must be what the manifest says.

    Parameters
    ----------
    archive
        The file.
    folder
        An empty folder.
    check
        Called with the header before anything else is unpacked; refuses by raising.
    progress
        Told of every byte of the archive.

    Returns
    -------
    header
        What the archive is.
    missing
        Names of files that should be in it and were not there when it was made.

    Raises
    ------
    InvalidInput
        The file is no archive, is damaged or cut short, or holds a name that leads elsewhere.
    """
    unpacked: dict[str, dict[str, Any]] = {}
    header: Header | None = None
    manifest: dict[str, Any] | None = None
    with _reading(archive, progress) as entries:
        for entry, stream in entries:
            if manifest is not None:
                raise damaged(archive, f"{entry.name!r} stands after its end")
            path = folder / _relative(archive, entry, unpacked)
            content = Hashing(stream)
            _write(archive, path, _chunks(archive, entry, content))
            if entry.name == MANIFEST:
                manifest = _object(archive, path)
                continue
            unpacked[entry.name] = content.told()
            if header is None:
                if entry.name != HEADER:
                    raise damaged(archive, f"it does not begin with {HEADER}")
                header = _header(archive, path)
                check(header)
    if header is None or manifest is None:
        raise damaged(archive, "its end is missing")
    _compare(archive, unpacked, manifest)
    return header, list(manifest["missing"])


def damaged(archive: Path, why: str) -> InvalidInput:
    """The error of a file that is no whole archive."""
    return InvalidInput(
        "file",
        str(archive),
        "a whole archive made by `predictive backup`",
        f"This one is damaged or something else: {why}. Nothing was restored.",
    )


@contextmanager
def _reading(archive: Path, progress: Progress) -> Iterator[Entries]:
    """The entries of an archive with their content, in order."""
    with archive.open("rb") as stream, _damage(archive):
        counted: Any = Counting(stream, progress.advance)
        tar = tarfile.open(fileobj=counted, mode="r|*")  # noqa: SIM115
        yield _entries(archive, tar)


def _entries(archive: Path, tar: tarfile.TarFile) -> Entries:
    while True:
        with _damage(archive):
            entry = tar.next()
        if entry is None:
            return
        content = tar.extractfile(entry) if entry.isreg() else None
        if content is None:
            raise damaged(archive, f"{entry.name!r} is no plain file")
        yield entry, content


@contextmanager
def _damage(archive: Path) -> Iterator[None]:
    """What reading a broken archive raises, as the one error for it."""
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise damaged(archive, str(error) or "it ends too early") from error


def _relative(archive: Path, entry: tarfile.TarInfo, seen: Mapping[str, Any]) -> PurePosixPath:
    """The name of an entry, if it is one that a backup would write."""
    path = PurePosixPath(entry.name)
    plain = path.as_posix() == entry.name and not path.is_absolute() and path.parts
    if not plain or ".." in path.parts or any(c in entry.name for c in "\\\0"):
        raise damaged(archive, f"the name {entry.name!r} leads elsewhere")
    if entry.name in seen:
        raise damaged(archive, f"{entry.name!r} is there twice")
    return path


def _chunks(archive: Path, entry: tarfile.TarInfo, content: Hashing) -> Iterator[bytes]:
    if entry.name in {HEADER, MANIFEST} and entry.size > _MAX_JSON_BYTES:
        raise damaged(archive, f"{entry.name} is too large")
    while True:
        with _damage(archive):
            chunk = content.read(_CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


def _write(archive: Path, path: Path, chunks: Iterable[bytes]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("xb")
    except (FileExistsError, NotADirectoryError) as error:
        raise damaged(archive, f"{path.name!r} is a file and a folder") from error
    with file:
        file.writelines(chunks)


def _object(archive: Path, path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise damaged(archive, f"{path.name} can't be read") from error
    if not isinstance(content, dict):
        raise damaged(archive, f"{path.name} can't be read")
    return content


def _header(archive: Path, path: Path) -> Header:
    content = _object(archive, path)
    made = content.get("format")
    if isinstance(made, int) and made > FORMAT:
        raise InvalidInput("file", str(archive), f"a backup of format {FORMAT}", NEWER)
    try:
        return Header.model_validate(content)
    except ValidationError as error:
        raise damaged(archive, f"{HEADER} can't be read") from error


def _compare(
    archive: Path, unpacked: Mapping[str, dict[str, Any]], manifest: Mapping[str, Any]
) -> None:
    told = manifest.get("files")
    if not isinstance(told, dict) or not isinstance(manifest.get("missing"), list):
        raise damaged(archive, f"{MANIFEST} can't be read")
    for name in sorted({*told, *unpacked}):
        if told.get(name) != unpacked.get(name):
            raise damaged(archive, f"{name!r} is not what it was when it was saved")
