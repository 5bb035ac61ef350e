"""The certificates that a server shows are read although nobody trusts them; trust is never off."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import given
from hypothesis import strategies as st

from app.checks.handshake import MOST_BYTES, certificates_in, shake_hands, shown_certificates
from app.checks.way import Trust
from tests.checks.servers import LOCAL, Behave, answering, context_of, listening, saying, written


def length(number: int, size: int) -> bytes:
    return number.to_bytes(size)


def certificate_message(certificates: list[bytes]) -> bytes:
    listed = b"".join(length(len(each), 3) + each for each in certificates)
    body = length(len(listed), 3) + listed
    return b"\x0b" + length(len(body), 3) + body


def records(stream: bytes, cut: int) -> bytes:
    """`stream` as handshake records of at most `cut` bytes."""
    pieces = [stream[at : at + cut] for at in range(0, len(stream), cut)]
    return b"".join(b"\x16\x03\x03" + length(len(piece), 2) + piece for piece in pieces)


HELLO = b"\x02" + length(4, 3) + b"helo"
certificates = st.lists(st.binary(min_size=1, max_size=300), max_size=5)


@given(certificates, st.integers(1, 400), st.binary(max_size=50))
def test_certificates_are_found_however_the_records_are_cut(
    shown: list[bytes], cut: int, behind: bytes
) -> None:
    received = records(HELLO + certificate_message(shown), cut) + b"\x17\x03\x03" + behind
    assert list(certificates_in(received)) == shown


@given(certificates, st.data())
def test_what_is_cut_short_gives_what_was_whole(shown: list[bytes], data: st.DataObject) -> None:
    received = records(HELLO + certificate_message(shown), 1000)
    cut = received[: data.draw(st.integers(0, len(received)))]
    found = list(certificates_in(cut))
    assert found == shown[: len(found)]


@given(st.binary(max_size=2000))
def test_bytes_of_any_kind_are_read_without_an_error(received: bytes) -> None:
    for certificate in certificates_in(received):
        assert certificate


def connected(behave: Behave, act: Callable[[socket.socket], object]) -> object:
    with listening(behave) as port, socket.create_connection((LOCAL, port), 5) as stream:
        return act(stream)


def der(pem: bytes) -> bytes:
    return load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def stranger() -> trustme.CA:
    return trustme.CA(organization_name="Stranger")


def test_a_certificate_that_is_not_trusted_is_shown_and_still_refused(
    stranger: trustme.CA,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued = stranger.issue_cert("localhost")
    issued.configure_cert(context)
    clear = Trust().context_in_clear()
    assert clear.verify_mode is ssl.CERT_REQUIRED
    assert clear.check_hostname
    shown = connected(answering(context), lambda s: shown_certificates(s, "localhost", clear))
    assert shown == tuple(der(each.bytes()) for each in issued.cert_chain_pems)
    with pytest.raises(ssl.SSLCertVerificationError):
        connected(answering(context), lambda s: shake_hands(s, "localhost", clear))


def test_a_server_of_tls_1_3_alone_shows_nothing_to_who_does_not_trust_it(
    stranger: trustme.CA,
) -> None:
    context = context_of(stranger, "localhost", least=ssl.TLSVersion.TLSv1_3)
    clear = Trust().context_in_clear()
    shown = connected(answering(context), lambda s: shown_certificates(s, "localhost", clear))
    assert shown == ()


def test_a_certificate_that_is_trusted_is_shaken_hands_with(
    stranger: trustme.CA, tmp_path: Path
) -> None:
    context = Trust(written(stranger, tmp_path)).context()
    server = answering(context_of(stranger, "localhost"))
    secured = connected(server, lambda s: shake_hands(s, "localhost", context))
    assert isinstance(secured, ssl.SSLObject)
    assert secured.version() == "TLSv1.3"


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_who_speaks_no_tls_ends_the_handshake_with_an_error(said: bytes) -> None:
    context = Trust().context()
    with pytest.raises(OSError):  # noqa: PT011 - which one is OpenSSL's business
        connected(saying(said), lambda s: shake_hands(s, "localhost", context))


def test_a_handshake_without_an_end_is_given_up() -> None:
    """Records of a hello that goes on and on, as only somebody with a grudge would send it."""
    piece = b"\x02" + length(0xFFFFFF, 3) + b"\0" * 16000
    endless = b"".join(b"\x16\x03\x03" + length(len(piece), 2) + piece for _ in range(40))
    assert len(endless) > MOST_BYTES
    context = Trust().context()
    with pytest.raises(OSError):  # noqa: PT011 - OpenSSL may give up before we do
        connected(saying(endless), lambda s: shake_hands(s, "localhost", context))
