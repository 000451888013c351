"""What removing a user took away."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class UserDeleted(BaseModel):
    """How much of a user was removed, and where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "customer-17",
                    "events": 41,
                    "attributes": 3,
                    "scores": 2,
                    "archived_scores": 12,
                    "segments": 1,
                    "exports": 0,
                    "sends": 1,
                    "rejected_rows": 0,
                    "hidden": 0,
                }
            ]
        }
    )

    user_id: str
    events: int
    attributes: int
    scores: int = Field(description="In the runs that are still kept for look-ups.")
    archived_scores: int = Field(description="In the archives of all runs.")
    segments: int = Field(description="Snapshots of segments that held the user.")
    exports: int = Field(description="Files of members that did.")
    sends: int
    rejected_rows: int = Field(description="Rows that an import refused and that name the user.")
    hidden: int = Field(description="Events in tables of yours, hidden from now on.")
