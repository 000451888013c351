"""What every list that comes in pages has."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Page(BaseModel):
    """A part of a list, and where the next one begins."""

    next_cursor: str | None = Field(
        description="Give it as `cursor` for the page after; null on the last one."
    )
