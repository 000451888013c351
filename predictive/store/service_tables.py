"""Tables of the service: segments with their members, callbacks, and who wrote what."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from predictive.store.moments import Moment
from predictive.store.schema import Number, metadata
from predictive.store.texts import Name

segments = Table(
    "segments",
    metadata,
    Column("id", Name, primary_key=True),
    Column("name", Name, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
)

segment_snapshots = Table(
    "segment_snapshots",
    metadata,
    Column("number", Number, primary_key=True),
    Column("snapshot_id", Name, nullable=False, unique=True),
    Column("segment_id", Name, ForeignKey("segments.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    # What the members depend on: definition, data and runs. The same key, the same members.
    Column("key", Text, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("runs", JSON, nullable=False),
    Column("users", BigInteger, nullable=False),
    Index("ix_segment_snapshots_segment_id", "segment_id", "number"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Number, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("key_id", Name, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Index("ix_audit_key_id", "key_id", "id"),
    sqlite_autoincrement=True,
)

# Not among the parameters of the job, which its readers see: an address may hold a secret.
callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Number, primary_key=True),
    Column("job_id", Name, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # Null while the job is not over, and once it was delivered or given up.
    Column("next_attempt_at", Moment, index=True),
    Column("delivered_at", Moment),
    Column("error", Text),
    # An id is never used again: it stands in messages that were sent.
    sqlite_autoincrement=True,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key_id", Name, primary_key=True),
    Column("idempotency_key", Name, primary_key=True),
    Column("request_sha256", Text, nullable=False),
    # Null while the first request is still being answered.
    Column("status", Integer),
    Column("headers", JSON),
    Column("body", LargeBinary),
    Column("created_at", Moment, nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("secret_sha256", Name, primary_key=True),
    Column("key_id", Name, ForeignKey("keys.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
)
