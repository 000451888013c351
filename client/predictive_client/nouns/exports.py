"""Exports: files of all members of a segment, written by a worker."""

from __future__ import annotations

from predictive_client.answers import Export, Format
from predictive_client.following import follow
from predictive_client.nouns.given import given
from predictive_client.nouns.noun import Noun, Run, call, items
from predictive_client.steps import Flow, Request, each_of
from predictive_client.streaming import file

_OF_SEGMENT = "/v1/segments/{name}/exports"
_ONE = "/v1/exports/{export_id}"


class Exports(Noun[Run]):
    """Files that are kept for a day."""

    @call
    def start(self, segment: str, form: Format, *, callback_url: str | None = None) -> Flow[Export]:
        """Queue a job that writes the file; ``callback_url`` is told when it is done."""
        body = given(format=form, callback_url=callback_url)
        return self.write("POST", _OF_SEGMENT, body, name=segment)

    @items
    def list(self, segment: str) -> Flow[Export]:
        """Exports of a segment, newest first."""
        return self.listed("exports", _OF_SEGMENT, name=segment)

    @call
    def show(self, export_id: str) -> Flow[Export]:
        """Where it stands."""
        return self.read(_ONE, export_id=export_id)

    @call
    def wait(self, export_id: str) -> Flow[Export]:
        """The export, once it has ended; its ``state`` says how."""
        # Its id is also that of the job that writes it.
        yield from each_of(follow(self.asking, export_id), lambda _: ())
        yield from self.read(_ONE, export_id=export_id)

    @items
    def file(self, export_id: str) -> Flow[bytes]:
        """The bytes of the file; a connection that is cut goes on from the next byte."""
        request = Request("GET", f"{_ONE}/file", {"export_id": export_id})
        return file(self.asking, request)
