"""A receiver of webhooks and a mail server, real ones on free ports of this machine."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """What was posted, and what to answer: a status, or None to say nothing at all."""

    url: str = ""
    answers: list[int | None] = field(default_factory=list)
    posted: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.posted.append((dict(self.headers.items()), body))
            status = receiver.answers.pop(0) if receiver.answers else 204
            if status is None:
                receiver.released.wait(60)
                return
            self.send_response(status)
            self.send_header("location", f"{receiver.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/hooks/tokeninurl"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
            thread.join()


@dataclass
class Postbox:
    """What mail arrived, and how the server is to behave."""

    port: int = 0
    tls: ssl.SSLContext | None = None
    refused: set[str] = field(default_factory=set)
    answer: bytes = b"250 taken"
    mail: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    logins: list[tuple[str, str, bool]] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[Postbox]:
    box = Postbox()
    loop = asyncio.new_event_loop()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(lambda r, w: _talk(box, r, w), "127.0.0.1", 0)

    server = loop.run_until_complete(start())
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def stop() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _talk(box: Postbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One session, as far as the tests need the protocol (RFC 5321, 3207, 4954)."""

    async def say(*lines: bytes) -> None:
        writer.write(b"".join(line + b"\r\n" for line in lines))
        await writer.drain()

    encrypted = False
    recipients: list[str] = []
    await say(b"220 here")
    while line := await reader.readline():
        command = line.decode().strip()
        box.said.append(command)
        verb = command.partition(" ")[0].upper()
        if verb == "EHLO":
            offers = b"STARTTLS" if box.tls and not encrypted else b"AUTH PLAIN"
            await say(b"250-here", b"250 " + offers)
        elif verb == "STARTTLS":
            await say(b"220 go on")
            await writer.start_tls(box.tls)  # type: ignore[arg-type]
            encrypted = True
        elif verb == "AUTH":
            _, user, password = base64.b64decode(command.split()[-1]).decode().split("\0")
            box.logins.append((user, password, encrypted))
            await say(b"235 welcome" if password == "p@ss word" else b"535 no")
        elif verb == "RCPT":
            address = command.partition("<")[2].partition(">")[0]
            taken = address not in box.refused
            recipients += [address] if taken else []
            await say(b"250 ok" if taken else b"550 unknown")
        elif verb == "DATA":
            await say(b"354 go on")
            content = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
            if box.answer.startswith(b"2"):
                parsed = message_from_bytes(content, policy=policy.default)
                box.mail.append((recipients, parsed))  # type: ignore[arg-type]
            await say(box.answer)
        elif verb == "QUIT":
            await say(b"221 bye")
            break
        else:
            await say(b"250 ok")
    writer.close()
