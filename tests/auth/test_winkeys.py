"""A key in the certificate store of Windows, over a store that answers as Windows is said to.

Windows itself was not there: what is tested is what is asked of it, and what becomes of its answer.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from app.auth import StoredKey, winkeys
from app.auth.signing import Scheme, signed, thumbprints, verifies
from app.auth.winkeys import CertContext, PaddingInfo, WindowsSigner
from app.core.errors import KeyUnusable
from app.core.signin import KeyStore
from app.core.stationkey import (
    CertificateNotFound,
    KeyCannotSign,
    KeyPinLocked,
    KeyPinMissing,
    KeyPinRefused,
    KeyStoreFailed,
    KeyStoreMissing,
)
from tests.auth.keys import certificate_of, rsa_key
from tests.auth.windows import Entry, WindowsStore

DATA = b"what is to be signed"
KEY = rsa_key()
CERTIFICATE = x509.load_pem_x509_certificate(certificate_of(KEY))
DER = CERTIFICATE.public_bytes(serialization.Encoding.DER)
SHA1, SHA256 = thumbprints(DER)
MACHINE = StoredKey(KeyStore.WINDOWS_MACHINE, SHA1)
USER = StoredKey(KeyStore.WINDOWS_USER, SHA1)


def another() -> Entry:
    key = rsa_key()
    pem = certificate_of(key)
    der = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    return Entry(der, key)


def machine_with(*entries: Entry) -> WindowsStore:
    return WindowsStore({winkeys.CERT_SYSTEM_STORE_LOCAL_MACHINE: list(entries)})


def refused(
    windows: WindowsStore, kind: type[KeyUnusable], key: StoredKey = MACHINE
) -> KeyUnusable:
    with pytest.raises(kind) as caught:
        signed(WindowsSigner(key, windows.libraries()), lambda _: DATA)
    assert windows.is_clean
    assert caught.value.place == key.place
    return caught.value


@pytest.mark.parametrize(
    "thumbprint",
    [SHA1, SHA256.lower(), f"{SHA1[:2]} {SHA1[2:]}"],
    ids=["SHA-1", "SHA-256", "with a space"],
)
@pytest.mark.parametrize("scheme", Scheme)
def test_the_certificate_of_the_thumbprint_signs_with_its_key(
    thumbprint: str, scheme: Scheme
) -> None:
    windows = machine_with(another(), Entry(DER, KEY), another())
    signer = WindowsSigner(replace(MACHINE, thumbprint=thumbprint), windows.libraries())
    assert signer.certificate == CERTIFICATE
    assert verifies(CERTIFICATE, DATA, signer.sign(DATA, scheme), scheme)
    assert windows.is_clean


def test_the_store_of_the_machine_and_that_of_the_user_are_two() -> None:
    windows = machine_with(Entry(DER, KEY))
    assert WindowsSigner(MACHINE, windows.libraries()).certificate == CERTIFICATE
    assert "0x00000002" in refused(windows, KeyStoreMissing, USER).problem
    windows.stores[winkeys.CERT_SYSTEM_STORE_CURRENT_USER] = []
    refused(windows, CertificateNotFound, USER)
    assert (MACHINE.place, USER.place) == (r"LocalMachine\My", r"CurrentUser\My")


@pytest.mark.parametrize("entries", [[], [another()]], ids=["empty", "another"])
def test_a_thumbprint_that_no_certificate_has_is_told(entries: list[Entry]) -> None:
    assert SHA1 in refused(machine_with(*entries), CertificateNotFound).problem


def test_a_handle_that_windows_keeps_is_not_freed() -> None:
    windows = machine_with(Entry(DER, KEY, cached=True))
    signer = WindowsSigner(MACHINE, windows.libraries())
    assert signer.sign(DATA, Scheme.PSS)
    assert windows.is_clean


@pytest.mark.parametrize(
    "code", [winkeys.NTE_NOT_SUPPORTED, winkeys.NTE_INVALID_PARAMETER, winkeys.NTE_BAD_FLAGS]
)
def test_a_provider_that_knows_no_pss_signs_in_the_older_way(code: int) -> None:
    windows = machine_with(Entry(DER, KEY, no_pss=code))
    signer = WindowsSigner(MACHINE, windows.libraries())
    assert signed(signer, lambda _: DATA).scheme is Scheme.PKCS1
    paddings = [flags & ~winkeys.NCRYPT_SILENT_FLAG for flags in windows.flags]
    assert paddings == [winkeys.BCRYPT_PAD_PSS, winkeys.BCRYPT_PAD_PKCS1]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (winkeys.CRYPT_E_NO_KEY_PROPERTY, CertificateNotFound),
        (winkeys.NTE_BAD_KEYSET, CertificateNotFound),
        (winkeys.NTE_BAD_PUBLIC_KEY, KeyCannotSign),
        (winkeys.ERROR_ACCESS_DENIED, KeyCannotSign),
        (winkeys.SCARD_E_NO_SMARTCARD, KeyStoreMissing),
        (0x80090011, KeyStoreFailed),
    ],
)
def test_a_key_that_windows_does_not_hand_out_is_told_by_its_reason(
    code: int, kind: type[KeyUnusable]
) -> None:
    error = refused(machine_with(Entry(DER, KEY, acquire=code)), kind)
    assert f"0x{code:08X}" in error.problem


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (winkeys.NTE_PERM, KeyCannotSign),
        (winkeys.NTE_BAD_KEY, KeyCannotSign),
        (winkeys.NTE_SILENT_CONTEXT, KeyPinMissing),
        (winkeys.SCARD_W_WRONG_CHV, KeyPinRefused),
        (winkeys.SCARD_W_CHV_BLOCKED, KeyPinLocked),
        (winkeys.SCARD_W_REMOVED_CARD, KeyStoreMissing),
        (winkeys.NTE_NOT_SUPPORTED, KeyCannotSign),
    ],
)
def test_a_key_that_does_not_sign_is_told_by_its_reason(code: int, kind: type[KeyUnusable]) -> None:
    refused(machine_with(Entry(DER, KEY, sign=code)), kind)


def test_an_error_as_windows_has_it_negative_is_the_same_error() -> None:
    windows = machine_with(Entry(DER, KEY))
    libraries = replace(windows.libraries(), last_error=lambda: winkeys.NTE_BAD_KEYSET - 2**32)
    windows.stores[winkeys.CERT_SYSTEM_STORE_LOCAL_MACHINE][0].acquire = winkeys.NTE_BAD_KEYSET
    with pytest.raises(CertificateNotFound, match="0x80090016"):
        WindowsSigner(MACHINE, libraries).sign(DATA, Scheme.PSS)


def test_a_key_of_another_certificate_is_found_out_before_anything_is_sent() -> None:
    error = refused(machine_with(Entry(DER, rsa_key())), KeyCannotSign)
    assert "not verified" in error.problem


def test_what_is_no_certificate_is_not_used() -> None:
    nonsense = b"\x30\x03\x02\x01\x01"
    key = replace(MACHINE, thumbprint=thumbprints(nonsense)[0])
    refused(machine_with(Entry(nonsense)), CertificateNotFound, key)


@pytest.mark.skipif("ctypes.sizeof(ctypes.c_void_p) != 8", reason="needs a system of 64 bits")
@pytest.mark.parametrize(
    ("structure", "size", "offsets"),
    [
        (CertContext, 40, {"encoding": 0, "der": 8, "size": 16, "info": 24, "store": 32}),
        (PaddingInfo, 16, {"hash": 0, "salt": 8}),
    ],
)
def test_structures_lie_in_memory_as_windows_lays_them(
    structure: type[ctypes.Structure], size: int, offsets: dict[str, int]
) -> None:
    assert ctypes.sizeof(structure) == size
    assert {name: getattr(structure, name).offset for name in offsets} == offsets


@pytest.mark.parametrize(
    "makes", [lambda: StoredKey(KeyStore.WINDOWS_USER), lambda: StoredKey(KeyStore.PKCS11)]
)
def test_a_store_of_which_nothing_is_said_is_refused_at_once(
    makes: Callable[[], StoredKey],
) -> None:
    with pytest.raises(ValueError, match="needs"):
        makes()
