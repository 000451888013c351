"""What the environment or a file may set; read once, at start, by whoever starts a process.

Nothing here is built at import: the command line, the service and the worker call
`load_settings` and hand the result on. The environment comes before the file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from predictive.errors import InvalidInput, nearest_hint

_PLACEHOLDERS = frozenset({"changeme", "change-me", "change_me", "placeholder", "<password>"})
_PREFIX = "PREDICTIVE_"
#: Names the settings file; the one setting that can not stand in it.
FILE_VARIABLE = f"{_PREFIX}CONFIG_FILE"


#: Settings that may hold a password: never shown, neither whole nor in an error.
SECRETS = frozenset({"database_url", "mlflow_tracking_uri"})


class Settings(BaseSettings):
    """Settings of one process, from ``PREDICTIVE_*`` environment variables or a TOML file.

    Parameters
    ----------
    config_file
        The TOML file with settings by these names (``PREDICTIVE_CONFIG_FILE``).
    workspace
        Folder of the workspace (``PREDICTIVE_WORKSPACE``).
    database_url
        A PostgreSQL URL; without one the databases are SQLite files in the workspace
        (``PREDICTIVE_DATABASE_URL``).
    mlflow_tracking_uri
        An MLflow server or database; without one it stands beside the other databases
        (``PREDICTIVE_MLFLOW_TRACKING_URI`` or ``MLFLOW_TRACKING_URI``).
    threads
        Snapshots that a backtest fits side by side, and threads of the deployed model's fit
        (``PREDICTIVE_THREADS``).
    host, port
        Address on which the service listens (``PREDICTIVE_HOST``, ``PREDICTIVE_PORT``).
    log_level
        Least severe level that is logged (``PREDICTIVE_LOG_LEVEL``).
    metrics
        Whether ``/metrics`` needs a key with the scope read, or is open to everybody who
        reaches the port (``PREDICTIVE_METRICS``).
    min_free_disk_mb
        With less room where the workspace is, in megabytes, the service is not ready
        (``PREDICTIVE_MIN_FREE_DISK_MB``).
    drain_seconds
        How long the service, told to end, still takes requests while it says that it is not
        ready, in seconds (``PREDICTIVE_DRAIN_SECONDS``).
    shutdown_seconds
        How long requests under way and the worker's running step then have to finish, in
        seconds (``PREDICTIVE_SHUTDOWN_SECONDS``).
    rate_limit_read, rate_limit_simulate, rate_limit_events, rate_limit_manage
        Requests a minute that one key may make of one process, by the scope that they need;
        ``manage`` is for ``admin`` too; 0 is no limit (``PREDICTIVE_RATE_LIMIT_READ`` …).
    rate_limit_wrong_keys
        Requests a minute with wrong keys from one address; 0 is no limit
        (``PREDICTIVE_RATE_LIMIT_WRONG_KEYS``).
    audit_days
        Days for which the audit log is kept; 0 is for ever (``PREDICTIVE_AUDIT_DAYS``).
    job_days
        Days for which jobs that are over, reports of checks and rejected rows of imports are
        kept; 0 is for ever (``PREDICTIVE_JOB_DAYS``).
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    config_file: Path | None = None
    workspace: Path | None = None
    database_url: str | None = Field(default=None, repr=False)
    mlflow_tracking_uri: str | None = Field(
        default=None,
        repr=False,
        validation_alias=AliasChoices("PREDICTIVE_MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_URI"),
    )
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics: Literal["key", "open"] = "key"
    min_free_disk_mb: Annotated[int, Field(ge=0, le=1_000_000_000)] = 512
    drain_seconds: Annotated[float, Field(ge=0, le=600)] = 1.0
    shutdown_seconds: Annotated[float, Field(ge=1, le=3600)] = 30.0
    rate_limit_read: Annotated[int, Field(ge=0, le=100_000_000)] = 300_000
    rate_limit_simulate: Annotated[int, Field(ge=0, le=100_000_000)] = 60_000
    rate_limit_events: Annotated[int, Field(ge=0, le=100_000_000)] = 60_000
    rate_limit_manage: Annotated[int, Field(ge=0, le=100_000_000)] = 6_000
    rate_limit_wrong_keys: Annotated[int, Field(ge=0, le=100_000_000)] = 60
    audit_days: Annotated[int, Field(ge=0, le=36_500)] = 400
    job_days: Annotated[int, Field(ge=0, le=36_500)] = 90

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What was given, then the environment, then the file."""
        file = InitSettingsSource(settings_cls, _from_file())
        return init_settings, env_settings, file

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        return None if value is None else postgresql_url(value)


def load_settings(**overrides: Any) -> Settings:
    """Settings of environment and file, with ``overrides`` on top; None overrides nothing.

    Raises
    ------
    InvalidInput
        A variable or the file holds a value that is not allowed.

    Examples
    --------
    >>> load_settings(threads=2).threads
    2
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = _setting_of(str(first["loc"][0]))
        field = f"{_PREFIX}{name.upper()}" if name in given else _said_as(name)
        # A URL holds a password, which no message may show.
        value = "(hidden)" if name in SECRETS else first["input"]
        allowed = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise InvalidInput(field, value, allowed[:1].lower() + allowed[1:]) from None


def shown_settings(settings: Settings, options: Collection[str] = ()) -> list[dict[str, Any]]:
    """Every setting as it may be shown: ``name``, ``value`` (JSON-ready), and ``from``.

    Parameters
    ----------
    options
        Names of the settings that options of a command gave.
    """
    return [
        {
            "name": name,
            "value": _shown_value(name, getattr(settings, name)),
            "from": "option" if name in options else told_by(name),
        }
        for name in Settings.model_fields
    ]


def _shown_value(name: str, value: Any) -> Any:
    if value is not None and name in SECRETS:
        return "(hidden)"
    return str(value) if isinstance(value, Path) else value


def told_by(name: str) -> Literal["environment", "file", "default"]:
    """Where the value of a setting comes from, when no option of a command gives it."""
    if any(os.environ.get(variable) for variable in _variables(name)):
        return "environment"
    return "file" if name in _from_file() else "default"


def _from_file() -> dict[str, Any]:
    """What the settings file says, if there is one."""
    path = os.environ.get(FILE_VARIABLE)
    if not path:
        return {}
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(FILE_VARIABLE, path, f"a file of valid TOML ({error})") from None
    except OSError as error:
        raise InvalidInput(
            FILE_VARIABLE, path, f"a file that can be read ({error.strerror})"
        ) from None
    _check_names(content, path)
    return content


def _check_names(content: Mapping[str, Any], path: str) -> None:
    allowed = [name for name in Settings.model_fields if name != "config_file"]
    for name in content:
        if name not in allowed:
            raise InvalidInput(
                f"{path}: {name}",
                "(hidden)" if "://" in str(content[name]) else content[name],
                "the settings " + ", ".join(allowed),
                nearest_hint(name, allowed),
            )


def _variables(name: str) -> list[str]:
    """The environment's variables of a setting."""
    alias = Settings.model_fields[name].validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [f"{_PREFIX}{name.upper()}"]


def _setting_of(place: str) -> str:
    """The setting that an error is about, which it may name by a variable."""
    return next((name for name in Settings.model_fields if place in _variables(name)), place)


def _said_as(name: str) -> str:
    """How a setting is called where its value came from."""
    if name in Settings.model_fields and told_by(name) == "file":
        return f"{os.environ[FILE_VARIABLE]}: {name}"
    variables = _variables(name)
    return next((each for each in variables if os.environ.get(each)), variables[0])


def postgresql_url(url: str) -> str:
    """The URL with the driver that this project uses.

    Raises
    ------
    ValueError
        Not a PostgreSQL URL, or its password is a placeholder.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError("a PostgreSQL URL such as postgresql://user:password@host/database")
    credentials = rest.partition("/")[0].rpartition("@")[0]
    if credentials.partition(":")[2].lower() in _PLACEHOLDERS:
        raise ValueError("a URL with a real password, not a placeholder")
    return f"postgresql+psycopg://{rest}"
