"""Answers that are streams: which format a client wants, and how it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import FileResponse, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from predictive.formats import MEDIA_TYPES, Format

_NOTHING = 0.0
#: More digits are no place in any file.
_RANGE = re.compile(rb"bytes=(\d{1,18})-(\d{0,18})")


class Stream(StreamingResponse):
    """Pieces as they are made: the next one when the client has taken the one before.

    They are made in threads, so that the event loop goes on answering others.
    """

    media_type = MEDIA_TYPES["ndjson"]

    def __init__(self, pieces: Iterator[bytes], form: Format, headers: Mapping[str, str]) -> None:
        # What is not text must not get a charset.
        kept = {"Vary": "Accept", "Content-Type": _content_type(form), **headers}
        super().__init__(pieces, headers=kept)


class Part(FileResponse):
    """A file, or the part of it from one byte on; any other ``Range`` is ignored."""

    media_type = MEDIA_TYPES["ndjson"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        kept = [(name, value) for name, value in scope["headers"] if self._is_kept(name, value)]
        await super().__call__({**scope, "headers": kept}, receive, send)

    def _is_kept(self, name: bytes, value: bytes) -> bool:
        if name != b"range":
            return True
        found = _RANGE.fullmatch(value.strip())
        if found is None:
            return False
        size = Path(self.path).stat().st_size
        first, last = int(found[1]), int(found[2] or size - 1)
        return first <= last and first < size


def format_of(request: Request, asked: Format | None) -> Format:
    """The format that a client asks for by name, else by its ``Accept`` header.

    Raises
    ------
    HTTPException
        406 when it accepts none of ours.
    """
    if asked is not None:
        return asked
    accepted = _accepted(request.headers.get("accept", "*/*"))
    weights = {form: _weight(accepted, media) for form, media in MEDIA_TYPES.items()}
    best = max(weights, key=lambda form: weights[form])
    if weights[best] == _NOTHING:
        known = ", ".join(MEDIA_TYPES.values())
        raise HTTPException(406, f"Accept names none of {known}. Or give ?format=.")
    return best


def stream_responses(
    examples: Mapping[Format, str], headers: Mapping[str, str]
) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's view of a stream: an example of each format, and the headers' meanings."""
    return {
        200: {
            "description": "The rows, as they are read.",
            "headers": {
                name: {"description": meaning, "schema": {"type": "string"}}
                for name, meaning in headers.items()
            },
            "content": contents(examples),
        }
    }


def contents(examples: Mapping[Format, str]) -> dict[str, Any]:
    """OpenAPI's view of rows in each format."""
    texts = {
        MEDIA_TYPES[form]: {"schema": {"type": "string"}, "example": example}
        for form, example in examples.items()
    }
    binary = {"schema": {"type": "string", "format": "binary"}, "example": "PAR1…"}
    return {**texts, MEDIA_TYPES["parquet"]: binary}


def _content_type(form: Format) -> str:
    return MEDIA_TYPES[form] + ("; charset=utf-8" if form == "csv" else "")


def _accepted(header: str) -> dict[str, float]:
    """Media ranges and their weights."""
    found = {}
    for each in header.lower().split(","):
        media, *parameters = (part.strip() for part in each.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        try:
            found[media] = float(weight)
        except ValueError:
            found[media] = _NOTHING
    return found


def _weight(accepted: Mapping[str, float], media: str) -> float:
    """What a client thinks of a media type, by the most specific range that holds it."""
    for within in (media, f"{media.partition('/')[0]}/*", "*/*"):
        if within in accepted:
            return accepted[within]
    return _NOTHING
