"""Streams: rows that come exactly once, and files, however often the connection is cut."""

from __future__ import annotations

import json
from typing import Any

from predictive_client.asking import Asking
from predictive_client.errors import ConnectionLost
from predictive_client.steps import Flow, Give, Lost, Read, Request

_NDJSON = {"Accept": "application/x-ndjson"}
_PART = 206


def rows(asking: Asking, request: Request, origin_header: str) -> Flow[Any]:
    """Give the rows of an NDJSON stream, each exactly once and all of one origin.

    Where the connection is cut, the stream is asked for anew from the last whole row on.

    Parameters
    ----------
    request
        Of the stream from its beginning.
    origin_header
        The header, in small letters, that names the scoring run or snapshot: with the last user
        id it makes the cursor.

    Raises
    ------
    Conflict
        The run or snapshot is no longer kept; one begins anew.
    """
    request = request.saying(_NDJSON)
    origin, last, cuts = None, "", 0
    while True:
        cursor = None if origin is None else f"{origin}:{last}"
        head = yield from asking.open(request.asking(cursor=cursor))
        origin, begun = head.headers[origin_header], b""
        try:
            while (piece := (yield Read())) is not None:
                # Not by lines of text, among whose breaks are characters that an id may hold.
                *lines, begun = (begun + piece).split(b"\n")
                for line in lines:
                    row = json.loads(line)
                    last, cuts = row["user_id"], 0
                    yield Give(row)
        except Lost as lost:
            cuts += 1
            yield asking.patience(cuts, lost)
        else:
            return


def pieces(asking: Asking, request: Request) -> Flow[bytes]:
    """Give an answer's bytes as they come; one that is cut off can't go on.

    Raises
    ------
    ConnectionLost
        It was cut off.
    """
    yield from asking.open(request)
    try:
        while (piece := (yield Read())) is not None:
            yield Give(piece)
    except Lost as lost:
        yield asking.patience(asking.attempts, lost)


def file(asking: Asking, request: Request) -> Flow[bytes]:
    """Give a file's bytes, each exactly once: where it is cut, it goes on from the next byte.

    Raises
    ------
    ConnectionLost
        The file is another one by now; one begins anew.
    """
    taken, cuts, tag = 0, 0, None
    while True:
        asked = request.saying({"Range": f"bytes={taken}-"}) if taken else request
        head = yield from asking.open(asked)
        if taken and (head.status != _PART or head.headers.get("etag") != tag):
            raise ConnectionLost("The file has changed since its first part was sent.")
        tag = head.headers.get("etag")
        try:
            while (piece := (yield Read())) is not None:
                taken, cuts = taken + len(piece), 0
                yield Give(piece)
        except Lost as lost:
            cuts += 1
            yield asking.patience(cuts, lost)
        else:
            return
