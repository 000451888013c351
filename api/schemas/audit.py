"""The audit log."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.times import UtcMoment


class AuditEntry(BaseModel):
    """A change that was asked for, and how it ended."""

    id: int
    at: UtcMoment
    key_id: str = Field(description="Id of the API key, or `command line`.")
    action: str = Field(description="The method and route, or the command.")
    target: str = Field(description="What it was asked of; ids of users are left out.")
    status: int = Field(description="The answer's HTTP status, or the command's exit code.")


class AuditPage(Page):
    """Entries of the audit log, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entries": [
                        {
                            "id": 81,
                            "at": "2025-11-02T09:30:00Z",
                            "key_id": "3f9c2a71b04e",
                            "action": "POST /v1/predictions/{name}/state",
                            "target": "/v1/predictions/churn-28d/state",
                            "status": 200,
                        }
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )

    entries: list[AuditEntry]
