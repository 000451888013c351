"""Jobs of every kind, history, alerts, checks, imports and sends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_KEPT = (
    "id, prediction_id, kind, state, params, stage, share, seconds_left, result, error,"
    " cancel_requested, created_at, started_at, updated_at, finished_at"
)


def upgrade() -> None:
    """Add the tables; builds become jobs, and what scored already is active."""
    _jobs()
    _columns()
    _history()
    _alerts()
    _checks_and_imports()
    _sends()
    op.execute("UPDATE predictions SET state = 'active' WHERE champion_version IS NOT NULL")


def downgrade() -> None:
    """Back to builds; history, alerts, checks, imports and sends are lost."""
    for table in ("send_members", "sends", "imports", "checks", "notifications", "alerts"):
        op.drop_table(table)
    op.drop_table("history")
    op.drop_index("ix_runs_job_id", "runs")
    for column in ("profile", "job_id"):
        op.drop_column("runs", column)
    op.drop_index("ix_models_prediction_id_job_id", "models")
    for column in ("promoted_at", "recipe", "job_id"):
        op.drop_column("models", column)
    _builds()


def _jobs() -> None:
    op.create_table(
        "jobs",
        *_job_columns("jobs", nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("key", _NAME, nullable=True),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    op.create_index("ix_jobs_prediction_id_created_at", "jobs", ["prediction_id", "created_at"])
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.execute(f"INSERT INTO jobs ({_KEPT}, requested_by) SELECT {_KEPT}, '' FROM builds")
    op.drop_table("builds")
    op.create_table(
        "job_log",
        sa.Column("job_id", _NAME, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_log_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_job_log")),
    )


def _builds() -> None:
    op.drop_table("job_log")
    op.create_table("builds", *_job_columns("builds", nullable=False))
    op.create_index("ix_builds_prediction_id_created_at", "builds", ["prediction_id", "created_at"])
    op.execute(
        f"INSERT INTO builds ({_KEPT}) SELECT {_KEPT} FROM jobs"
        " WHERE kind = 'build' AND prediction_id IS NOT NULL"
    )
    op.drop_table("jobs")


def _job_columns(table: str, *, nullable: bool) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", _NAME, nullable=False),
        sa.Column("prediction_id", _NUMBER, nullable=nullable),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("seconds_left", sa.Double(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')",
            name=op.f(f"ck_{table}_state"),
        ),
        _prediction(table),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _prediction(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["prediction_id"],
        ["predictions.id"],
        name=op.f(f"fk_{table}_prediction_id"),
        ondelete="CASCADE",
    )


def _columns() -> None:
    # Columns are added, never a table rebuilt: dropping the old one would take what hangs on it.
    op.add_column("models", sa.Column("job_id", _NAME, nullable=True))
    op.add_column("models", sa.Column("recipe", sa.JSON(), nullable=True))
    op.add_column("models", sa.Column("promoted_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_models_prediction_id_job_id", "models", ["prediction_id", "job_id"], unique=True
    )
    # Until now there was one recipe, and every version became champion when it was trained.
    op.execute(
        sa.text("UPDATE models SET promoted_at = created_at, recipe = :recipe").bindparams(
            sa.bindparam("recipe", {"name": "standard", "version": 1}, type_=sa.JSON())
        )
    )
    op.add_column("runs", sa.Column("job_id", _NAME, nullable=True))
    op.add_column("runs", sa.Column("profile", sa.JSON(), nullable=True))
    op.create_index("ix_runs_job_id", "runs", ["job_id"])


def _history() -> None:
    op.create_table(
        "history",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("prediction", _NAME, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_prediction_id", "history", ["prediction", "id"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("prediction_id", _NUMBER, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("open_key", _NAME, nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.CheckConstraint("severity IN ('warning', 'critical')", name=op.f("ck_alerts_severity")),
        _prediction("alerts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("open_key", name=op.f("uq_alerts_open_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alerts_prediction_id", "alerts", ["prediction_id"])
    op.create_table(
        "notifications",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("alert_id", _NUMBER, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("alert", sa.JSON(), nullable=False),
        sa.Column("delivered_to", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("event IN ('opened', 'resolved')", name=op.f("ck_notifications_event")),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_notifications_alert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("alert_id", "event", name=op.f("uq_notifications_alert_id_event")),
    )
    op.create_index("ix_notifications_next_attempt_at", "notifications", ["next_attempt_at"])


def _checks_and_imports() -> None:
    op.create_table(
        "checks",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("prediction_id", _NUMBER, nullable=True),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _prediction("checks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
    )
    op.create_index("ix_checks_prediction_id", "checks", ["prediction_id", "id"])
    op.create_table(
        "imports",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("import_id", _NAME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("import_id", name=op.f("uq_imports_import_id")),
    )


def _sends() -> None:
    op.create_table(
        "sends",
        sa.Column("send_number", _NUMBER, nullable=False),
        sa.Column("send_id", _NAME, nullable=False),
        sa.Column("prediction_id", _NUMBER, nullable=False),
        sa.Column("run_number", _NUMBER, nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("holdout_share", sa.Double(), nullable=False),
        sa.Column("treated", sa.BigInteger(), nullable=False),
        sa.Column("held_out", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _prediction("sends"),
        sa.ForeignKeyConstraint(
            ["run_number"],
            ["runs.run_number"],
            name=op.f("fk_sends_run_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("send_number", name=op.f("pk_sends")),
        sa.UniqueConstraint("send_id", name=op.f("uq_sends_send_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sends_prediction_id_sent_at", "sends", ["prediction_id", "sent_at"])
    op.create_index("ix_sends_run_number", "sends", ["run_number"])
    op.create_table(
        "send_members",
        sa.Column("send_number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("user_id", _NAME, nullable=False),
        sa.Column("treated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["send_number"],
            ["sends.send_number"],
            name=op.f("fk_send_members_send_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("send_number", "user_id", name=op.f("pk_send_members")),
        sqlite_with_rowid=False,
    )
