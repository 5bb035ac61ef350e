"""A key behind PKCS#11, in a real token (SoftHSM): found, used, and refused with the right word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.auth import StoredKey
from app.auth.signing import Scheme, signed, thumbprints, verifies
from app.auth.stationkey import signer_of
from app.core.errors import KeyUnusable
from app.core.stationkey import (
    CertificateAmbiguous,
    CertificateNotFound,
    CertificateOutOfTime,
    KeyCannotSign,
    KeyModuleMissing,
    KeyPinMissing,
    KeyPinRefused,
    KeyStoreMissing,
)
from tests.auth.keys import LATE, NOW, YEAR
from tests.support import softhsm
from tests.support.simulated import Simulated
from tests.support.softhsm import PIN, WRONG_PIN, SoftToken

pytestmark = pytest.mark.skipif(bool(softhsm.missing()), reason=softhsm.missing())

DATA = b"what is to be signed"


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return softhsm.prepare(tmp_path, monkeypatch)


@pytest.fixture
def token(tokens: Path) -> SoftToken:
    return softhsm.a_token(tokens)


def refused(key: StoredKey, kind: type[KeyUnusable]) -> str:
    """What is wrong with `key`, for an administrator; it names the place and no PIN."""
    with pytest.raises(kind) as caught:
        signed(signer_of(key, NOW), lambda _: DATA)
    error = caught.value
    assert error.place == key.place
    assert not [pin for pin in (PIN, WRONG_PIN) if pin in f"{error}{error.problem}{error.mend}"]
    return error.problem


@pytest.mark.parametrize("scheme", Scheme)
def test_a_key_that_never_leaves_its_token_signs_in_either_way(
    token: SoftToken, scheme: Scheme
) -> None:
    certificate = token.make()
    signer = signer_of(token.key, NOW)
    assert signer.certificate == certificate
    assert verifies(certificate, DATA, signer.sign(DATA, scheme), scheme)


def test_the_better_way_is_taken(token: SoftToken) -> None:
    token.make()
    assert signed(signer_of(token.key, NOW), lambda _: DATA).scheme is Scheme.PSS


@pytest.mark.parametrize(
    "changes",
    [
        {"token": ""},
        {"thumbprint": lambda both: both[0]},
        {"thumbprint": lambda both: both[1].lower()},
        {"thumbprint": lambda both: " ".join(both[0][at : at + 2] for at in range(0, 40, 2))},
    ],
    ids=["the-only-token", "sha1", "sha256", "as-windows-shows-it"],
)
def test_the_certificate_is_found_however_it_is_named(
    token: SoftToken, changes: dict[str, Any]
) -> None:
    token.make(1)
    wanted = token.make(2) if "thumbprint" in changes else None
    if wanted is not None:
        both = thumbprints(softhsm.serialized(wanted))
        changes = {"thumbprint": changes["thumbprint"](both)}
    found = signer_of(token.key_by(**changes), NOW).certificate
    assert wanted is None or found == wanted


def test_the_certificate_of_an_authority_on_the_card_is_not_taken_for_the_stations(
    token: SoftToken,
) -> None:
    own = token.make(1)
    token.put(softhsm.certificate_of(softhsm.AUTHORITY.public_key(), "authority"), 9)
    token.put(own, 1)
    assert signer_of(token.key, NOW).certificate == own


def test_two_certificates_with_their_keys_have_to_be_told_apart(token: SoftToken) -> None:
    both = [token.make(number) for number in (1, 2)]
    problem = refused(token.key, CertificateAmbiguous)
    for certificate in both:
        assert softhsm.thumbprint(certificate) in problem
    assert "CN=kiosk 1" in problem


def test_an_empty_token_holds_no_certificate(token: SoftToken) -> None:
    assert refused(token.key, CertificateNotFound).endswith("certificates: none")


def test_a_thumbprint_that_nothing_has_is_told_with_what_is_there(token: SoftToken) -> None:
    there = softhsm.thumbprint(token.make())
    problem = refused(token.key_by(thumbprint="A1" * 20), CertificateNotFound)
    assert "A1" * 20 in problem
    assert there in problem


def test_a_certificate_whose_key_is_elsewhere_is_not_used(token: SoftToken) -> None:
    public = softhsm.AUTHORITY.public_key()
    certificate = softhsm.certificate_of(public, "kiosk")
    token.put(certificate)
    named = token.key_by(thumbprint=softhsm.thumbprint(certificate))
    assert "key" in refused(named, CertificateNotFound)


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [(NOW - YEAR, NOW, "expired on 2026-11-23"), (NOW + YEAR, LATE, "only from 2027-11-23 on")],
)
def test_a_certificate_outside_its_time_is_told_with_the_day(
    token: SoftToken, begins: Any, ends: Any, said: str
) -> None:
    token.make(1, begins, ends)
    assert said in refused(token.key, CertificateOutOfTime)


def test_a_key_that_may_not_sign_says_so(token: SoftToken) -> None:
    token.make(signs=False)
    assert "CKA_SIGN" in refused(token.key, KeyCannotSign)


def test_a_key_that_is_too_short_for_entra_is_refused(token: SoftToken) -> None:
    token.make(bits=1024)
    assert "2048" in refused(token.key, KeyUnusable)


@pytest.mark.parametrize(
    ("label", "said"), [("Lobby", "no token called Lobby"), ("", "several tokens")]
)
def test_a_token_that_is_not_there_or_not_named_is_told_with_those_that_are(
    tokens: Path, token: SoftToken, label: str, said: str
) -> None:
    softhsm.a_token(tokens, "Spare")
    problem = refused(token.key_by(token=label), KeyStoreMissing)
    assert said in problem
    assert {"Kiosk", "Spare"} <= set(problem.rpartition(": ")[2].split(", "))


def test_two_tokens_of_one_name_are_not_guessed_between(tokens: Path, token: SoftToken) -> None:
    softhsm.a_token(tokens)
    assert "several tokens called Kiosk" in refused(token.key, KeyStoreMissing)


def test_a_token_that_was_pulled_is_missed_and_works_once_it_is_back(token: SoftToken) -> None:
    certificate = token.make()
    signer = signer_of(token.key, NOW)
    with token.pulled(), pytest.raises(KeyStoreMissing):
        signer.sign(DATA, Scheme.PSS)
    assert verifies(certificate, DATA, signer.sign(DATA, Scheme.PSS), Scheme.PSS)


def test_a_key_that_was_replaced_meanwhile_is_missed(token: SoftToken, tokens: Path) -> None:
    token.make()
    signer = signer_of(token.key, NOW)
    with token.pulled():
        softhsm.a_token(tokens).make()
        with pytest.raises(CertificateNotFound):
            signer.sign(DATA, Scheme.PSS)
        for path in tokens.iterdir():
            softhsm.remove(path)


def not_a_library(folder: Path) -> Path:
    (folder / "text.so").write_text("not a library", encoding="utf-8")
    return folder / "text.so"


@pytest.mark.parametrize(
    "place", [lambda folder: folder / "none.so", not_a_library], ids=["gone", "not-one"]
)
def test_a_module_that_cannot_be_loaded_is_named(
    token: SoftToken, tmp_path: Path, place: Callable[[Path], Path]
) -> None:
    module = place(tmp_path)
    assert module.name in refused(token.key_by(module=module), KeyModuleMissing)


def test_a_token_that_asks_for_a_pin_is_not_opened_without_one(token: SoftToken) -> None:
    token.make()
    refused(token.key_by(pin=str), KeyPinMissing)


def test_a_pin_that_was_refused_is_never_tried_again(token: SoftToken) -> None:
    """Even where it would be right by now: only a counter that nobody can see would tell."""
    token.make()
    wrong = token.key_by(pin=lambda: WRONG_PIN)
    refused(wrong, KeyPinRefused)
    token.change_pin(PIN, WRONG_PIN)
    assert "not tried again" in refused(wrong, KeyPinRefused)
    token.change_pin(WRONG_PIN, PIN)
    assert signed(signer_of(token.key, NOW), lambda _: DATA).signature


def test_a_pin_is_asked_for_at_each_use_and_printed_nowhere(token: SoftToken) -> None:
    token.make()
    asked: list[str] = []

    def pin() -> str:
        asked.append("asked")
        return PIN

    signer = signer_of(token.key_by(pin=pin), NOW)
    signer.sign(DATA, Scheme.PSS)
    assert len(asked) == 2
    assert PIN not in repr(vars(signer))


def test_nothing_is_kept_open_for_other_programs_to_wait_for(token: SoftToken) -> None:
    token.make(1)
    signer = signer_of(token.key_by(thumbprint=""), NOW)
    token.make(2)  # which initialises the module itself, and logs in
    assert signer.sign(DATA, Scheme.PKCS1)


def test_a_place_is_what_an_administrator_configured(token: SoftToken) -> None:
    assert token.key.place == f"{softhsm.module()}, Kiosk"
    assert token.key_by(token="").place == str(softhsm.module())


def test_a_module_that_works_with_the_openssl_of_python_leaves_its_tls_alone(
    token: SoftToken, fresh: Simulated
) -> None:
    """SoftHSM leaves errors in OpenSSL's queue: the next read in that thread that waits fails."""
    token.make()
    assert fresh.get("/v1.0/me").is_success  # over a connection that is kept
    assert signer_of(token.key, NOW).sign(DATA, Scheme.PSS)
    fresh.fault("slow_answer", seconds=0.3)
    assert fresh.get("/v1.0/me").is_success
