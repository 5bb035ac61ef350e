"""From where a key is configured to what signs with it, or to what is missing on this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.auth import Certificate, StoredKey
from app.auth.signing import Scheme, signed
from app.auth.stationkey import signer_of
from app.core.signin import KeyStore
from app.core.stationkey import KeyModuleMissing, KeyStoreMissing
from tests.auth.keys import NOW, certificate_of, key_pem, private, rsa_key


def test_a_key_in_a_file_signs_as_entra_prefers_it(tmp_path: Path) -> None:
    key = rsa_key()
    path = private(tmp_path / "kiosk.pem", key_pem(key) + certificate_of(key))
    signer = signer_of(Certificate(path), NOW)
    assert signer.place == str(path)
    assert signed(signer, lambda _: b"data").scheme is Scheme.PSS
    assert "PRIVATE" not in repr(vars(signer))


def test_without_the_part_that_speaks_pkcs11_the_part_is_named() -> None:
    key = StoredKey(KeyStore.PKCS11, module=Path("/opt/module.so"))
    with pytest.raises(KeyModuleMissing, match="python-pkcs11 is not installed"):
        signer_of(key, NOW, lambda _: None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has its own stores")
@pytest.mark.parametrize("store", [KeyStore.WINDOWS_MACHINE, KeyStore.WINDOWS_USER])
def test_elsewhere_than_on_windows_its_stores_are_missing(store: KeyStore) -> None:
    with pytest.raises(KeyStoreMissing, match="only Windows"):
        signer_of(StoredKey(store, "A1" * 20), NOW)
