"""A smart card as python-pkcs11 shows one: it counts wrong PINs, and locks itself at the third.

SoftHSM never locks and knows every way to sign, so what a card does besides is played here, with a
key of its own. It raises what python-pkcs11 raises, and counts what it was asked.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from pkcs11 import Attribute, Mechanism, ObjectClass, TokenFlag

from app.auth.signing import DIGEST_INFO, SALT
from tests.auth.keys import certificate_of, rsa_key

RIGHT = "135790"
TRIES = 3
KEY = rsa_key()
CERTIFICATE = x509.load_pem_x509_certificate(certificate_of(KEY))
EVERY_WAY = frozenset(
    {
        Mechanism.SHA256_RSA_PKCS_PSS,
        Mechanism.RSA_PKCS_PSS,
        Mechanism.SHA256_RSA_PKCS,
        Mechanism.RSA_PKCS,
    }
)


@dataclass
class Card:
    """What the card is and has been through; `error` is raised where it is asked to sign.

    Asked to sign, it `hangs` until that is set. It `tells` how many tries are left, as not all do.
    """

    offered: frozenset[Mechanism] = EVERY_WAY
    needs_login: bool = True
    always_asks: bool = False
    salt: int = SALT
    error: pkcs11.PKCS11Error | None = None
    hangs: threading.Event | None = None
    inserted: bool = True
    tries: int = TRIES
    tells: bool = True
    pins: list[str] = field(default_factory=list)
    used: list[Mechanism] = field(default_factory=list)
    initialised: int = 0
    sessions: int = 0

    # As pkcs11.lib ------------------------------------------------------------------------------

    def load(self, _module: str) -> Card:
        self.initialised += 1
        return self

    def finalize(self) -> None:
        self.initialised -= 1

    def get_slots(self, *, token_present: bool) -> list[_Slot]:
        assert token_present
        return [_Slot(self)]

    def log_in(self, pin: str) -> None:
        """Take a PIN or count it, as C_Login does."""
        self.pins.append(pin)
        if self.tries == 0:
            raise pkcs11.PinLocked
        if pin != RIGHT:
            self.tries -= 1
            raise pkcs11.PinLocked if self.tries == 0 else pkcs11.PinIncorrect
        self.tries = TRIES


@dataclass
class _Slot:
    card: Card

    def get_token(self) -> _Token:
        if not self.card.inserted:
            raise pkcs11.TokenNotPresent
        return _Token(self.card, self)

    def get_mechanisms(self) -> frozenset[Mechanism]:
        return self.card.offered


@dataclass
class _Token:
    card: Card
    slot: _Slot
    label: str = "Staff card"
    serial: bytes = b"0001"

    @property
    def flags(self) -> TokenFlag:
        card, flags = self.card, TokenFlag.TOKEN_INITIALIZED
        if card.needs_login:
            flags |= TokenFlag.LOGIN_REQUIRED
        if not card.tells:
            return flags
        if card.tries < TRIES:
            flags |= TokenFlag.USER_PIN_COUNT_LOW
        if card.tries == 1:
            flags |= TokenFlag.USER_PIN_FINAL_TRY
        if card.tries == 0:
            flags |= TokenFlag.USER_PIN_LOCKED
        return flags

    def open(self, user_pin: str | None = None) -> _Session:
        if user_pin is not None:
            self.card.log_in(user_pin)
        self.card.sessions += 1
        return _Session(self)


@dataclass
class _Session:
    token: _Token

    def get_objects(self, template: dict[Attribute, Any]) -> Iterator[Any]:
        if template[Attribute.CLASS] is ObjectClass.CERTIFICATE:
            der = CERTIFICATE.public_bytes(serialization.Encoding.DER)
            yield {Attribute.VALUE: der}
        else:
            yield _Key(self.token.card)

    def close(self) -> None:
        self.token.card.sessions -= 1


@dataclass
class _Key:
    card: Card

    def __getitem__(self, name: Attribute) -> Any:
        modulus = KEY.public_key().public_numbers().n.to_bytes(257, "big")  # some pad it with a 0
        known = {Attribute.MODULUS: modulus, Attribute.SIGN: True}
        if self.card.always_asks:
            known[Attribute.ALWAYS_AUTHENTICATE] = True
        if name not in known:
            raise pkcs11.AttributeTypeInvalid
        return known[name]

    def sign(
        self, data: bytes, *, mechanism: Mechanism, mechanism_param: Any, pin: str | None
    ) -> bytes:
        self.card.used.append(mechanism)
        if self.card.hangs is not None:
            self.card.hangs.wait()
        if self.card.always_asks:
            self.card.log_in(pin or "")
        if self.card.error is not None:
            raise self.card.error
        if mechanism_param is not None:
            assert mechanism_param == (Mechanism.SHA256, pkcs11.MGF.SHA256, SALT)
        return _signature(data, mechanism, self.card.salt)


def _signature(data: bytes, mechanism: Mechanism, salt: int) -> bytes:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
    hashed = utils.Prehashed(hashes.SHA256())
    match mechanism:
        case Mechanism.SHA256_RSA_PKCS_PSS:
            return _sign(data, pss, hashes.SHA256())
        case Mechanism.RSA_PKCS_PSS:
            return _sign(data, pss, hashed)
        case Mechanism.SHA256_RSA_PKCS:
            return _sign(data, padding.PKCS1v15(), hashes.SHA256())
        case _:
            assert data.startswith(DIGEST_INFO)
            return _sign(data.removeprefix(DIGEST_INFO), padding.PKCS1v15(), hashed)


def _sign(data: bytes, way: Any, kind: Any) -> bytes:
    key: rsa.RSAPrivateKey = KEY
    return key.sign(data, way, kind)
