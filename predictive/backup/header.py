"""What a backup says of itself, first of all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

#: Format that this version writes; it reads no newer one.
FORMAT = 1


class SchemaRows(BaseModel):
    """What was saved of one schema of PostgreSQL.

    Parameters
    ----------
    tables
        The columns of each table, in the order of its rows' values.
    sequences
        The last number that each sequence gave out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tables: Mapping[str, tuple[str, ...]]
    sequences: Mapping[str, int]


class LakeVersions(BaseModel):
    """Versions of the lake's two tables."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    events_version: int
    attributes_version: int


class Header(BaseModel):
    """The first file of a backup, ``backup.json``.

    Parameters
    ----------
    format
        Version of the layout of backups.
    created_at
        When it was made.
    code_version
        Version of predictive that made it.
    database
        Where the workspace kept its store.
    revision
        Revision of the store's tables.
    mlflow_elsewhere
        MLflow's runs are kept by a server or database that is not the workspace's own.
    mlflow_revision
        Revision of MLflow's tables in PostgreSQL, when it has any there.
    rows
        What was saved of each schema of PostgreSQL.
    lake
        Versions of the lake.
    predictions, models, runs
        How many there are; of the runs, those whose scores are archived.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    created_at: datetime
    code_version: str
    database: Literal["sqlite", "postgresql"]
    revision: str
    mlflow_elsewhere: bool
    mlflow_revision: str | None = None
    rows: Mapping[str, SchemaRows] = {}
    lake: LakeVersions
    predictions: int
    models: int
    runs: int

    def report(self) -> dict[str, Any]:
        """What people are told of it."""
        told = {"created_at", "code_version", "database", "lake", "predictions", "models", "runs"}
        document = self.model_dump(mode="json", include=told)
        return document | {"mlflow": "elsewhere" if self.mlflow_elsewhere else "included"}
