"""Whether the service lives and is ready."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Health(BaseModel):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"]


class Readiness(BaseModel):
    """The process can do its work."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ready", "version": "0.1.0", "worker": True}]}
    )

    status: Literal["ready"]
    version: str
    worker: bool = Field(description="Whether a worker runs somewhere; none is needed to serve.")
