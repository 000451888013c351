"""Messages by e-mail."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from predictive.configuration import EmailConfig
from predictive.environment import with_variables
from predictive.errors import InvalidInput
from predictive.notifications.channel import TIMEOUT_SECONDS, DeliveryFailed
from predictive.notifications.message import Message

_log = logging.getLogger(__name__)

_FIELD = "notify email smtp"
#: Ports by scheme; ``smtp`` is encrypted once the server offers it, ``smtps`` from the start.
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class _Server:
    """A mail server's address."""

    encrypted: bool
    host: str
    port: int
    user: str | None
    password: str = field(repr=False)


class EmailChannel:
    """E-mail to a few people.

    Parameters
    ----------
    config
        What the workspace says of it.
    """

    def __init__(self, config: EmailConfig) -> None:
        self._config = config
        self.name = "email"

    def send(self, message: Message, now: datetime) -> None:
        """Hand a message to the mail server; for those it refuses, the log says so."""
        server = _server(with_variables(self._config.smtp, _FIELD))
        mail = self._mail(message, now)
        try:
            with _session(server) as session:
                refused = session.send_message(mail)
        except smtplib.SMTPResponseException as error:
            raise DeliveryFailed(f"the mail server answered {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"the mail server failed ({type(error).__name__})") from None
        for address, (code, _) in refused.items():
            _log.warning("the mail server refused %s: %d", address, code)

    def _mail(self, message: Message, now: datetime) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = message.subject
        mail["From"] = self._config.sender
        mail["To"] = ", ".join(self._config.to)
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{message.id}@{self._config.sender.partition('@')[2]}>"
        # Out-of-office replies to a machine help nobody.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail


def _server(url: str) -> _Server:
    allowed = "smtp://user:password@host:587 or smtps://user:password@host:465"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput(_FIELD, "(hidden)", allowed) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InvalidInput(_FIELD, "(hidden)", allowed)
    return _Server(
        parts.scheme == "smtps",
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password or ""),
    )


@contextmanager
def _session(server: _Server) -> Iterator[smtplib.SMTP]:
    """A session with the server, encrypted where it can be and always where it logs in."""
    context = ssl.create_default_context()
    with _connection(server, context) as session:
        encrypted = server.encrypted
        session.ehlo()
        if not encrypted and session.has_extn("starttls"):
            session.starttls(context=context)
            encrypted = True
        if server.user is not None:
            if not encrypted:
                raise DeliveryFailed("the mail server offers no encryption: not logging in")
            session.login(server.user, server.password)
        yield session


def _connection(server: _Server, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.encrypted:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
