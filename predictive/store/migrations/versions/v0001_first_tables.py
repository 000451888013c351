"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create all tables."""
    _predictions()
    _definitions()
    _models()
    _runs()
    _scores()
    _evaluations()
    _builds()
    _keys()
    _tombstones()


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("champion_version", sa.Integer(), nullable=True),
        sa.Column("challenger_version", sa.Integer(), nullable=True),
        sa.Column("current_run_number", _NUMBER, nullable=True),
        sa.Column("current_as_of", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'preview', 'active', 'archived')", name=op.f("ck_predictions_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_predictions")),
        sa.UniqueConstraint("name", name=op.f("uq_predictions_name")),
    )


def _definitions() -> None:
    op.create_table(
        "definitions",
        sa.Column("prediction_id", _NUMBER, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("yaml", sa.Text(), nullable=False),
        sa.Column("window_microseconds", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prediction_id"],
            ["predictions.id"],
            name=op.f("fk_definitions_prediction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("prediction_id", "version", name=op.f("pk_definitions")),
    )


def _models() -> None:
    op.create_table(
        "models",
        sa.Column("prediction_id", _NUMBER, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("data_version", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("base_rate", sa.Double(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("mlflow_run_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prediction_id", "definition_version"],
            ["definitions.prediction_id", "definitions.version"],
            name=op.f("fk_models_prediction_id_definition_version"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["prediction_id"],
            ["predictions.id"],
            name=op.f("fk_models_prediction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("prediction_id", "version", name=op.f("pk_models")),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_number", _NUMBER, nullable=False),
        sa.Column("run_id", _NAME, nullable=False),
        sa.Column("prediction_id", _NUMBER, nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("matures_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.Column("medium_from_hundredths", sa.SmallInteger(), nullable=False),
        sa.Column("high_from_hundredths", sa.SmallInteger(), nullable=False),
        sa.Column("data_version", sa.Text(), nullable=True),
        sa.Column("code_version", sa.Text(), nullable=True),
        sa.Column("archive", sa.Text(), nullable=True),
        sa.Column("histogram", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("superseded_at", sa.BigInteger(), nullable=True),
        sa.Column("scores_deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('writing', 'finished', 'published', 'superseded', 'failed')",
            name=op.f("ck_runs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["prediction_id", "model_version"],
            ["models.prediction_id", "models.version"],
            name=op.f("fk_runs_prediction_id_model_version"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["prediction_id"],
            ["predictions.id"],
            name=op.f("fk_runs_prediction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_number", name=op.f("pk_runs")),
        sa.UniqueConstraint("run_id", name=op.f("uq_runs_run_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_runs_prediction_id_as_of", "runs", ["prediction_id", "as_of"], unique=False)


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("run_number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("user_id", _NAME, nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("score_hundredths", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_number", "user_id", name=op.f("pk_scores")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_scores_by_score",
        "scores",
        ["run_number", sa.literal_column("score_hundredths DESC"), "user_id"],
        unique=False,
    )


def _evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("run_number", _NUMBER, nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_number"],
            ["runs.run_number"],
            name=op.f("fk_evaluations_run_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    op.create_index(op.f("ix_evaluations_run_number"), "evaluations", ["run_number"], unique=False)


def _builds() -> None:
    op.create_table(
        "builds",
        sa.Column("id", _NAME, nullable=False),
        sa.Column("prediction_id", _NUMBER, nullable=False),
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
            name=op.f("ck_builds_state"),
        ),
        sa.ForeignKeyConstraint(
            ["prediction_id"],
            ["predictions.id"],
            name=op.f("fk_builds_prediction_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_builds")),
    )
    op.create_index(
        "ix_builds_prediction_id_created_at",
        "builds",
        ["prediction_id", "created_at"],
        unique=False,
    )


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", _NAME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
    )


def _tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("user_id", _NAME, nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_tombstones")),
    )
