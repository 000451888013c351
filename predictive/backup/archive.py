"""The archive: a tar file that begins with what it is and ends with what is in it.

::

    backup.json     first: format, moment, databases, versions
    …               the files
    manifest.json   last: size and SHA-256 of each file before it

A file without its end has no manifest, so that a cut archive is never taken for a whole one.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

from predictive.backup.header import Header
from predictive.errors import InvalidInput
from predictive.progress import Progress

HEADER, MANIFEST = "backup.json", "manifest.json"
#: Endings of an archive's name, and whether such an archive is compressed.
ENDINGS: Mapping[str, bool] = {".tar.gz": True, ".tgz": True, ".tar": False}

#: Most of an archive is compressed already, so more effort would gain little.
_GZIP_LEVEL = 1


class Readable(Protocol):
    """What can be read in pieces."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""


class Counting:
    """A stream whose reading is told."""

    def __init__(self, stream: Readable, advance: Callable[[float], None]) -> None:
        self._stream, self._advance = stream, advance

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        content = self._stream.read(size)
        self._advance(len(content))
        return content


class Hashing:
    """A stream that is hashed and measured while it is read."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        content = self._stream.read(size)
        self._sha256.update(content)
        self._size += len(content)
        return content

    def told(self) -> dict[str, Any]:
        """What the manifest says of what was read."""
        return {"bytes": self._size, "sha256": self._sha256.hexdigest()}


class ArchiveWriter:
    """Writes an archive; `finish` makes it whole.

    Parameters
    ----------
    stream
        Where to.
    header
        What the archive is, kept as its first file.
    compressed
        Whether to compress it.
    progress
        Told of every byte of the files.
    """

    def __init__(
        self,
        stream: IO[bytes],
        header: Header,
        progress: Progress,
        *,
        compressed: bool,
    ) -> None:
        options: dict[str, Any] = {"compresslevel": _GZIP_LEVEL} if compressed else {}
        mode: Any = "w:gz" if compressed else "w"
        self._tar = tarfile.open(fileobj=stream, mode=mode, **options)  # noqa: SIM115
        self._progress = progress
        self._files: dict[str, dict[str, Any]] = {}
        self.add_bytes(HEADER, header.model_dump_json(indent=1).encode())

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a small file."""
        self._add(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, path: Path) -> None:
        """Add a file, as long as it is now.

        Raises
        ------
        FileNotFoundError
            It is gone; the archive is as it was.
        """
        with path.open("rb") as stream:
            self._add(name, stream, path.stat().st_size)

    def finish(self, missing: Iterable[str]) -> int:
        """End the archive with its manifest; the number of files in it.

        Parameters
        ----------
        missing
            Names of files that should be in it and were not there.
        """
        manifest = {"files": self._files, "missing": list(missing)}
        content = _json(manifest)
        self._tar.addfile(_entry(MANIFEST, len(content)), io.BytesIO(content))
        self._tar.close()
        return len(self._files)

    def _add(self, name: str, stream: IO[bytes], size: int) -> None:
        read = Hashing(Counting(stream, self._progress.advance))
        self._tar.addfile(_entry(name, size), read)
        self._files[name] = read.told()


def is_compressed(archive: Path) -> bool:
    """Whether an archive of this name is compressed.

    Raises
    ------
    InvalidInput
        The name has another ending.
    """
    for ending, compressed in ENDINGS.items():
        if archive.name.endswith(ending) and archive.name != ending:
            return compressed
    raise InvalidInput("file", str(archive), "a name that ends with " + " or ".join(ENDINGS))


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=1, ensure_ascii=False).encode()
