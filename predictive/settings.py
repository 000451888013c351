"""What the environment may set; read once, at start, by whoever starts a process.

Nothing here is built at import: the command line, the service and the worker call
`load_settings` and hand the result on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from predictive.errors import InvalidInput

_PLACEHOLDERS = frozenset({"changeme", "change-me", "change_me", "placeholder", "<password>"})


class Settings(BaseSettings):
    """Settings of one process, from ``PREDICTIVE_*`` environment variables.

    Parameters
    ----------
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
    """

    model_config = SettingsConfigDict(
        env_prefix="PREDICTIVE_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

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

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        return None if value is None else postgresql_url(value)


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment, with ``overrides`` on top; None overrides nothing.

    Raises
    ------
    InvalidInput
        A variable holds a value that is not allowed.

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
        name = str(first["loc"][0])
        field = name if name.isupper() else f"PREDICTIVE_{name.upper()}"
        # A URL holds a password, which no message may show.
        value = "(hidden)" if name == "database_url" else first["input"]
        allowed = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise InvalidInput(field, value, allowed[:1].lower() + allowed[1:]) from None


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
