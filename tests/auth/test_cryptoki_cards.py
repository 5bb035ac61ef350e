"""What cards do that SoftHSM does not: lock themselves, ask each time, know but one way to sign."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from pkcs11 import Mechanism

from app.auth import StoredKey
from app.auth.cryptoki import Cryptoki, CryptokiSigner
from app.auth.signing import Scheme, Signed, signed, verifies
from app.core.errors import KeyUnusable
from app.core.signin import KeyStore
from app.core.stationkey import (
    KeyCannotSign,
    KeyPinLocked,
    KeyPinRefused,
    KeyPinSpared,
    KeyStoreFailed,
    KeyStoreMissing,
)
from tests.auth.card import CERTIFICATE, RIGHT, TRIES, Card

DATA = b"what is to be signed"
WRONG = "000000"


class Station:
    """One process that uses the card, with the PIN of its file."""

    def __init__(self, card: Card, pin: str = RIGHT) -> None:
        self.card = card
        self.pin = pin
        self._cryptoki = Cryptoki(card.load)

    def sign(self) -> Signed:
        key = StoredKey(KeyStore.PKCS11, module=Path("/opt/card.so"), pin=lambda: self.pin)
        try:
            return signed(CryptokiSigner(key, self._cryptoki), lambda _: DATA)
        finally:
            assert (self.card.initialised, self.card.sessions) == (0, 0)

    def refused(self, kind: type[KeyUnusable]) -> str:
        with pytest.raises(kind) as caught:
            self.sign()
        assert self.pin not in str(caught.value)
        return caught.value.problem


def test_however_often_a_station_tries_it_costs_a_card_one_try_of_its_pin() -> None:
    station = Station(Card(), WRONG)
    for _ in range(5):
        station.refused(KeyPinRefused)
    assert station.card.tries == TRIES - 1
    assert station.card.pins == [WRONG]


def test_a_corrected_pin_is_tried_at_once() -> None:
    station = Station(Card(), WRONG)
    station.refused(KeyPinRefused)
    station.pin = RIGHT
    assert station.sign().signature
    assert station.card.tries == TRIES


def test_however_often_a_station_is_started_anew_the_last_try_is_left_to_a_person() -> None:
    card = Card()
    for _ in range(TRIES - 1):
        Station(card, WRONG).refused(KeyPinRefused)
    for pin in (WRONG, RIGHT, WRONG):
        Station(card, pin).refused(KeyPinSpared)
    assert card.tries == 1
    card.log_in(RIGHT)  # the person, with the maker's tool
    assert Station(card).sign().signature


def test_a_card_that_is_locked_is_not_asked_any_more() -> None:
    card = Card(tries=0)
    Station(card).refused(KeyPinLocked)
    assert card.pins == []


def test_a_card_that_does_not_tell_its_tries_says_at_least_that_it_is_locked() -> None:
    card = Card(tries=1, tells=False)
    for _ in range(2):
        Station(card, WRONG).refused(KeyPinLocked)
    assert card.pins == [WRONG, WRONG]


def test_a_key_that_wants_the_pin_for_each_signature_is_given_it() -> None:
    card = Card(always_asks=True)
    assert Station(card).sign().signature
    assert set(card.pins) == {RIGHT}
    assert len(card.pins) == 3  # to look, to come in, to sign


def test_a_token_that_wants_no_pin_is_given_none() -> None:
    card = Card(needs_login=False)
    assert Station(card).sign().signature
    assert card.pins == []


@pytest.mark.parametrize(
    ("offered", "scheme"),
    [
        ({Mechanism.SHA256_RSA_PKCS_PSS, Mechanism.SHA256_RSA_PKCS}, Scheme.PSS),
        ({Mechanism.RSA_PKCS_PSS}, Scheme.PSS),
        ({Mechanism.SHA256_RSA_PKCS}, Scheme.PKCS1),
        ({Mechanism.RSA_PKCS}, Scheme.PKCS1),
    ],
)
def test_each_way_to_sign_that_a_card_may_have_is_used(
    offered: set[Mechanism], scheme: Scheme
) -> None:
    made = Station(Card(offered=frozenset(offered))).sign()
    assert made.scheme is scheme
    assert verifies(CERTIFICATE, DATA, made.signature, scheme)


def test_a_card_that_offers_what_it_cannot_do_is_asked_in_the_next_way() -> None:
    card = Card(error=pkcs11.MechanismInvalid())
    Station(card).refused(KeyCannotSign)
    assert len(card.used) == 4


def test_a_tpm_that_salts_its_own_way_signs_in_the_older_one() -> None:
    made = Station(Card(salt=222)).sign()
    assert made.scheme is Scheme.PKCS1


def test_a_card_that_signs_in_no_way_that_entra_takes_cannot_sign() -> None:
    assert "neither" in Station(Card(offered=frozenset())).refused(KeyCannotSign)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (pkcs11.PKCS11Error("Unmapped error code 0x68"), KeyCannotSign),
        (pkcs11.DeviceError(), KeyStoreFailed),
        (pkcs11.DeviceRemoved(), KeyStoreMissing),
    ],
    ids=["not-permitted", "device", "removed"],
)
def test_what_goes_wrong_while_a_card_signs_is_told_apart(
    error: Any, kind: type[KeyUnusable]
) -> None:
    assert Station(Card(error=error)).refused(kind)


def test_an_empty_reader_is_no_key_store() -> None:
    assert Station(Card(inserted=False)).refused(KeyStoreMissing) == "no token; tokens: none"


def test_a_card_that_hangs_is_waited_for_so_long_and_no_longer() -> None:
    card = Card(hangs=threading.Event())
    cryptoki = Cryptoki(card.load, longest=0.2, busy=0.05)
    key = StoredKey(KeyStore.PKCS11, module=Path("/opt/card.so"), pin=lambda: RIGHT)
    signer = CryptokiSigner(key, cryptoki)
    with pytest.raises(KeyStoreFailed, match="in time"):
        signer.sign(DATA, Scheme.PSS)
    with pytest.raises(KeyStoreFailed, match="busy"):
        signer.sign(DATA, Scheme.PSS)
    assert card.hangs is not None
    card.hangs.set()
    patient = CryptokiSigner(key, replace(cryptoki, longest=30, busy=30))
    assert patient.sign(DATA, Scheme.PSS)
