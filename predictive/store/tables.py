"""The store's tables, the same on SQLite and PostgreSQL.

::

    predictions ─┬─ definitions      one row a version of the definition
                 ├─ models           one row a trained version
                 ├─ runs ─┬─ scores  one row a user and run, written in bulk
                 │        ├─ evaluations
                 │        └─ sends ── send_members
                 ├─ jobs ── job_log  how far they are and what they said
                 ├─ checks
                 └─ alerts ── notifications
    history                          what changed, when and by whom
    imports                          what came in
    keys                             API keys, hashed
    tombstones                       deleted users

Alerts, checks, imports and sends stand in `watch_tables`. A change here needs a migration in
``migrations/versions``; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)

from predictive.store.moments import Moment
from predictive.store.schema import Number, metadata, prediction_id
from predictive.store.texts import Name

predictions = Table(
    "predictions",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", Name, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("definition_version", Integer, nullable=False),
    Column("champion_version", Integer),
    Column("challenger_version", Integer),
    Column("current_run_number", Number),
    Column("current_as_of", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    CheckConstraint("state IN ('draft', 'preview', 'active', 'archived')", name="state"),
)

definitions = Table(
    "definitions",
    metadata,
    prediction_id(primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("yaml", Text, nullable=False),
    Column("window_microseconds", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
)

models = Table(
    "models",
    metadata,
    prediction_id(primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("definition_version", Integer, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("base_rate", Double, nullable=False),
    Column("report", JSON, nullable=False),
    Column("folder", Text, nullable=False),
    Column("mlflow_run_id", Text),
    Column("created_at", Moment, nullable=False),
    Column("job_id", Name),
    Column("recipe", JSON),
    Column("promoted_at", Moment),
    ForeignKeyConstraint(
        ["prediction_id", "definition_version"],
        ["definitions.prediction_id", "definitions.version"],
        ondelete="CASCADE",
    ),
    # A training step that is run again finds what it registered before.
    Index("ix_models_prediction_id_job_id", "prediction_id", "job_id", unique=True),
)

runs = Table(
    "runs",
    metadata,
    # Rows of scores carry this number: 32 characters in each would double their size.
    Column("run_number", Number, primary_key=True),
    Column("run_id", Name, nullable=False, unique=True),
    prediction_id(),
    Column("model_version", Integer, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("matures_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("users", BigInteger, nullable=False),
    Column("medium_from_hundredths", SmallInteger, nullable=False),
    Column("high_from_hundredths", SmallInteger, nullable=False),
    Column("data_version", Text),
    Column("code_version", Text),
    Column("archive", Text),
    Column("histogram", LargeBinary),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("published_at", Moment),
    Column("superseded_at", Moment),
    Column("scores_deleted_at", Moment),
    Column("job_id", Name),
    Column("profile", JSON),
    ForeignKeyConstraint(
        ["prediction_id", "model_version"],
        ["models.prediction_id", "models.version"],
        ondelete="CASCADE",
    ),
    CheckConstraint(
        "state IN ('writing', 'finished', 'published', 'superseded', 'failed')", name="state"
    ),
    Index("ix_runs_prediction_id_as_of", "prediction_id", "as_of"),
    Index("ix_runs_job_id", "job_id"),
    # A number is never used again: a straggler must not write into another run.
    sqlite_autoincrement=True,
)

# No foreign key: checking one for each row halves the speed of COPY. Rows are written and
# deleted only while their run's row is locked.
scores = Table(
    "scores",
    metadata,
    Column("run_number", Number, primary_key=True, autoincrement=False),
    Column("user_id", Name, primary_key=True),
    Column("probability", Double, nullable=False),
    Column("score_hundredths", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_scores_by_score", scores.c.run_number, scores.c.score_hundredths.desc(), scores.c.user_id)

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", Number, primary_key=True),
    Column(
        "run_number",
        Number,
        ForeignKey("runs.run_number", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("report", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Name, primary_key=True),
    prediction_id(nullable=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("params", JSON, nullable=False),
    Column("stage", Text),
    Column("share", Double),
    Column("seconds_left", Double),
    Column("result", JSON),
    Column("error", JSON),
    Column("cancel_requested", Boolean(create_constraint=False), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("updated_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("requested_by", Text, nullable=False),
    # Names the occasion: one job for it, however often it is asked for.
    Column("key", Name, unique=True),
    CheckConstraint(
        "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="state"
    ),
    Index("ix_jobs_prediction_id_created_at", "prediction_id", "created_at"),
    Index("ix_jobs_state", "state"),
)

job_log = Table(
    "job_log",
    metadata,
    Column("job_id", Name, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("level", Text, nullable=False),
    Column("message", Text, nullable=False),
)

# By name and without a foreign key: what was outlives what it was about.
history = Table(
    "history",
    metadata,
    Column("id", Number, primary_key=True),
    Column("prediction", Name, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("before", JSON),
    Column("after", JSON),
    Column("note", Text, nullable=False),
    Index("ix_history_prediction_id", "prediction", "id"),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Name, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("user_id", Name, primary_key=True),
    Column("deleted_at", Moment, nullable=False),
    Column("permanent", Boolean(create_constraint=False), nullable=False),
)
