"""A real PKCS#11 token in software: SoftHSM, with keys that are made in it and never leave it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.auth import StoredKey
from app.auth.signing import thumbprints
from app.core.signin import KeyStore
from tests.auth.keys import LATE, LONG_AGO, rsa_key

T = TypeVar("T")

PIN, WRONG_PIN = "correct-7531", "wrong-7531"
SUPERVISOR_PIN = "supervisor-7531"
LABEL = "Kiosk"
TOOL = "softhsm2-util"
_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
AUTHORITY = rsa_key()
"""Issues the certificates: a key that cannot leave its token is best certified from outside."""


def module() -> Path | None:
    """Where SoftHSM's library is on this machine."""
    return next((Path(place) for place in _PLACES if Path(place).exists()), None)


def missing() -> str:
    """What keeps SoftHSM from running here, or nothing."""
    if sys.platform == "win32":
        return "uses SoftHSM as Linux and macOS package it; Windows has no package of it"
    if importlib.util.find_spec("pkcs11") is None:
        return "needs python-pkcs11: pip install oathdesk[pkcs11]"
    if shutil.which(TOOL) is None or module() is None:
        how = "apt-get install softhsm2, or python3 packaging/bootstrap.py test as root"
        return f"needs SoftHSM: {how}"
    return ""


@dataclass(frozen=True)
class SoftToken:
    """A token with its PIN; `folder` is where SoftHSM keeps all of its tokens."""

    folder: Path
    label: str = LABEL

    @property
    def key(self) -> StoredKey:
        """How a station is told of the key in this token."""
        return StoredKey(KeyStore.PKCS11, module=module(), token=self.label, pin=lambda: PIN)

    def key_by(self, **changes: Any) -> StoredKey:
        """The same, told in another way."""
        return replace(self.key, **changes)

    def make(
        self, number: int = 1, begins: datetime = LONG_AGO, ends: datetime = LATE, **made: Any
    ) -> x509.Certificate:
        """Make a key in the token and put its certificate beside it; `made` is as in `generate`."""
        certificate = certificate_of(self.generate(number, **made), f"kiosk {number}", begins, ends)
        self.put(certificate, number)
        return certificate

    def generate(
        self, number: int = 1, *, bits: int = 2048, signs: bool = True
    ) -> rsa.RSAPublicKey:
        """Make a key in the token; return what is public of it."""
        from pkcs11 import Attribute, KeyType  # noqa: PLC0415 - an extra
        from pkcs11.util.rsa import encode_rsa_public_key  # noqa: PLC0415 - the same

        def act(session: Any) -> rsa.RSAPublicKey:
            public, _ = session.generate_keypair(
                KeyType.RSA,
                bits,
                store=True,
                id=bytes([number]),
                label=f"key {number}",
                private_template={Attribute.SIGN: signs, Attribute.DECRYPT: not signs},
            )
            return _read(encode_rsa_public_key(public))

        return self._supervised(act)

    def put(self, certificate: x509.Certificate, number: int = 1) -> None:
        """Put a certificate into the token."""
        from pkcs11 import Attribute, CertificateType, ObjectClass  # noqa: PLC0415 - an extra

        template = {
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
            Attribute.TOKEN: True,
            Attribute.ID: bytes([number]),
            Attribute.SUBJECT: certificate.subject.public_bytes(),
            Attribute.VALUE: serialized(certificate),
        }
        self._supervised(lambda session: session.create_object(template))

    def change_pin(self, old: str, new: str) -> None:
        """Give the token another PIN, as an administrator would with a tool."""
        self._supervised(lambda session: session.set_pin(old, new), old)

    @contextmanager
    def pulled(self) -> Iterator[None]:
        """While this lasts the token is not there."""
        (away := self.folder.with_name("pulled")).mkdir()
        moved = [path.rename(away / path.name) for path in list(self.folder.iterdir())]
        try:
            yield
        finally:
            for path in moved:
                path.rename(self.folder / path.name)
            away.rmdir()

    def _supervised(self, act: Callable[[Any], T], pin: str = PIN) -> T:
        """Do something in the token, in a thread of its own: SoftHSM disturbs the TLS of others."""

        def supervise() -> T:
            import pkcs11  # noqa: PLC0415 - an extra

            library = pkcs11.lib(str(module()))
            try:
                token = library.get_token(token_label=self.label)
                with token.open(rw=True, user_pin=pin) as session:
                    return act(session)
            finally:
                library.finalize()

        with ThreadPoolExecutor(1) as apart:
            return apart.submit(supervise).result()


def _read(pkcs1: bytes) -> rsa.RSAPublicKey:
    found = serialization.load_der_public_key(pkcs1)
    assert isinstance(found, rsa.RSAPublicKey)
    return found


def serialized(certificate: x509.Certificate) -> bytes:
    """The certificate as DER."""
    return certificate.public_bytes(serialization.Encoding.DER)


def thumbprint(certificate: x509.Certificate) -> str:
    """What Windows and the admin centre call the certificate's thumbprint."""
    return thumbprints(serialized(certificate))[0]


def remove(token: Path) -> None:
    """Take a token out of SoftHSM for good; `token` is its folder."""
    shutil.rmtree(token)


def certificate_of(
    public: rsa.RSAPublicKey, name: str, begins: datetime = LONG_AGO, ends: datetime = LATE
) -> x509.Certificate:
    """A certificate of a key that nobody has but the token."""
    subject, issuer = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)])
        for each in (name, "Contoso kiosks")
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(AUTHORITY, hashes.SHA256())
    )


def prepare(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Let SoftHSM work in `folder` alone; return where it keeps its tokens."""
    tokens = folder / "tokens"
    tokens.mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(
        f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n",
        encoding="utf-8",
    )
    patch.setenv("SOFTHSM2_CONF", str(config))
    return tokens


def a_token(tokens: Path, label: str = LABEL) -> SoftToken:
    """Make a token with a PIN, and nothing in it."""
    command = [TOOL, "--init-token", "--free", "--label", label]
    pins = ["--so-pin", SUPERVISOR_PIN, "--pin", PIN]
    subprocess.run([*command, *pins], check=True, capture_output=True, env=dict(os.environ))
    return SoftToken(tokens, label)
