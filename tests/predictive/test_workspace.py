from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from predictive import workspace as workspace_module
from predictive.errors import Conflict, InvalidInput
from predictive.settings import Settings
from predictive.workspace import Workspace


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORKSPACE", "DATABASE_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(f"PREDICTIVE_{name}", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my workspace ü"
    Workspace.create(folder, timezone="Europe/London").close()
    return folder


def rewrite(folder: Path, text: str) -> None:
    (folder / "workspace.toml").write_text(text, encoding="utf-8")


def test_what_was_created_can_be_opened(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        assert workspace.config.timezone == "Europe/London"
        assert workspace.config.format_version == 1
        assert workspace.lake.buckets == workspace.config.buckets == 16
        assert workspace.store.predictions.list() == []
        assert workspace.models_path.is_dir()
        assert workspace.rejects_path.is_dir()
        assert workspace.mlflow_tracking_uri == f"sqlite:///{folder / 'mlflow.db'}"
        assert workspace.jobs_url == f"sqlite:///{folder / 'jobs.db'}"


@pytest.mark.parametrize("name", ["a b", "a#b", "a'b", "a;b", "ü"])
def test_any_folder_name_holds_its_own_databases(tmp_path: Path, name: str) -> None:
    Workspace.create(tmp_path / name).close()
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    with Workspace.open(tmp_path / name) as workspace:
        workspace.store.check()
        assert (tmp_path / name / "meta.db").is_file()
        engine = create_engine(workspace.mlflow_tracking_uri)
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x)")
        engine.dispose()
        assert (tmp_path / name / "mlflow.db").is_file()


@pytest.mark.parametrize("name", ["a?b", "a%20b"])
def test_a_path_that_no_url_can_hold_is_refused(tmp_path: Path, name: str) -> None:
    for use in (Workspace.create, Workspace.open):
        with pytest.raises(InvalidInput, match="without the characters"):
            use(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_buckets_are_kept(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w", buckets=4).close()
    assert Workspace.open(tmp_path / "w").config.buckets == 4


def test_the_environment_names_the_workspace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDICTIVE_WORKSPACE", str(folder))
    assert Workspace.open().path == folder
    monkeypatch.delenv("PREDICTIVE_WORKSPACE")
    for path in (None, ""):
        with pytest.raises(InvalidInput, match="set PREDICTIVE_WORKSPACE"):
            Workspace.open(path)


def test_opening_reads_no_more_than_its_file(folder: Path) -> None:
    code = (
        "import sys; from predictive.workspace import Workspace; Workspace.open(sys.argv[1]);"
        "print([m for m in ('sqlalchemy', 'pyarrow', 'duckdb', 'mlflow') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, check=True, text=True
    )
    assert done.stdout == "[]\n"


def test_a_folder_that_is_missing_or_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such folder"):
        Workspace.open(tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match=r"no workspace\.toml"):
        Workspace.open(tmp_path)


def test_a_workspace_is_not_made_twice(folder: Path) -> None:
    before = (folder / "workspace.toml").read_bytes()
    with pytest.raises(Conflict, match="already"):
        Workspace.create(folder)
    assert (folder / "workspace.toml").read_bytes() == before


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(InvalidInput, match="other files"):
        Workspace.create(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(InvalidInput, match="not a file"):
        Workspace.create(tmp_path / "thesis.txt")


def test_a_wrong_time_zone_makes_nothing(tmp_path: Path) -> None:
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(InvalidInput, match="IANA time zone"):
            Workspace.create(tmp_path / "w", timezone=zone)
    assert not (tmp_path / "w").exists()


def test_a_creation_cut_short_is_no_workspace_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("cut short")

    with monkeypatch.context() as patch:
        patch.setattr(workspace_module, "_write_whole", fail)
        with pytest.raises(RuntimeError):
            Workspace.create(tmp_path / "w")
    with pytest.raises(InvalidInput):
        Workspace.open(tmp_path / "w")
    (tmp_path / "w" / ".workspace-leftover").touch()
    Workspace.create(tmp_path / "w").close()
    Workspace.open(tmp_path / "w")


def test_a_workspace_of_a_newer_version_is_refused(folder: Path) -> None:
    rewrite(folder, 'format_version = 2\nsomething_new = "x"\n')
    with pytest.raises(InvalidInput, match="upgrade predictive") as refusal:
        Workspace.open(folder)
    assert refusal.value.field == "workspace.toml format_version"


@pytest.mark.parametrize(
    ("text", "field", "part"),
    [
        ("", "workspace.toml format_version", "required"),
        ("format_version = ", "workspace.toml", "valid TOML"),
        ('format_version = "1"x', "workspace.toml", "valid TOML"),
        ("format_version = 0", "workspace.toml format_version", "greater"),
        ("format_version = 1\nbuckets = 0", "workspace.toml buckets", "greater"),
        ("format_version = 1\nbukcets = 8", "workspace.toml bukcets", "Did you mean 'buckets'"),
        ('format_version = 1\ntimezone = "X"', "workspace.toml timezone", "IANA time zone"),
        (
            'format_version = 1\n[source]\nurl = "duckdb://x"\n[source.events]\n'
            'table = "t"\nuser = "u"\ntime = "s"\nevnt = "e"',
            "workspace.toml source.events.evnt",
            "Did you mean 'event'",
        ),
        (
            'format_version = 1\n[source]\nurl = "duckdb://x"\n[source.events]\n'
            'table = "t"\nuser = "u"\ntime = "s"',
            "workspace.toml source.events",
            "event_name",
        ),
        ("format_version = 1\n[exclude]\nusers = 7", "workspace.toml exclude.users", "tuple"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(folder: Path, text: str, field: str, part: str) -> None:
    rewrite(folder, text)
    with pytest.raises(InvalidInput) as refusal:
        Workspace.open(folder)
    assert refusal.value.field == field
    assert part in str(refusal.value)


def test_a_file_of_another_encoding_is_refused(folder: Path) -> None:
    (folder / "workspace.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="valid TOML"):
        Workspace.open(folder)


def test_a_source_and_users_to_leave_out_are_read(folder: Path) -> None:
    rewrite(
        folder,
        """
        format_version = 1
        [source]
        url = "postgres://reader:${PASSWORD}@host/shop"
        [source.events]
        table = "orders"
        user = "customer"
        time = "placed_at"
        event_name = "purchase"
        properties = ["channel"]
        [source.attributes]
        table = "customers"
        user = "id"
        [exclude]
        users = ["tester"]
        prefixes = ["bot-"]
        """,
    )
    config = Workspace.open(folder).config
    assert config.source is not None
    assert config.source.events.properties == ("channel",)
    assert config.source.attributes is not None
    assert config.source.attributes.columns == "all"
    assert config.exclude.users == ("tester",)
    assert config.exclude.prefixes == ("bot-",)
    assert "PASSWORD" not in repr(config)


def test_a_database_server_takes_all_databases(folder: Path) -> None:
    settings = Settings(database_url="postgresql://me:secret@host/suite")
    workspace = Workspace.open(folder, settings)
    assert workspace.store_url == "postgresql+psycopg://me:secret@host/suite"
    assert workspace.jobs_url == workspace.store_url
    assert workspace.mlflow_tracking_uri == (
        "postgresql+psycopg://me:secret@host/suite?options=-csearch_path%3Dmlflow"
    )
    assert "secret" not in repr(workspace)
    elsewhere = Settings(mlflow_tracking_uri="http://mlflow:5000")
    assert Workspace.open(folder, elsewhere).mlflow_tracking_uri == "http://mlflow:5000"


def test_a_closed_workspace_opens_its_store_again(folder: Path) -> None:
    workspace = Workspace.open(folder)
    first = workspace.store
    workspace.close()
    workspace.close()
    assert workspace.store is not first
    workspace.store.check()
    workspace.close()
