"""A proxy that cuts connections: the network at its worst, without any waiting."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

_PIECE = 4_096


class CuttingProxy:
    """Passes connections on to a service, and breaks some of them off.

    Parameters
    ----------
    port
        Of the service.
    cuts
        After how many bytes of answer the first connections are cut, one number each; those
        that come later are left alone.
    """

    def __init__(self, port: int, cuts: Sequence[int]) -> None:
        self._port, self._cuts = port, list(cuts)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.connections = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def close(self) -> None:
        # Wakes the thread that accepts.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        pairs = []
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                break
            self.connections += 1
            cut = self._cuts.pop(0) if self._cuts else None
            far = socket.create_connection(("127.0.0.1", self._port))
            for source, sink, most in ((near, far, None), (far, near, cut)):
                thread = threading.Thread(target=_pump, args=(source, sink, most))
                thread.start()
                pairs.append((thread, source))
        for thread, source in pairs:
            with suppress(OSError):
                source.shutdown(socket.SHUT_RDWR)
            thread.join()
            source.close()


def _pump(source: socket.socket, sink: socket.socket, most: int | None) -> None:
    """Pass bytes on until either side ends or ``most`` have passed; then end both."""
    passed = 0
    with suppress(OSError):
        while most is None or passed < most:
            piece = source.recv(_PIECE if most is None else min(_PIECE, most - passed))
            if not piece:
                break
            sink.sendall(piece)
            passed += len(piece)
    for end in (sink, source):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting(url: str, cuts: Sequence[int] = ()) -> Iterator[CuttingProxy]:
    """A proxy before the service at an address, for as long as the block lasts."""
    proxy = CuttingProxy(int(url.rstrip("/").rpartition(":")[2]), cuts)
    try:
        yield proxy
    finally:
        proxy.close()
