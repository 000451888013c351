"""Tables of watching and sending: alerts and their notifications, checks, imports, sends."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from predictive.store.moments import Moment
from predictive.store.schema import Number, metadata, prediction_id
from predictive.store.texts import Name

alerts = Table(
    "alerts",
    metadata,
    Column("id", Number, primary_key=True),
    prediction_id(nullable=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    # Prediction, kind and subject while it is open, null afterwards: at most one is open.
    Column("open_key", Name, unique=True),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("times_seen", Integer, nullable=False),
    CheckConstraint("severity IN ('warning', 'critical')", name="severity"),
    Index("ix_alerts_prediction_id", "prediction_id"),
    # An id is never used again: it stands in messages that were sent.
    sqlite_autoincrement=True,
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", Number, primary_key=True),
    Column("alert_id", Number, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("event", Text, nullable=False),
    # The alert as it was when this happened.
    Column("alert", JSON, nullable=False),
    Column("delivered_to", JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    # Null once it was delivered or given up.
    Column("next_attempt_at", Moment, index=True),
    Column("delivered_at", Moment),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("event IN ('opened', 'resolved')", name="event"),
    UniqueConstraint("alert_id", "event"),
)

imports = Table(
    "imports",
    metadata,
    Column("id", Number, primary_key=True),
    Column("import_id", Name, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("report", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

checks = Table(
    "checks",
    metadata,
    Column("id", Number, primary_key=True),
    prediction_id(nullable=True),
    Column("as_of", Moment, nullable=False),
    Column("report", JSON, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_checks_prediction_id", "prediction_id", "id"),
)

sends = Table(
    "sends",
    metadata,
    # Rows of members carry this number, as those of scores do.
    Column("send_number", Number, primary_key=True),
    Column("send_id", Name, nullable=False, unique=True),
    prediction_id(),
    Column(
        "run_number",
        Number,
        ForeignKey("runs.run_number", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("sent_at", Moment, nullable=False),
    Column("holdout_share", Double, nullable=False),
    Column("treated", BigInteger, nullable=False),
    Column("held_out", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_sends_prediction_id_sent_at", "prediction_id", "sent_at"),
    sqlite_autoincrement=True,
)

send_members = Table(
    "send_members",
    metadata,
    Column(
        "send_number",
        Number,
        ForeignKey("sends.send_number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("user_id", Name, primary_key=True),
    Column("treated", Boolean(create_constraint=False), nullable=False),
    sqlite_with_rowid=False,
)
