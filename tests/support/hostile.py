"""A server that speaks TLS and then does harm: one byte at a time, or far more than it promised."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import trustme

from tests.support.patience import HANG_SECONDS
from tests.support.proxy import LOCAL

Act = Callable[["Peer"], None]
DRIP_SECONDS = 0.02


@dataclass
class Peer:
    """One connection. `over` is set when the test has ended; `raw` is there before any TLS."""

    raw: socket.socket
    context: ssl.SSLContext
    over: threading.Event

    def secured(self) -> socket.socket:
        """Shake hands, and read the request."""
        self.raw = secured = self.context.wrap_socket(self.raw, server_side=True)
        received = b""
        while not _is_whole(received):
            piece = secured.recv(65536)
            if not piece:
                raise OSError("nothing was asked")
            received += piece
        return secured

    def drip(self, stream: socket.socket, first: bytes, letter: bytes) -> None:
        """Send `first`, and then `letter` again and again, as long as somebody listens."""
        stream.sendall(first)
        while not self.over.wait(DRIP_SECONDS):
            stream.sendall(letter)


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


@dataclass
class Hostile:
    """Where it listens. `hung_up` counts the connections that the other side has ended."""

    port: int
    authority: trustme.CA
    hung_up: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext:
        """A context that trusts this server alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.authority.configure_trust(context)
        return context


@contextmanager
def hostile(act: Act, *names: str) -> Iterator[Hostile]:
    """A server that meets each connection with `act`, in a thread of its own.

    Its certificate is for `names`, or for localhost where there are none.
    """
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("localhost",))).configure_cert(context)
    over, threads = threading.Event(), list[threading.Thread]()
    with socket.create_server((LOCAL, 0)) as server:
        found = Hostile(server.getsockname()[1], authority)

        def serve(stream: socket.socket) -> None:
            stream.settimeout(20)
            peer = Peer(stream, context, over)
            with suppress(OSError):
                act(peer)
            peer.raw.close()
            found.hung_up.release()

        def accept() -> None:
            with suppress(OSError):
                while True:
                    stream, _ = server.accept()
                    threads.append(threading.Thread(target=serve, args=(stream,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield found
        finally:
            over.set()
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()  # Windows knows no shutdown of a socket that listens
            accepting.join(HANG_SECONDS)
            for thread in threads:
                thread.join(HANG_SECONDS)


# What it does -----------------------------------------------------------------------------------


def in_handshake(peer: Peer) -> None:
    """Send a record of TLS that never comes to its end."""
    peer.drip(peer.raw, b"\x16\x03\x03\x40\x00", b"\x02")


def in_status(peer: Peer) -> None:
    stream = peer.secured()
    peer.drip(stream, b"HTTP/1.1 20", b"0")


def in_headers(peer: Peer) -> None:
    stream = peer.secured()
    peer.drip(stream, b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x")


def in_preliminaries(peer: Peer) -> None:
    """Promise an answer again and again (RFC 9110, section 15.2)."""
    stream = peer.secured()
    peer.drip(stream, b"", b"HTTP/1.1 100 Continue\r\n\r\n")


def in_body(peer: Peer) -> None:
    stream = peer.secured()
    peer.drip(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n", b" ")


def in_chunks(peer: Peer) -> None:
    stream = peer.secured()
    peer.drip(stream, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n")


def in_silence(peer: Peer) -> None:
    peer.secured().recv(1)


DRIPS: tuple[Act, ...] = (
    in_handshake,
    in_status,
    in_headers,
    in_preliminaries,
    in_body,
    in_chunks,
    in_silence,
)


def answering(content: bytes, *headers: str, status: str = "200 OK") -> Act:
    """Answer each request with `content` as it is."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers]

    def act(peer: Peer) -> None:
        peer.secured().sendall("\r\n".join([*head, "", ""]).encode() + content)

    return act


def zeros(size: int) -> bytes:
    """`size` zeros (bytes), compressed with gzip without ever being whole in memory."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    pieces = [packer.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join((*pieces, packer.flush()))


def bomb(times: int, size: int = 1 << 30) -> bytes:
    """A body that becomes `size` bytes when it is unpacked `times` times."""
    packed = zeros(size)
    for _ in range(times - 1):
        packed = gzip.compress(packed)
    return packed


STACKED: tuple[tuple[str, ...], ...] = (
    ("Content-Encoding: gzip, gzip",),
    ("Content-Encoding: gzip,gzip",),
    ("Content-Encoding: GZIP ,  gZip",),
    ("Content-Encoding: gzip", "Content-Encoding: gzip"),
    ("content-encoding: gzip", "CONTENT-ENCODING: x-gzip"),
    ("Content-Encoding: gzip, identity, gzip",),
    ("Content-Encoding: identity", "Content-Encoding: gzip, gzip"),
    ("Content-Encoding: gzip, deflate",),
    ("Content-Encoding: deflate, gzip",),
    ("Content-Encoding: gzip, br",),
    ("Content-Encoding: br",),
    ("Content-Encoding: zstd",),
    ("Content-Encoding: gzip\t,\tgzip",),
    ("Content-Encoding: , gzip, , gzip,",),
)
