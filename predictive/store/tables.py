"""The store's tables, the same on SQLite and PostgreSQL.

::

    predictions ─┬─ definitions      one row a version of the definition
                 ├─ models           one row a trained version
                 ├─ runs ─┬─ scores  one row a user and run, written in bulk
                 │        └─ evaluations
                 └─ builds           jobs and how far they are
    keys                             API keys, hashed
    tombstones                       deleted users

A change here needs a migration in ``migrations/versions``; a test compares the two.
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
    MetaData,
    SmallInteger,
    Table,
    Text,
)

from predictive.store.moments import Moment
from predictive.store.texts import Name

#: Newest migration, known here so that opening a store needs no Alembic.
REVISION = "0001"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite counts up only a primary key that is exactly INTEGER.
_Number = BigInteger().with_variant(Integer(), "sqlite")


def _prediction_id(*, primary_key: bool = False) -> Column[int]:
    target = ForeignKey("predictions.id", ondelete="CASCADE")
    return Column("prediction_id", _Number, target, primary_key=primary_key, nullable=False)


predictions = Table(
    "predictions",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("name", Name, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("definition_version", Integer, nullable=False),
    Column("champion_version", Integer),
    Column("challenger_version", Integer),
    Column("current_run_number", _Number),
    Column("current_as_of", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    CheckConstraint("state IN ('draft', 'preview', 'active', 'archived')", name="state"),
)

definitions = Table(
    "definitions",
    metadata,
    _prediction_id(primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("yaml", Text, nullable=False),
    Column("window_microseconds", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
)

models = Table(
    "models",
    metadata,
    _prediction_id(primary_key=True),
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
    ForeignKeyConstraint(
        ["prediction_id", "definition_version"],
        ["definitions.prediction_id", "definitions.version"],
        ondelete="CASCADE",
    ),
)

runs = Table(
    "runs",
    metadata,
    # Rows of scores carry this number: 32 characters in each would double their size.
    Column("run_number", _Number, primary_key=True),
    Column("run_id", Name, nullable=False, unique=True),
    _prediction_id(),
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
    ForeignKeyConstraint(
        ["prediction_id", "model_version"],
        ["models.prediction_id", "models.version"],
        ondelete="CASCADE",
    ),
    CheckConstraint(
        "state IN ('writing', 'finished', 'published', 'superseded', 'failed')", name="state"
    ),
    Index("ix_runs_prediction_id_as_of", "prediction_id", "as_of"),
    # A number is never used again: a straggler must not write into another run.
    sqlite_autoincrement=True,
)

# No foreign key: checking one for each row halves the speed of COPY. Rows are written and
# deleted only while their run's row is locked.
scores = Table(
    "scores",
    metadata,
    Column("run_number", _Number, primary_key=True, autoincrement=False),
    Column("user_id", Name, primary_key=True),
    Column("probability", Double, nullable=False),
    Column("score_hundredths", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_scores_by_score", scores.c.run_number, scores.c.score_hundredths.desc(), scores.c.user_id)

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", _Number, primary_key=True),
    Column(
        "run_number",
        _Number,
        ForeignKey("runs.run_number", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("report", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
)

builds = Table(
    "builds",
    metadata,
    Column("id", Name, primary_key=True),
    _prediction_id(),
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
    CheckConstraint(
        "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="state"
    ),
    Index("ix_builds_prediction_id_created_at", "prediction_id", "created_at"),
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
