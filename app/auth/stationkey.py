"""The way from where a station's key is configured to what signs with it."""

import importlib.util
import sys
from collections.abc import Callable
from datetime import datetime

from app.auth.keyfile import FileSigner, read
from app.auth.settings import Certificate, StationKey, StoredKey
from app.auth.signing import Signer, judge
from app.auth.winkeys import WindowsSigner, libraries
from app.core.signin import KeyStore
from app.core.stationkey import KeyModuleMissing, KeyStoreMissing


def signer_of(
    key: StationKey, now: datetime, find: Callable[[str], object] = importlib.util.find_spec
) -> Signer:
    """Return what signs with `key`, whose certificate is good `now`. Raises KeyUnusable.

    `find` tells whether a package is installed.
    """
    if isinstance(key, Certificate):
        return FileSigner(key.file, read(key.file, key.passphrase, now))
    if key.store is KeyStore.PKCS11 and find("pkcs11") is None:
        raise KeyModuleMissing(key.place, "python-pkcs11 is not installed")
    signer = _behind_pkcs11(key) if key.store is KeyStore.PKCS11 else _of_windows(key)
    judge(signer.place, signer.certificate, now)
    return signer


def _behind_pkcs11(key: StoredKey) -> Signer:
    from app.auth.cryptoki import CryptokiSigner  # noqa: PLC0415 - imports python-pkcs11, an extra

    return CryptokiSigner(key)


def _of_windows(key: StoredKey) -> Signer:
    if sys.platform == "win32":
        return WindowsSigner(key, libraries())
    raise KeyStoreMissing(key.place, "only Windows has this store")
