"""A model on disk: one JSON document and the files beside it, whole or not at all.

The files are written first, the document last; it names each of them with its SHA-256, so that a
reader never takes the trees of one model with the weights of another.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MODEL_FILE = "model.json"
FORMAT = "predictive-suite/propensity"
#: Version 1 called the files its texts, and knew no others.
FORMAT_VERSION = 2


def write_model(folder: Path, document: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write a model's files and then its document, each in one step.

    Parameters
    ----------
    folder
        Made if need be; other files in it are left alone.
    document
        JSON-ready; numbers must be finite.
    files
        Contents by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _replace(folder / name, content)
    whole = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "files": {name: _digest(content) for name, content in files.items()},
        "model": dict(document),
    }
    _replace(folder / MODEL_FILE, json.dumps(whole, indent=1, allow_nan=False).encode())


def read_model(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A model's document and files.

    Raises
    ------
    FileNotFoundError
        When there is no model in the folder.
    ValueError
        When the files are no model, do not belong together, or are of a newer format.
    """
    try:
        whole = json.loads((folder / MODEL_FILE).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{folder / MODEL_FILE} is no JSON; allowed: a saved model.") from error
    _check_format(folder, whole)
    digests = whole["files"] if whole["format_version"] > 1 else whole["texts"]
    files = {name: (folder / name).read_bytes() for name in digests}
    for name, content in files.items():
        if _digest(content) != digests[name]:
            raise ValueError(
                f"{folder / name} is not the file that {MODEL_FILE} was saved with; "
                "allowed: the files of one save."
            )
    return whole["model"], files


def _check_format(folder: Path, whole: Any) -> None:
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise ValueError(f"{folder / MODEL_FILE} is no saved model; allowed: format {FORMAT}.")
    version = whole["format_version"]
    if version > FORMAT_VERSION:
        raise ValueError(
            f"{folder / MODEL_FILE} has format version {version}; allowed: up to {FORMAT_VERSION}. "
            "It was saved by a newer release."
        )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
