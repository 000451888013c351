"""Whether the service lives and is ready."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Health(BaseModel):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"]


class Readiness(BaseModel):
    """The process and its store answer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ready", "version": "0.1.0"}]}
    )

    status: Literal["ready"]
    version: str
