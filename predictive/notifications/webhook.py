"""Messages by HTTP POST, signed as Standard Webhooks say.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import logging
from datetime import datetime

import httpx
from standardwebhooks import Webhook

from predictive.configuration import WebhookConfig
from predictive.environment import with_variables
from predictive.errors import InvalidInput
from predictive.notifications.channel import TIMEOUT_SECONDS, DeliveryFailed
from predictive.notifications.message import Message

_SUCCESS = range(200, 300)
#: The least that the specification allows.
_SECRET_BYTES = 24

# Both log whole addresses, and an address may itself be a secret.
for _chatty in ("httpx", "httpcore"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class WebhookChannel:
    """One webhook.

    Parameters
    ----------
    config
        What the workspace says of it.
    """

    def __init__(self, config: WebhookConfig) -> None:
        self._config = config
        self.name = f"webhook {config.name}"

    def send(self, message: Message, now: datetime) -> None:
        """Post a message; any answer but a 2xx means that it was not taken."""
        field = f"notify webhook {self._config.name}"
        url = _checked_url(with_variables(self._config.url, f"{field} url"), f"{field} url")
        post_signed(url, self._config.secret, f"{field} secret", message, now)


def post_signed(url: str, secret: str, field: str, message: Message, now: datetime) -> None:
    """Sign a message and post it.

    Parameters
    ----------
    url
        Where to.
    secret
        The secret, as the workspace names it.
    field
        What the workspace calls it.

    Raises
    ------
    DeliveryFailed
        The answer was no 2xx, or there was none.
    InvalidInput
        The secret is not what it should be.
    """
    webhook, body = _signer(with_variables(secret, field), field), message.body()
    headers = {
        "content-type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": webhook.sign(message.id, now, body),
    }
    try:
        status = _post(url, body, headers)
    except httpx.TimeoutException:
        raise DeliveryFailed(f"no answer in {TIMEOUT_SECONDS:g} s") from None
    except httpx.HTTPError as error:
        # The error's own text may hold the address.
        raise DeliveryFailed(f"not reached ({type(error).__name__})") from None
    if status not in _SUCCESS:
        raise DeliveryFailed(f"the receiver answered {status}")


def _checked_url(url: str, field: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise InvalidInput(field, "(hidden)", "an address that begins with https://")
    return url


def _signer(secret: str, field: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) < _SECRET_BYTES:
        allowed = f"whsec_ and at least {_SECRET_BYTES} bytes in base64"
        raise InvalidInput(field, "(hidden)", allowed)
    return Webhook(key)


def _post(url: str, body: str, headers: dict[str, str]) -> int:
    """The status of the answer; its content is not read, and no redirection is followed."""
    with (
        httpx.Client(timeout=TIMEOUT_SECONDS) as client,
        client.stream("POST", url, content=body.encode(), headers=headers) as response,
    ):
        return response.status_code
