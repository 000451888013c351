"""API keys, as people read them."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, sentence, title
from predictive.cli.views.words import moment


def view_key(console: Console, report: dict[str, Any]) -> None:
    """A key that was made, with its secret for the only time."""
    title(console, "Key made", report["name"])
    facts(
        console,
        [
            ("id", report["id"]),
            ("may", ", ".join(report["scopes"])),
            ("expires", moment(report["expires_at"]) if report["expires_at"] else "never"),
        ],
    )
    sentence(console, "\nThe secret, shown this once:")
    # Written whole: a wrapped secret could not be copied.
    console.print(report["secret"], style="bold green", soft_wrap=True)
    sentence(console, '\nUse it as a header: "Authorization: Bearer <secret>"', "dim")


def view_keys(console: Console, report: dict[str, Any]) -> None:
    """All keys, without secrets."""
    if not report["keys"]:
        sentence(console, "There is no key yet. Make one with: predictive keys create")
        return
    grid(
        console,
        ["Id", "Name", "May", "Made", "Expires", "Last used", "Revoked"],
        [
            [
                key["id"],
                key["name"],
                ", ".join(key["scopes"]),
                moment(key["created_at"]),
                moment(key["expires_at"]),
                moment(key["last_used_at"]),
                moment(key["revoked_at"]),
            ]
            for key in report["keys"]
        ],
        copied=True,
    )


def view_revoked(console: Console, report: dict[str, Any]) -> None:
    """A key that was revoked."""
    title(console, "Revoked", report["id"])
