"""Servers with every kind of certificate, on real sockets, and whoever speaks no HTTP at all."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from tests.support.patience import HANG_SECONDS

LOCAL = "127.0.0.1"
PAST = datetime.now(UTC) - timedelta(days=3)

Behave = Callable[[socket.socket], None]


@contextmanager
def listening(behave: Behave) -> Iterator[int]:
    """A port where each connection meets `behave`; it is closed afterwards."""
    with socket.create_server((LOCAL, 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, behave))
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            _wake(server)
            thread.join(HANG_SECONDS)


def _wake(server: socket.socket) -> None:
    """End the wait for a connection, which closing alone does not."""
    address = server.getsockname()
    server.close()
    with suppress(OSError):
        socket.create_connection(address, 1).close()


def _serve(server: socket.socket, behave: Behave) -> None:
    while True:
        try:
            stream, _ = server.accept()
        except OSError:
            return
        with stream, suppress(OSError):
            stream.settimeout(10)
            behave(stream)


def answering(context: ssl.SSLContext, answer: bytes = b"") -> Behave:
    """Speak TLS with `context` and, once something was asked, say `answer`."""

    def behave(stream: socket.socket) -> None:
        with context.wrap_socket(stream, server_side=True) as secured:
            if secured.recv(65536):
                secured.sendall(answer)

    return behave


def saying(answer: bytes) -> Behave:
    """Say `answer` to whatever is asked, without any TLS."""

    def behave(stream: socket.socket) -> None:
        stream.recv(65536)
        stream.sendall(answer)

    return behave


def context_of(
    authority: trustme.CA, *names: str, expired: bool = False, least: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    """A context with a certificate for `names`; `least` is the lowest version it speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    until = PAST if expired else None
    authority.issue_cert(*names, not_after=until).configure_cert(context)
    if least is not None:
        context.minimum_version = least
    return context


def written(authority: trustme.CA, folder: Path) -> Path:
    """The authority's certificate as a file."""
    file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file
