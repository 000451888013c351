"""``predictive keys``: API keys of the HTTP service."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from predictive.cli.moments import parse_expires
from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session

if TYPE_CHECKING:
    from predictive.store.keys import Key

app = typer.Typer(help="API keys of the HTTP service.", rich_markup_mode=None)


@app.callback()
def keys() -> None:
    """API keys of the HTTP service."""


@app.command("create")
def create(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="What the key is for, for your own list.")
    ] = "key",
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="What it may do: read, simulate, events, manage or admin; may be repeated "
            "or separated by commas. Default: read.",
            show_default=False,
        ),
    ] = None,
    expires: Annotated[
        datetime | None,
        typer.Option(
            "--expires",
            metavar="TIME",
            parser=parse_expires,
            help="When it stops working. Default: never.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key. Its secret is shown once and kept nowhere."""
    from predictive.cli.views.keys import view_key  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    store = session.open().store
    scopes = parse_scopes(scope or ["read"])
    made = store.keys.create(name, scopes, expires)
    session.show(
        {
            "id": made.id,
            "name": name,
            "scopes": scopes,
            "expires_at": expires,
            "secret": made.secret,
        },
        view_key,
    )


@app.command("list")
def list_all(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the keys: scopes, expiry, last use; never the secrets."""
    from predictive.cli.views.keys import view_keys  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    found = [_document(key) for key in session.open().store.keys.list()]
    session.show({"keys": found}, view_keys)


@app.command("revoke")
def revoke(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as in the list.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a key: it stops working at once."""
    from predictive.cli.views.keys import view_revoked  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.open().store.keys.revoke(key_id)
    session.show({"id": key_id, "revoked": True}, view_revoked)


def _document(key: Key) -> dict[str, Any]:
    return asdict(key) | {"scopes": sorted(key.scopes)}


def parse_scopes(given: list[str]) -> list[str]:
    """The scopes of repeated and comma-separated options, each once.

    >>> parse_scopes(["read,simulate", "read"])
    ['read', 'simulate']
    """
    names = [name.strip() for text in given for name in text.split(",")]
    return list(dict.fromkeys(name for name in names if name))
