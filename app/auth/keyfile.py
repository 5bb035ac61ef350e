"""The key of a station that signs in by itself: read from a file that nobody else can read.

Whoever has the key is the station, with everything that the tenant allows it. So the file is looked
at before it is used (app.files.exposure): on POSIX systems it has to belong to the station's own
user (or to root) and be closed to group and others; on Windows its access list may name nobody but
its owner, the system and administrators.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from app.auth.signing import SMALLEST_KEY, Scheme, judge, padding_of
from app.core.errors import KeyUnusable
from app.files import exposure

LARGEST = 64 * 1024
"""Bytes of a file; key and chain are about 8 KiB."""


@dataclass(frozen=True, slots=True)
class Credential:
    """Key and certificate as PEM text, the key without a passphrase and so never printed."""

    private_key: str = field(repr=False)
    certificate: str
    expires: datetime


class FileSigner:
    """Signs with a key that was read from a file; it stays in memory as long as this does."""

    def __init__(self, path: Path, credential: Credential) -> None:
        self.place = str(path)
        self.certificate = x509.load_pem_x509_certificate(credential.certificate.encode())
        self._credential = credential

    def sign(self, data: bytes, scheme: Scheme) -> bytes:
        """Return the signature of `data`."""
        pem = self._credential.private_key.encode()
        key = serialization.load_pem_private_key(pem, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key.sign(data, padding_of(scheme), hashes.SHA256())


def read(path: Path, passphrase: Callable[[], str], now: datetime) -> Credential:
    """Return what `path` holds. Raises KeyUnusable, which never quotes the file."""
    content = _content(path)
    secret = passphrase().encode() or None
    try:
        key, certificate = (
            _pem(content, secret) if b"-----BEGIN" in content else _pfx(content, secret)
        )
    except (ValueError, TypeError):  # TypeError: a passphrase too few or too many
        raise KeyUnusable(
            str(path), "not a key with its certificate, or another passphrase"
        ) from None
    _judge(path, key, certificate, now)
    return Credential(_plain(key), _text(certificate), certificate.not_valid_after_utc)


def passphrase(path: Path) -> str:
    """Return the first line of `path`, a file as private as the key's. Raises KeyUnusable."""
    try:
        return _content(path).decode("utf-8").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        raise KeyUnusable(str(path), "not a text in UTF-8") from None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            _check(path, os.fstat(file.fileno()))
            return file.read(LARGEST)
    except OSError as error:
        raise KeyUnusable(str(path), error.strerror or type(error).__name__) from None


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyUnusable(str(path), "not a file")
    if found.st_size >= LARGEST:
        raise KeyUnusable(str(path), "too large for a key")
    exposed = exposure(path, found)
    if exposed is not None:
        raise KeyUnusable(str(path), exposed.why, exposed.mend)


def _pem(content: bytes, secret: bytes | None) -> tuple[object, x509.Certificate]:
    key = serialization.load_pem_private_key(content, secret)
    return key, _own(key, x509.load_pem_x509_certificates(content))


def _pfx(content: bytes, secret: bytes | None) -> tuple[object, x509.Certificate]:
    key, certificate, _ = pkcs12.load_key_and_certificates(content, secret)
    if key is None or certificate is None:
        raise ValueError("a key or its certificate is missing")
    return key, _own(key, [certificate])


def _own(key: object, certificates: list[x509.Certificate]) -> x509.Certificate:
    """Return the certificate that is about `key`. Raises ValueError where none is."""
    if isinstance(key, rsa.RSAPrivateKey):
        for certificate in certificates:
            if certificate.public_key() == key.public_key():
                return certificate
    elif certificates:
        return certificates[0]
    raise ValueError("no certificate of this key")


def _judge(path: Path, key: object, certificate: x509.Certificate, now: datetime) -> None:
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyUnusable(str(path), f"not an RSA key of {SMALLEST_KEY} bits or more")
    judge(str(path), certificate, now)


def _plain(key: object) -> str:
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
