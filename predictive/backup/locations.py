"""Where MLflow's files are, told anew when a workspace moves to another folder."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError

from predictive.errors import InvalidInput

#: Columns of MLflow's tables that hold whole addresses of files.
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def relocate(connection: Connection, artifacts: str, schema: str | None = None) -> None:
    """Let the addresses of a workspace's own files lead to where they are now.

    Wherever the workspace was: one that was moved by hand before is put right, too.

    Parameters
    ----------
    connection
        A connection to MLflow's database.
    artifacts
        ``file:`` address of the folder of the files.
    schema
        Schema of MLflow's tables, where there are schemas.

    Raises
    ------
    InvalidInput
        The new addresses are longer than MLflow allows.
    """
    prefix = f"{schema}." if schema else ""
    mark = artifacts[artifacts.rindex("/") :] + "/"
    for table, column in _ADDRESSES:
        known = connection.execute(
            text(f"SELECT DISTINCT {column} FROM {prefix}{table} WHERE {column} LIKE :own"),
            {"own": f"file:%{mark}%"},
        )
        changes = [
            {"before": address, "after": f"{artifacts}/{address.partition(mark)[2]}"}
            for address in known.scalars()
        ]
        if changes:
            change = f"UPDATE {prefix}{table} SET {column} = :after WHERE {column} = :before"
            _run(connection, change, changes)


def _run(connection: Connection, change: str, changes: list[dict[str, str]]) -> None:
    try:
        connection.execute(text(change), changes)
    except DataError as error:
        longest = max((each["after"] for each in changes), key=len)
        allowed = "a shorter path: MLflow keeps addresses of at most 200 characters"
        raise InvalidInput("workspace", longest, allowed) from error
