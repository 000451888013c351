"""A model on disk: one JSON document and the texts beside it, whole or not at all.

Texts are written first, the document last; it names each text with its SHA-256, so that a reader
never takes the trees of one model with the weights of another.
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
FORMAT_VERSION = 1


def write_model(folder: Path, document: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    """Write a model's texts and then its document, each file in one step.

    Parameters
    ----------
    folder
        Made if need be; other files in it are left alone.
    document
        JSON-ready; numbers must be finite.
    texts
        File contents by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        _replace(folder / name, text)
    whole = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "texts": {name: _digest(text) for name, text in texts.items()},
        "model": dict(document),
    }
    _replace(folder / MODEL_FILE, json.dumps(whole, indent=1, allow_nan=False))


def read_model(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """A model's document and texts.

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
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in whole["texts"]}
    for name, text in texts.items():
        if _digest(text) != whole["texts"][name]:
            raise ValueError(
                f"{folder / name} is not the file that {MODEL_FILE} was saved with; "
                "allowed: the files of one save."
            )
    return whole["model"], texts


def _check_format(folder: Path, whole: Any) -> None:
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise ValueError(f"{folder / MODEL_FILE} is no saved model; allowed: format {FORMAT}.")
    version = whole["format_version"]
    if version > FORMAT_VERSION:
        raise ValueError(
            f"{folder / MODEL_FILE} has format version {version}; allowed: up to {FORMAT_VERSION}. "
            "It was saved by a newer release."
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
