"""Following a job by server-sent events until it ends, through cut connections."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias, TypedDict

from predictive_client.answers import Job, JobState, LogLine
from predictive_client.asking import Asking
from predictive_client.steps import Flow, Give, Lost, Read, Request


class Progress(TypedDict):
    """Something about the job has changed."""

    event: Literal["progress"]
    job: JobState


class Log(TypedDict):
    """The job has said something."""

    event: Literal["log"]
    line: LogLine


class End(TypedDict):
    """The job has succeeded, failed or been cancelled."""

    event: Literal["end"]
    job: Job


JobEvent: TypeAlias = Progress | Log | End


class ServerEvent(NamedTuple):
    """One server-sent event."""

    event: str
    data: str
    id: str | None


class EventReader:
    """Puts events together from the bytes of a stream, as the HTML standard says."""

    def __init__(self) -> None:
        self._begun = b""
        self._fields: dict[str, list[str]] = {}

    def feed(self, piece: bytes) -> Iterator[ServerEvent]:
        """The events that are whole with these bytes."""
        *lines, self._begun = (self._begun + piece).split(b"\n")
        for line in lines:
            text = line.removesuffix(b"\r").decode()
            if text:
                self._note(text)
            elif event := self._finished():
                yield event

    def _note(self, text: str) -> None:
        name, _, value = text.partition(":")
        # A line that begins with a colon is a comment, and its name is empty.
        if name:
            self._fields.setdefault(name, []).append(value.removeprefix(" "))

    def _finished(self) -> ServerEvent | None:
        fields, self._fields = self._fields, {}
        if "data" not in fields:
            return None
        name = fields.get("event", ["message"])[-1]
        return ServerEvent(name, "\n".join(fields["data"]), fields.get("id", [None])[-1])


def follow(asking: Asking, job_id: str) -> Flow[JobEvent]:
    """Give what happens to a job, from its first line of log to its end.

    Raises
    ------
    NotFound
        There is no such job, or it was deleted with its prediction meanwhile.
    """
    request = Request(
        "GET", "/v1/jobs/{job_id}/events", {"job_id": job_id}, headers={"Accept": _EVENTS}
    )
    last, cuts = None, 0
    while True:
        asked = request if last is None else request.saying({"Last-Event-ID": last})
        yield from asking.open(asked)
        reader, left = EventReader(), Lost("the service ended the stream before the job did")
        try:
            while (piece := (yield Read())) is not None:
                for event in reader.feed(piece):
                    last, cuts = event.id or last, 0
                    told = _told(event)
                    if told is not None:
                        yield Give(told)
                    if event.event == "end":
                        return
        except Lost as lost:
            left = lost
        cuts += 1
        yield asking.patience(cuts, left)


_EVENTS = "text/event-stream"


def _told(event: ServerEvent) -> JobEvent | None:
    data = json.loads(event.data)
    match event.event:
        case "progress":
            return Progress(event="progress", job=data)
        case "log":
            return Log(event="log", line=data)
        case "end":
            return End(event="end", job=data)
    return None  # of a newer service
