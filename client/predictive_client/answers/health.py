"""Whether the service is ready."""

from typing import Literal, TypedDict


class Readiness(TypedDict):
    """The process can do its work."""

    status: Literal["ready"]
    version: str
    worker: bool
