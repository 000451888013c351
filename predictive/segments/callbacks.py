"""Callbacks of exports: where they may go, and how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from predictive.errors import InvalidInput
from predictive.store.callbacks import Callback

if TYPE_CHECKING:
    from predictive.configuration import ExportsConfig

_FIELD = "callback_url"
_PORTS = {"http": 80, "https": 443}


def checked_callback(config: ExportsConfig, url: str) -> str:
    """The same address, if the workspace allows it.

    Only addresses whose scheme, host and port ``workspace.toml`` names: what this machine can
    reach, the network behind it among it, is not the caller's to choose.

    Raises
    ------
    InvalidInput
        It is no address, holds a password, or is not allowed.
    """
    wanted = _origin(url)
    allowed = {_origin(each) for each in config.callbacks}
    if not allowed:
        hint = "Name the hosts that may be told in workspace.toml, exports callbacks."
        raise InvalidInput(_FIELD, "(hidden)", "nothing: this workspace allows no callbacks", hint)
    if wanted is None or wanted not in allowed:
        # Not which: that would tell a caller about the network.
        raise InvalidInput(_FIELD, "(hidden)", "an address that the workspace allows")
    return url


def callback_state(callback: Callback) -> dict[str, Any]:
    """How a callback stands: its host, for the rest of an address may hold a secret."""
    if callback.delivered_at is not None:
        state = "delivered"
    elif callback.next_attempt_at is not None:
        state = "due"
    else:
        state = "given_up" if callback.attempts else "waiting"
    return {
        "host": httpx.URL(callback.url).host,
        "state": state,
        "attempts": callback.attempts,
        "error": callback.error,
    }


def _origin(url: str) -> tuple[str, bytes, int] | None:
    """Scheme, host as it is resolved, and port; None when it is no plain web address."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    if parsed.scheme not in _PORTS or not parsed.host or parsed.userinfo or parsed.fragment:
        return None
    return parsed.scheme, parsed.raw_host, parsed.port or _PORTS[parsed.scheme]
