"""What each way of reaching people does with receivers that misbehave, and with secrets."""

from __future__ import annotations

import datetime as dt
import logging
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from predictive.errors import InvalidInput
from predictive.notifications import deliver_due, send_test, webhook
from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.predictive.cli.runner import CommandLine
from tests.predictive.notifications.conftest import NOW, SECRET, Told, email, open_alert
from tests.predictive.notifications.conftest import webhook as webhook_config
from tests.predictive.notifications.servers import Postbox, Receiver


@pytest.fixture
def settings() -> Settings:
    """The store plays no part here."""
    return Settings()


def sent(workspace: Workspace) -> str | None:
    """Send a test by the one channel there is; why it failed, or None."""
    (result,) = send_test(workspace, NOW)
    assert result["delivered"] == (result["error"] is None)
    return result["error"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 503])
def test_only_2xx_counts_and_no_redirection_is_followed(
    told: Told, receiver: Receiver, status: int
) -> None:
    workspace = told(webhook_config(receiver.url))
    receiver.answers = [status]
    assert sent(workspace) == f"the receiver answered {status}"
    assert sent(workspace) is None
    assert len(receiver.posted) == 2


def test_a_receiver_that_says_nothing(
    told: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.2)
    receiver.answers = [None]
    assert sent(told(webhook_config(receiver.url))) == "no answer in 0.2 s"


def test_nobody_there(told: Told) -> None:
    assert sent(told(webhook_config("http://127.0.0.1:9/hook"))) == "not reached (ConnectError)"


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("http://127.0.0.1:1/${UNSET}", SECRET),
        ("ftp://example.com", SECRET),
        ("https://", SECRET),
        ("https://example.com:port", SECRET),
        ("http://127.0.0.1:1", "whsec_dGlueQ=="),
        ("http://127.0.0.1:1", "not base64!" * 9),
        ("http://127.0.0.1:1", ""),
    ],
)
def test_wrong_settings_are_told_without_secrets(
    told: Told, monkeypatch: pytest.MonkeyPatch, url: str, secret: str
) -> None:
    monkeypatch.setenv("ALERTS_SECRET", secret)
    error = sent(told(webhook_config(url)))
    assert error is not None
    assert "Allowed:" in error
    assert not secret or secret not in error


def test_an_unset_variable_is_named(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALERTS_SECRET")
    error = sent(told(webhook_config("http://127.0.0.1:1")))
    assert error is not None
    assert "${ALERTS_SECRET}" in error


def test_no_secret_is_logged_or_shown(
    told: Told, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = told(webhook_config(receiver.url))
    receiver.answers = [500]
    with caplog.at_level(logging.DEBUG):
        shown = f"{sent(workspace)} {sent(workspace)} {workspace.config!r} {workspace!r}"
    shown += caplog.text
    assert "tokeninurl" not in shown
    assert SECRET not in shown
    assert "ALERTS_SECRET" not in repr(workspace.config)


# --- e-mail ------------------------------------------------------------------------------------


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture
def encrypted(postbox: Postbox, tmp_path: Path) -> Path:
    """The mail server offers encryption; the certificate that it shows."""
    file = certificate(tmp_path)
    postbox.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    postbox.tls.load_cert_chain(file)
    return file


LOGIN = "smtp://ops%40example.com:p%40ss%20word@localhost"


def test_mail_says_who_wrote_it_to_whom(told: Told, postbox: Postbox) -> None:
    workspace = told(email(postbox.port, "a@example.com", "b@example.com"))
    assert sent(workspace) is None
    ((recipients, message),) = postbox.mail
    assert recipients == ["a@example.com", "b@example.com"]
    assert message["From"] == "predictive@example.com"
    assert message["To"] == "a@example.com, b@example.com"
    assert message["Subject"] == "[predictive] Test of shop"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"].endswith("@example.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().startswith("This is a test")


def test_a_line_break_in_a_name_begins_no_header(told: Told, postbox: Postbox) -> None:
    workspace = told(email(postbox.port))
    open_alert(workspace, subject="pur\r\nBcc: x@example.com\n.\nchase 🙂")
    assert deliver_due(workspace, NOW) == 1
    ((recipients, message),) = postbox.mail
    assert recipients == ["ops@example.com"]
    assert message["Bcc"] is None
    subject = " ".join(message["Subject"].split())
    assert subject.endswith("event stopped, pur Bcc: x@example.com . chase 🙂")


def test_it_logs_in_once_the_connection_is_encrypted(
    told: Told, postbox: Postbox, encrypted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(encrypted))
    assert sent(told(email(postbox.port, address=LOGIN))) is None
    assert postbox.logins == [("ops@example.com", "p@ss word", True)]
    assert len(postbox.mail) == 1


def test_a_wrong_password_is_said_without_it(
    told: Told, postbox: Postbox, encrypted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(encrypted))
    monkeypatch.setenv("MAIL", "smtp://ops:wrong@localhost")
    assert sent(told(email(postbox.port, address="${MAIL}"))) == "the mail server answered 535"


def test_a_certificate_that_nobody_vouches_for_is_refused(
    told: Told, postbox: Postbox, encrypted: Path
) -> None:
    error = sent(told(email(postbox.port, address=LOGIN)))
    assert error == "the mail server failed (SSLCertVerificationError)"
    assert postbox.logins == []


def test_no_password_goes_over_an_open_line(told: Told, postbox: Postbox) -> None:
    error = sent(told(email(postbox.port, address=LOGIN)))
    assert error == "the mail server offers no encryption: not logging in"
    assert postbox.logins == []
    assert postbox.mail == []


def test_one_refused_address_does_not_hold_up_the_others(
    told: Told, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    postbox.refused = {"gone@example.com"}
    workspace = told(email(postbox.port, "gone@example.com", "here@example.com"))
    assert sent(workspace) is None
    assert [recipients for recipients, _ in postbox.mail] == [["here@example.com"]]
    assert "refused gone@example.com: 550" in caplog.text


def test_mail_that_nobody_takes_is_not_delivered(told: Told, postbox: Postbox) -> None:
    workspace = told(email(postbox.port))
    postbox.answer = b"451 later"
    assert sent(workspace) == "the mail server answered 451"
    postbox.refused = {"ops@example.com"}
    assert sent(workspace) == "the mail server failed (SMTPRecipientsRefused)"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1", "smtp://", "smtp://127.0.0.1:x", "${UNSET}", "smtp://["]
)
def test_a_wrong_server_is_said(told: Told, address: str) -> None:
    error = sent(told(email(25, address=address)))
    assert error is not None
    assert error.startswith("notify email smtp is ")


def test_a_dead_mail_server(told: Told) -> None:
    assert sent(told(email(9))) == "the mail server failed (ConnectionRefusedError)"


# --- the command line --------------------------------------------------------------------------


def test_an_operator_sees_who_is_reached(
    told: Told, receiver: Receiver, postbox: Postbox, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = told(webhook_config(receiver.url) + email(postbox.port))
    predictive = CommandLine(workspace.path, capsys)
    assert "2 of 2 reached" in predictive("notify", "test").ok().out
    receiver.answers = [500]
    ran = predictive("notify", "test", "--json")
    assert ran.code == 1
    assert ran.document["channels"] == [
        {"channel": "webhook ops", "delivered": False, "error": "the receiver answered 500"},
        {"channel": "email", "delivered": True, "error": None},
    ]
    receiver.answers = [500]
    assert "1 of 2 reached" in predictive("notify", "test").out


def test_without_a_channel_it_says_so(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = told("")
    with pytest.raises(InvalidInput, match="at least one webhook or e-mail"):
        send_test(workspace, NOW)
    assert CommandLine(workspace.path, capsys)("notify", "test").code == 2
