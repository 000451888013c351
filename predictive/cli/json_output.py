"""Reports as one JSON document."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any


def json_text(document: Mapping[str, Any]) -> str:
    """The document as JSON text; what is not a finite number becomes null.

    In ASCII, so that no terminal's encoding can damage it.

    Raises
    ------
    TypeError
        When the document holds something that has no JSON form.
    """
    return json.dumps(_plain(document), indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value).isoformat()
    if isinstance(value, date | Path):
        return str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
