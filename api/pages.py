"""The parameters of every list: how long a page is, and where it begins."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

MAX_LIST = 1_000

Limit = Annotated[int, Query(ge=1, le=MAX_LIST, description="How many at most.")]
Cursor = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=4_096,
        description="`next_cursor` of the page before, unchanged; without it, the first page.",
    ),
]
