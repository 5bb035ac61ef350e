"""The certificates a server shows, read from a handshake that is verified and may fail.

To recognise a proxy that opens TLS, somebody has to see the certificate it shows, which is the very
one that is not trusted. Python hands certificates over only once they are trusted, or else with
verification turned off, and that never happens here. Up to TLS 1.2 a server sends them in clear,
though: so the bytes of a handshake that goes on being verified are kept, and read.

RFC 5246: section 6.2.1 records, 7.4 handshake messages, 7.4.2 certificates.
"""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Protocol

MOST_BYTES: Final = 1 << 18
"""Of a server's first words; a chain is about 5 KiB."""

_RECORD_HEAD, _MESSAGE_HEAD, _LENGTH = 5, 4, 3
_HANDSHAKE: Final = 22
_CERTIFICATE: Final = 11


class ByteStream(Protocol):
    """A connection: a socket, or what has a time limit of its own (app.network.exchange)."""

    def recv(self, most: int, /) -> bytes:
        """Return the next bytes, or none at the end. Raises OSError."""
        ...

    def sendall(self, content: bytes, /) -> None:
        """Send all of `content`. Raises OSError."""
        ...


def shake_hands(
    stream: ByteStream, host: str, context: ssl.SSLContext, seen: bytearray | None = None
) -> ssl.SSLObject:
    """Shake hands with `host` over `stream`; return the verified connection.

    What the server sends meanwhile is added to `seen`. Raises OSError (ssl.SSLError is one).
    """
    seen = bytearray() if seen is None else seen
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secured = context.wrap_bio(incoming, outgoing, server_hostname=host)
    while True:
        try:
            secured.do_handshake()
        except ssl.SSLWantReadError:
            stream.sendall(outgoing.read())
        else:
            stream.sendall(outgoing.read())
            return secured
        piece = stream.recv(65536)
        seen += piece
        if len(seen) > MOST_BYTES:
            raise OSError("the handshake does not come to an end")
        if piece:
            incoming.write(piece)
        else:
            incoming.write_eof()


def shown_certificates(stream: ByteStream, host: str, context: ssl.SSLContext) -> tuple[bytes, ...]:
    """Return what `host` shows, in DER, its own certificate first; nothing where it shows none.

    `context` verifies and must not allow TLS 1.3, which encrypts them. Whether they are trusted is
    not told, and nothing is raised: that the handshake fails is why somebody asks.
    """
    seen = bytearray()
    with suppress(OSError):
        shake_hands(stream, host, context, seen)
    return tuple(certificates_in(bytes(seen)))


def certificates_in(received: bytes) -> Iterator[bytes]:
    """Yield the certificates of the first Certificate message in what a server sent.

    Whatever is cut short, or is no TLS, yields what was whole before it.
    """
    for kind, body in _messages(b"".join(_handshake_payloads(received))):
        if kind == _CERTIFICATE:
            yield from _blocks(body[_LENGTH:])
            return


def _handshake_payloads(received: bytes) -> Iterator[bytes]:
    at = 0
    while at + _RECORD_HEAD <= len(received) and received[at] == _HANDSHAKE:
        length = int.from_bytes(received[at + 3 : at + _RECORD_HEAD])
        yield received[at + _RECORD_HEAD : at + _RECORD_HEAD + length]
        at += _RECORD_HEAD + length


def _messages(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _MESSAGE_HEAD <= len(stream):
        length = int.from_bytes(stream[at + 1 : at + _MESSAGE_HEAD])
        yield stream[at], stream[at + _MESSAGE_HEAD : at + _MESSAGE_HEAD + length]
        at += _MESSAGE_HEAD + length


def _blocks(body: bytes) -> Iterator[bytes]:
    at = 0
    while at + _LENGTH <= len(body):
        length = int.from_bytes(body[at : at + _LENGTH])
        block = body[at + _LENGTH : at + _LENGTH + length]
        if len(block) < length or not length:
            return
        yield block
        at += _LENGTH + length
