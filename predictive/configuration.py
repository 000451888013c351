"""What ``workspace.toml`` says: the settled choices of one workspace."""

from __future__ import annotations

import json
import re
import zoneinfo
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from predictive.errors import InvalidInput, nearest_hint

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

#: Format that this version writes; it reads no newer one.
FORMAT_VERSION = 1
DEFAULT_BUCKETS = 16

#: Values that may hold a password.
_SECRET = frozenset({"url", "secret", "smtp"})


def _variable(text: str) -> str:
    if not re.fullmatch(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}", text):
        raise ValueError("a variable of the environment, such as ${ALERTS_SECRET}")
    return text


def _origin(text: str) -> str:
    if not re.fullmatch(r"https?://[^/?#@\s]+", text):
        raise ValueError("https:// and a host, with no path; http:// only where it must be")
    return text


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+", text):
        raise ValueError("one address such as name@example.com")
    return text


_Address = Annotated[str, AfterValidator(_address)]
#: A secret, by the name of the variable that holds it.
_Secret = Annotated[str, AfterValidator(_variable)]
_Origin = Annotated[str, AfterValidator(_origin)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EventsMapping(_Section):
    """Which columns of an existing table hold what an event has.

    Either ``event`` (a column of names) or ``event_name`` (one name for every row) is
    given. ``currency`` is a column or a three-letter code.
    """

    table: str
    user: str
    time: str
    event: str | None = None
    event_name: str | None = None
    id: str | None = None
    received_at: str | None = None
    amount: str | None = None
    quantity: str | None = None
    currency: str | None = None
    product: str | None = None
    order: str | None = None
    properties: tuple[str, ...] | Literal["all", "none"] = "none"

    @model_validator(mode="after")
    def _one_name(self) -> EventsMapping:
        if (self.event is None) == (self.event_name is None):
            raise ValueError("either event (a column) or event_name (one name for all rows)")
        return self


class AttributesMapping(_Section):
    """Which columns of an existing table, one row a user or a user and time, are attributes."""

    table: str
    user: str
    time: str | None = None
    columns: tuple[str, ...] | Literal["all"] = "all"


class SourceConfig(_Section):
    """Existing tables to be read instead of the lake.

    ``url`` is an Ibis connection URL; ``${NAME}`` in it is read from the environment, so
    that no password needs to stand in the file.
    """

    url: str = Field(repr=False)
    events: EventsMapping
    attributes: AttributesMapping | None = None


class ExcludeConfig(_Section):
    """Test users and bots: never counted, trained on or scored."""

    users: tuple[str, ...] = ()
    prefixes: tuple[Annotated[str, Field(min_length=1)], ...] = ()


class WebhookConfig(_Section):
    """An address that is told of alerts, signed as Standard Webhooks say.

    ``${NAME}`` in the address is read from the environment; the secret always is.
    """

    name: str
    url: str = Field(repr=False)
    secret: _Secret = Field(repr=False)

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", name):
            raise ValueError("up to 64 small letters, digits and hyphens")
        return name


class EmailConfig(_Section):
    """A mail server and the people to be told of alerts.

    ``${NAME}`` in the server's address is read from the environment.
    """

    smtp: str = Field(repr=False)
    sender: _Address = Field(alias="from")
    to: Annotated[tuple[_Address, ...], Field(min_length=1)]


class NotifyConfig(_Section):
    """Who is told of alerts besides those who ask."""

    webhooks: tuple[WebhookConfig, ...] = ()
    email: EmailConfig | None = None

    @field_validator("webhooks")
    @classmethod
    def _names_differ(cls, webhooks: tuple[WebhookConfig, ...]) -> tuple[WebhookConfig, ...]:
        if len({webhook.name for webhook in webhooks}) < len(webhooks):
            raise ValueError("webhooks whose names differ")
        return webhooks


class ExportsConfig(_Section):
    """Who may be told that an export is done, signed as Standard Webhooks say.

    Without a host nobody may: a caller must not choose what this machine connects to.
    """

    callbacks: tuple[_Origin, ...] = ()
    secret: _Secret | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _signed(self) -> ExportsConfig:
        if self.callbacks and self.secret is None:
            raise ValueError("a secret beside callbacks, such as ${EXPORTS_SECRET}")
        return self


class WorkspaceConfig(_Section):
    """The content of ``workspace.toml``.

    Parameters
    ----------
    format_version
        Version of the workspace's layout.
    timezone
        IANA name; governs hour and weekday features and schedules.
    buckets
        Partitions of the lake; fixed when the workspace is made.
    source
        Existing tables to read instead of the lake.
    exclude
        Users to leave out everywhere.
    notify
        Who is told of alerts.
    exports
        Who may be told that an export is done.
    """

    format_version: Annotated[int, Field(ge=1)]
    timezone: str = "UTC"
    buckets: Annotated[int, Field(ge=1, le=4096)] = DEFAULT_BUCKETS
    source: SourceConfig | None = None
    exclude: ExcludeConfig = ExcludeConfig()
    notify: NotifyConfig = NotifyConfig()
    exports: ExportsConfig = ExportsConfig()

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        # Keys such as "../x" are refused with ValueError, unknown ones with KeyError.
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("an IANA time zone such as UTC or Europe/London") from None
        return name


def read_config(content: dict[str, Any]) -> WorkspaceConfig:
    """The parsed TOML as a checked configuration.

    Raises
    ------
    InvalidInput
        A newer format version, an unknown key or a value that is not allowed.
    """
    version = content.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise InvalidInput(
            "workspace.toml format_version",
            version,
            f"1 to {FORMAT_VERSION}",
            "The workspace was written by a newer version of predictive: upgrade predictive.",
        )
    try:
        return WorkspaceConfig.model_validate(content)
    except ValidationError as error:
        raise _as_invalid_input(error) from None


def write_config(config: WorkspaceConfig) -> str:
    """The configuration of a new workspace as TOML, with a word on each key."""
    # A JSON string is a valid TOML basic string.
    return (
        f"# Format of this workspace; written by predictive, do not change.\n"
        f"format_version = {config.format_version}\n\n"
        f"# Governs hour and weekday features and schedules.\n"
        f"timezone = {json.dumps(config.timezone)}\n\n"
        f"# Partitions of the event lake; fixed once events are in it.\n"
        f"buckets = {config.buckets}\n"
    )


def _as_invalid_input(error: ValidationError) -> InvalidInput:
    first = error.errors(include_url=False)[0]
    # pydantic names the branch of a union it tried; only the keys are the file's own.
    location = [str(part) for part in first["loc"]]
    field = "workspace.toml " + (".".join(location) or "content")
    if first["type"] == "extra_forbidden":
        known = _keys_beside(location)
        return InvalidInput(field, location[-1], "a known key", nearest_hint(location[-1], known))
    if first["type"] == "missing":
        return InvalidInput(field, None, "a value, which is required")
    allowed = first["msg"].removeprefix("Value error, ")
    return InvalidInput(field, _given(first, location), allowed[:1].lower() + allowed[1:])


def _given(error: ErrorDetails, location: list[str]) -> object:
    """The wrong value, if it may be shown: a whole section may hold a password, too."""
    hidden = bool(_SECRET & set(location)) or isinstance(error["input"], dict | list | tuple)
    return "(hidden)" if hidden else error["input"]


def _keys_beside(location: list[str]) -> list[str]:
    sections: dict[str, type[_Section]] = {
        "source": SourceConfig,
        "source.events": EventsMapping,
        "source.attributes": AttributesMapping,
        "exclude": ExcludeConfig,
        "notify": NotifyConfig,
        "notify.webhooks": WebhookConfig,
        "notify.email": EmailConfig,
        "exports": ExportsConfig,
    }
    path = ".".join(part for part in location[:-1] if not part.isdecimal())
    fields = sections.get(path, WorkspaceConfig).model_fields
    return [field.alias or name for name, field in fields.items()]
