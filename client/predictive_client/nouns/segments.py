"""Segments: people chosen by scores and conditions, under a name."""

from __future__ import annotations

from datetime import datetime

from predictive_client.answers import (
    Format,
    Member,
    Membership,
    SavedSegment,
    Segment,
    SegmentChanges,
    SegmentCount,
)
from predictive_client.nouns.given import given, moment
from predictive_client.nouns.noun import Noun, Run, call, items
from predictive_client.questions import Document
from predictive_client.steps import Flow, Request, each_of
from predictive_client.streaming import pieces, rows

_ALL = "/v1/segments"
_ONE = f"{_ALL}/{{name}}"
_CHANGES = f"{_ONE}/changes"
_STREAM = f"{_ONE}/member-stream"
_MOST_ROWS = 1_000


class Segments(Noun[Run]):
    """Counted before they are saved, current when they are read."""

    @call
    def count(self, segment: Document) -> Flow[SegmentCount]:
        """How many people it would have now; nothing is saved."""
        return self.pose(f"{_ALL}/count", segment)

    @call
    def save(self, segment: Document) -> Flow[SavedSegment]:
        """Create it, or give it a new version, and count it."""
        return self.write("POST", _ALL, segment)

    @items
    def list(self) -> Flow[Segment]:
        """All segments by name, as they were counted last."""
        return self.listed("segments", _ALL)

    @call
    def show(self, name: str) -> Flow[Segment]:
        """One segment, and how many people are in it now."""
        return self.read(_ONE, name=name)

    @call
    def delete(self, name: str) -> Flow[None]:
        """Delete it and what is kept of its members."""
        return self.write("DELETE", _ONE, name=name)

    @items
    def members(self, name: str) -> Flow[Member]:
        """Its members by id, page by page, all of one moment."""
        return self.listed("members", f"{_ONE}/members", {"limit": _MOST_ROWS}, name=name)

    @items
    def stream(self, name: str) -> Flow[Member]:
        """All members by id, in memory that does not grow; each exactly once.

        All are of one moment. A connection that is cut is made anew, from the last row on.
        """
        return rows(self.asking, Request("GET", _STREAM, {"name": name}), "predictive-snapshot-id")

    @items
    def file(self, name: str, form: Format = "parquet") -> Flow[bytes]:
        """The same as the bytes of a file; one that is cut off is an error."""
        request = Request("GET", _STREAM, {"name": name}, {"format": form})
        return pieces(self.asking, request)

    @call
    def contains(self, name: str, user_id: str) -> Flow[Membership]:
        """Whether a user is a member now."""
        return self.read(f"{_ONE}/members/{{user_id}}", name=name, user_id=user_id)

    @call
    def changes(
        self, name: str, since: datetime | str, *, limit: int | None = None
    ) -> Flow[SegmentChanges]:
        """How many entered and left since a moment, and the first ``limit`` ids of either."""
        query = given(since=moment(since), limit=limit)
        return self.read(_CHANGES, query, name=name)

    @items
    def entered(self, name: str, since: datetime | str) -> Flow[str]:
        """The ids of all who entered since a moment."""
        return self._changed("entered", name, since)

    @items
    def left(self, name: str, since: datetime | str) -> Flow[str]:
        """The ids of all who left since a moment."""
        return self._changed("left", name, since)

    def _changed(self, which: str, name: str, since: datetime | str) -> Flow[str]:
        query = {"since": moment(since), "limit": _MOST_ROWS}
        pages = self.pages(Request("GET", _CHANGES, {"name": name}, query))
        return each_of(pages, lambda page: page[which]["user_ids"])
