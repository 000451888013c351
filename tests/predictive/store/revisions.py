"""What stores of every released revision held: at least a row in each of their tables.

Written in the words of that revision, never through today's tables: a column that is renamed
tomorrow must still be found in a store of yesterday. A new revision adds rows for what it adds.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Held(NamedTuple):
    """A row, and the revisions in which its table looked so; None: to this day."""

    table: str
    since: str
    until: str | None
    row: dict[str, Any]


_JOB = {
    "prediction_id": 1,
    "kind": "build",
    "state": "succeeded",
    "params": {"seed": 3},
    "result": {"train": {}},
    "cancel_requested": False,
    "created_at": 10,
    "started_at": 10,
    "updated_at": 11,
    "finished_at": 11,
}
_MODEL = {
    "prediction_id": 1,
    "version": 1,
    "definition_version": 1,
    "as_of": 5,
    "seed": 0,
    "data_version": "1",
    "code_version": "c",
    "base_rate": 0.5,
    "report": {"quality": {"value": 41.5}},
    "folder": "f",
    "created_at": 7,
}
_RUN = {
    "run_number": 1,
    "run_id": "r1",
    "prediction_id": 1,
    "model_version": 1,
    "as_of": 20,
    "matures_at": 40,
    "state": "published",
    "users": 1,
    "medium_from_hundredths": 5000,
    "high_from_hundredths": 7500,
    "histogram": b"\x00\xff",
    "started_at": 20,
    "finished_at": 21,
    "published_at": 21,
}

HELD = [
    Held(
        "predictions",
        "0001",
        None,
        {
            "id": 1,
            "name": "trained",
            "kind": "churn",
            "state": "active",
            "definition_version": 1,
            "champion_version": 1,
            "current_run_number": 1,
            "current_as_of": 20,
            "created_at": 10,
            "updated_at": 10,
        },
    ),
    Held(
        "definitions",
        "0001",
        None,
        {
            "prediction_id": 1,
            "version": 1,
            "yaml": "name: trained\n# ü",
            "window_microseconds": 1000,
            "created_at": 10,
        },
    ),
    Held("models", "0001", "0001", _MODEL),
    Held(
        "models",
        "0002",
        None,
        _MODEL | {"job_id": "b1", "recipe": {"name": "own", "version": 2}, "promoted_at": 8},
    ),
    Held("runs", "0001", "0001", _RUN),
    Held("runs", "0002", None, _RUN | {"job_id": "b1", "profile": {"features": {}}}),
    Held(
        "scores",
        "0001",
        None,
        {"run_number": 1, "user_id": "anna", "probability": 0.5, "score_hundredths": 5000},
    ),
    Held(
        "evaluations",
        "0001",
        None,
        {"id": 1, "run_number": 1, "report": {"actual": {}}, "created_at": 50},
    ),
    Held("builds", "0001", "0001", {"id": "b1"} | _JOB),
    Held("jobs", "0002", None, {"id": "b1", "requested_by": "schedule", "key": "k"} | _JOB),
    Held(
        "keys",
        "0001",
        None,
        {
            "id": "key1",
            "name": "engine",
            "secret_sha256": "0" * 64,
            "scopes": ["read"],
            "created_at": 1,
        },
    ),
    Held("tombstones", "0001", None, {"user_id": "gone", "deleted_at": 9, "permanent": True}),
    Held(
        "job_log",
        "0002",
        None,
        {"job_id": "b1", "number": 1, "at": 10, "level": "info", "message": "Done."},
    ),
    Held(
        "history",
        "0002",
        None,
        {
            "id": 1,
            "prediction": "trained",
            "at": 10,
            "kind": "created",
            "changed_by": "command line",
            "after": {"state": "draft"},
            "note": "",
        },
    ),
    Held(
        "alerts",
        "0002",
        None,
        {
            "id": 1,
            "prediction_id": 1,
            "kind": "quality_fell",
            "subject": "",
            "open_key": "1:quality_fell:",
            "severity": "warning",
            "message": "It fell.",
            "details": {"z": 4.0},
            "opened_at": 60,
            "last_seen_at": 61,
            "times_seen": 2,
        },
    ),
    Held(
        "notifications",
        "0002",
        None,
        {
            "id": 1,
            "alert_id": 1,
            "event": "opened",
            "alert": {"id": 1},
            "delivered_to": ["on-call"],
            "attempts": 1,
            "next_attempt_at": 70,
            "created_at": 60,
        },
    ),
    Held(
        "imports",
        "0002",
        None,
        {"id": 1, "import_id": "i1", "kind": "events", "report": {"imported": 1}, "at": 5},
    ),
    Held(
        "checks",
        "0002",
        None,
        {"id": 1, "prediction_id": 1, "as_of": 20, "report": {}, "at": 21},
    ),
    Held(
        "sends",
        "0002",
        None,
        {
            "send_number": 1,
            "send_id": "s1",
            "prediction_id": 1,
            "run_number": 1,
            "sent_at": 22,
            "holdout_share": 0.1,
            "treated": 1,
            "held_out": 1,
            "created_at": 23,
        },
    ),
    Held("send_members", "0002", None, {"send_number": 1, "user_id": "anna", "treated": True}),
    Held(
        "segments",
        "0003",
        None,
        {
            "id": "g1",
            "name": "lapsing",
            "version": 1,
            "document": {"name": "lapsing"},
            "created_at": 80,
            "updated_at": 80,
            "created_by": "key key1",
        },
    ),
    Held(
        "segment_snapshots",
        "0003",
        None,
        {
            "number": 1,
            "snapshot_id": "n1",
            "segment_id": "g1",
            "version": 1,
            "key": "k",
            "as_of": 20,
            "taken_at": 81,
            "runs": {"trained": "r1"},
            "users": 1,
        },
    ),
    Held(
        "audit",
        "0003",
        None,
        {
            "id": 1,
            "at": 82,
            "key_id": "key1",
            "action": "POST /v1/segments",
            "target": "lapsing",
            "status": 201,
        },
    ),
    Held(
        "idempotency",
        "0003",
        None,
        {
            "key_id": "key1",
            "idempotency_key": "once",
            "request_sha256": "1" * 64,
            "status": 201,
            "headers": [["content-type", "application/json"]],
            "body": b"{}\x00",
            "created_at": 82,
        },
    ),
    Held(
        "sessions",
        "0003",
        None,
        {
            "secret_sha256": "2" * 64,
            "key_id": "key1",
            "created_at": 83,
            "expires_at": 99,
            "last_used_at": 84,
        },
    ),
    Held(
        "callbacks",
        "0004",
        None,
        {
            "id": 1,
            "job_id": "b1",
            "url": "https://engine.example/done",
            "attempts": 0,
            "next_attempt_at": 12,
        },
    ),
]


def held_at(revision: str) -> list[Held]:
    """The rows of a store of that revision, what others point to first."""
    return [
        held
        for held in HELD
        if held.since <= revision and (held.until is None or revision <= held.until)
    ]
