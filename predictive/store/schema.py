"""What all tables of the store share: their revision, naming and kinds of column."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData

#: Newest migration, known here so that opening a store needs no Alembic.
REVISION = "0004"

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
Number = BigInteger().with_variant(Integer(), "sqlite")


def prediction_id(*, primary_key: bool = False, nullable: bool = False) -> Column[int]:
    """A column that names a prediction and goes with it."""
    target = ForeignKey("predictions.id", ondelete="CASCADE")
    return Column("prediction_id", Number, target, primary_key=primary_key, nullable=nullable)
