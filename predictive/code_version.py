"""Which code made a result: the release, and a digest of the source as it was run."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("evaluation", "models", "predictive", "api")


@cache
def code_version() -> str:
    """Release and source digest, for example ``0.1.0+3f9a1c20``."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.blake2b(digest_size=4)
    for package in _PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            digest.update(str(file.relative_to(root)).encode())
            digest.update(file.read_bytes())
    return f"{version('predictive-suite')}+{digest.hexdigest()}"
