"""A station's key behind PKCS#11: in a TPM, on a smart card, in an HSM.

The key is made there, stays there, and is asked to sign; python-pkcs11 speaks to the module that
the maker of the store ships. Nothing is kept open: each use begins with C_Initialize and ends with
C_Finalize, so that a card that was pulled and put back works again, and other programs get at it
meanwhile. A station signs about once an hour.

Each use has a thread of its own. Many modules work with the OpenSSL that Python's TLS works with,
and leave errors in its queue, of which there is one per thread: the next TLS connection of that
thread would fail with an error of the card (seen with SoftHSM). And a module that hangs holds up
nobody for longer than LONGEST, nor the end of the program.

A PIN that was refused is never tried again by this process, and not at all where one try is left:
cards lock after a few, and an unattended station tries everything again after half a minute.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pkcs11 import MGF, Attribute, CertificateType, KeyType, Mechanism, ObjectClass, TokenFlag

from app.auth.settings import StoredKey
from app.auth.signing import DIGEST_INFO, SALT, Scheme, SchemeNotOffered, plain, thumbprints
from app.core.errors import KeyUnusable
from app.core.stationkey import (
    CertificateAmbiguous,
    CertificateNotFound,
    KeyCannotSign,
    KeyModuleMissing,
    KeyPinLocked,
    KeyPinMissing,
    KeyPinRefused,
    KeyPinSpared,
    KeyStoreFailed,
    KeyStoreMissing,
)

T = TypeVar("T")

LONGEST = 60.0
"""Seconds that one use may take; a slow card takes two or three."""

BUSY = 30.0
"""Seconds to wait for the use before."""

_PSS = (Mechanism.SHA256, MGF.SHA256, SALT)
_HASHED = {Mechanism.SHA256_RSA_PKCS_PSS, Mechanism.SHA256_RSA_PKCS}
_WAYS: Mapping[Scheme, tuple[tuple[Mechanism, Any], ...]] = {
    Scheme.PSS: ((Mechanism.SHA256_RSA_PKCS_PSS, _PSS), (Mechanism.RSA_PKCS_PSS, _PSS)),
    Scheme.PKCS1: ((Mechanism.SHA256_RSA_PKCS, None), (Mechanism.RSA_PKCS, None)),
}
"""Mechanisms and their parameters: those that hash as well, and those that are given the hash."""

_REFUSED = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinExpired)
_GONE = (pkcs11.DeviceRemoved, pkcs11.TokenNotPresent, pkcs11.SlotIDInvalid)
_NOT_THIS_WAY = (
    pkcs11.FunctionNotSupported,
    pkcs11.KeyTypeInconsistent,
    pkcs11.MechanismInvalid,
    pkcs11.MechanismParamInvalid,
)


class RefusedPins:
    """Which PIN was refused by which token, in a form that no PIN can be read from."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(32)
        self._known: set[bytes] = set()

    def add(self, token: str, pin: str) -> None:
        """Remember that `token` has refused `pin`."""
        self._known.add(self._mark(token, pin))

    def __contains__(self, given: tuple[str, str]) -> bool:
        return self._mark(*given) in self._known

    def _mark(self, token: str, pin: str) -> bytes:
        return hmac.digest(self._salt, f"{token}\0{pin}".encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Cryptoki:
    """PKCS#11 as this process has it; tests put another in its place.

    A module is initialised once per process and counts wrong PINs for all of it, so the lock and
    the memory of refused PINs are shared by whoever uses it.
    """

    load: Callable[[str], Any] = pkcs11.lib
    refused: RefusedPins = field(default_factory=RefusedPins)
    lock: threading.Lock = field(default_factory=threading.Lock)
    longest: float = LONGEST
    busy: float = BUSY


PROCESS = Cryptoki()


class CryptokiSigner:
    """Fulfils signing.Signer. Its methods block, and take a second with a slow card."""

    def __init__(self, key: StoredKey, cryptoki: Cryptoki = PROCESS) -> None:
        """Find the certificate. Raises KeyUnusable."""
        self.place = key.place
        self._key = key
        self._cryptoki = cryptoki
        self.certificate = self._apart(self._find)

    def sign(self, data: bytes, scheme: Scheme) -> bytes:
        """Return the signature of `data`. Raises SchemeNotOffered and KeyUnusable."""
        return self._apart(lambda: self._sign(data, scheme))

    def _find(self) -> x509.Certificate:
        with self._session() as session:
            return self._look(session)

    def _sign(self, data: bytes, scheme: Scheme) -> bytes:
        with self._session() as session:
            key = self._private_key(session)
            offered = session.token.slot.get_mechanisms()
            for mechanism, parameter in _WAYS[scheme]:
                if mechanism in offered:
                    payload = data if mechanism in _HASHED else _hashed(data, scheme)
                    with suppress(*_NOT_THIS_WAY):
                        return self._signature(key, payload, mechanism, parameter)
        raise SchemeNotOffered

    def _signature(self, key: Any, payload: bytes, mechanism: Mechanism, parameter: Any) -> bytes:
        always = _attribute(key, Attribute.ALWAYS_AUTHENTICATE)
        pin = self._key.pin() if always else None
        try:
            made = key.sign(payload, mechanism=mechanism, mechanism_param=parameter, pin=pin)
        except pkcs11.PKCS11Error as error:
            if type(error) is not pkcs11.PKCS11Error:
                raise
            # The one of C_SignInit's answers that python-pkcs11 has no name for: the key may not.
            raise KeyCannotSign(self.place, _words(error)) from None
        return bytes(made)

    # The way in ---------------------------------------------------------------------------------

    def _apart(self, call: Callable[[], T]) -> T:
        """Make `call` in a thread of its own, which nothing waits for when it hangs."""
        outcome: list[T] = []
        failure: list[KeyUnusable | SchemeNotOffered] = []

        def use() -> None:
            try:
                outcome.append(call())
            except (KeyUnusable, SchemeNotOffered) as error:
                failure.append(error)

        thread = threading.Thread(target=use, name="key store", daemon=True)
        thread.start()
        thread.join(self._cryptoki.longest)
        if failure:
            raise failure[0]
        if not outcome:
            raise KeyStoreFailed(self.place, "it did not answer in time")
        return outcome[0]

    @contextmanager
    def _session(self) -> Iterator[Any]:
        """Open the token with the PIN, and leave nothing open. Raises KeyUnusable."""
        with self._alone():
            library = self._library()
            try:
                session = self._enter(self._token(library))
                try:
                    yield session
                finally:
                    with suppress(pkcs11.PKCS11Error):
                        session.close()
            except _GONE as error:
                raise KeyStoreMissing(self.place, _words(error)) from None
            except pkcs11.PKCS11Error as error:
                raise KeyStoreFailed(self.place, _words(error)) from None
            finally:
                with suppress(pkcs11.PKCS11Error):
                    library.finalize()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = self._cryptoki.lock
        if not lock.acquire(timeout=self._cryptoki.busy):
            raise KeyStoreFailed(self.place, "it is busy with an earlier request")
        try:
            yield
        finally:
            lock.release()

    def _library(self) -> Any:
        try:
            return self._cryptoki.load(str(self._key.module))
        except pkcs11.PKCS11Error as error:
            loaded = type(error) is not pkcs11.PKCS11Error  # what the module itself says has a type
            kind = KeyStoreFailed if loaded else KeyModuleMissing
            raise kind(self.place, _words(error)) from None

    def _token(self, library: Any) -> Any:
        """Return the token that is configured, or the only one."""
        there = [token for token in _tokens(library) if token.flags & TokenFlag.TOKEN_INITIALIZED]
        wanted = self._key.token
        found = [token for token in there if not wanted or token.label == wanted]
        if len(found) == 1:
            return found[0]
        names = ", ".join(token.label for token in there) or "none"
        which = (
            f"{'several tokens' if found else 'no token'}{f' called {wanted}' if wanted else ''}"
        )
        raise KeyStoreMissing(self.place, f"{which}; tokens: {names}")

    def _enter(self, token: Any) -> Any:
        if not token.flags & TokenFlag.LOGIN_REQUIRED:
            return token.open()
        pin, refused = self._key.pin(), self._cryptoki.refused
        name = f"{self._key.module}\0{token.label}\0{token.serial!r}"
        self._spare(token, (name, pin))
        try:
            return token.open(user_pin=pin)
        except pkcs11.PinLocked:
            raise KeyPinLocked(self.place, "the token says that its PIN is locked") from None
        except _REFUSED as error:
            refused.add(name, pin)
            raise KeyPinRefused(self.place, f"the token refuses it ({_words(error)})") from None

    def _spare(self, token: Any, given: tuple[str, str]) -> None:
        """Refuse to hand over a PIN that can only do harm."""
        if token.flags & TokenFlag.USER_PIN_LOCKED:
            raise KeyPinLocked(self.place, "the token says that its PIN is locked")
        if not given[1]:
            raise KeyPinMissing(self.place, "the token asks for a PIN")
        if given in self._cryptoki.refused:
            raise KeyPinRefused(self.place, "this PIN was refused before and is not tried again")
        if token.flags & TokenFlag.USER_PIN_FINAL_TRY:
            raise KeyPinSpared(self.place, "the token says that one try is left")

    # What is in it ------------------------------------------------------------------------------

    def _look(self, session: Any) -> x509.Certificate:
        """Return the certificate that is configured, or the only one whose key is here."""
        there = _certificates(session)
        wanted = plain(self._key.thumbprint)
        if wanted:
            fits = [each for each in there if wanted in thumbprints(_der(each))]
        else:
            keys = _keys(session)
            fits = [each for each in there if any(_belongs(key, each) for key in keys)]
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise CertificateAmbiguous(self.place, _listed(fits))
        what = f"the thumbprint {wanted}" if wanted else "its key"
        raise CertificateNotFound(
            self.place, f"no certificate with {what}; certificates: {_listed(there)}"
        )

    def _private_key(self, session: Any) -> Any:
        """Return the key of the certificate, which may sign."""
        for key in _keys(session):
            if _belongs(key, self.certificate):
                if not _attribute(key, Attribute.SIGN):
                    raise KeyCannotSign(self.place, "the key is not one to sign with (CKA_SIGN)")
                return key
        raise CertificateNotFound(self.place, "the key of the certificate is not there")


def _tokens(library: Any) -> Iterator[Any]:
    for slot in library.get_slots(token_present=True):
        with suppress(pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised):
            yield slot.get_token()


def _certificates(session: Any) -> list[x509.Certificate]:
    """Return each certificate of the token once; what cannot be read is left out."""
    found: dict[bytes, x509.Certificate] = {}
    template = {
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
    }
    for each in list(session.get_objects(template)):
        der = bytes(_attribute(each, Attribute.VALUE) or b"")
        with suppress(ValueError):
            found[der] = x509.load_der_x509_certificate(der)
    return list(found.values())


def _keys(session: Any) -> list[Any]:
    template = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.KEY_TYPE: KeyType.RSA}
    return list(session.get_objects(template))


def _belongs(key: Any, certificate: x509.Certificate) -> bool:
    """Tell whether `key` is that of `certificate`: they have their modulus in common."""
    public = certificate.public_key()
    modulus = bytes(_attribute(key, Attribute.MODULUS) or b"")
    return isinstance(public, rsa.RSAPublicKey) and (
        int.from_bytes(modulus, "big") == public.public_numbers().n
    )


def _attribute(each: Any, name: Attribute) -> Any:
    """Return an attribute of an object, or None where it has none or does not tell it."""
    try:
        return each[name]
    except pkcs11.PKCS11Error:
        return None


def _hashed(data: bytes, scheme: Scheme) -> bytes:
    digest = hashlib.sha256(data).digest()
    return digest if scheme is Scheme.PSS else DIGEST_INFO + digest


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _listed(certificates: list[x509.Certificate]) -> str:
    """Return the certificates as an administrator tells them apart."""
    names = [
        f"{thumbprints(_der(each))[0]} ({each.subject.rfc4514_string()})" for each in certificates
    ]
    return ", ".join(names) or "none"


def _words(error: pkcs11.PKCS11Error) -> str:
    return str(error) or type(error).__name__
