"""What can be wrong with the key of an unattended station, where it is known which.

KeyUnusable
├── CertificateOutOfTime      its certificate has expired, or is not good yet
└── StoreKeyUnusable          the store that the key never leaves
    ├── KeyStoreMissing       no such store, token or card here
    ├── KeyStoreFailed        it is there and does not work
    ├── KeyModuleMissing      what speaks to it is not installed
    ├── KeyPinMissing         it asks for a PIN, and none is configured
    ├── KeyPinRefused         it did not take the PIN, which is not tried again
    ├── KeyPinSpared          one try is left, which belongs to a person
    ├── KeyPinLocked          too many wrong PINs
    ├── CertificateNotFound   it does not hold the certificate, or not its key
    ├── CertificateAmbiguous  it holds several that fit
    └── KeyCannotSign         the key may not sign, or its signature is not the certificate's
"""

from app.core.errors import KeyUnusable


class CertificateOutOfTime(KeyUnusable):
    """The certificate has expired, or is good only from a later day on."""


class StoreKeyUnusable(KeyUnusable):
    """The key lies in a store: `place` names it."""


class KeyStoreMissing(StoreKeyUnusable):
    """This system has no such store, or the token or card is not there."""


class KeyStoreFailed(StoreKeyUnusable):
    """The store is there and failed in a way that has no name here."""


class KeyModuleMissing(StoreKeyUnusable):
    """The PKCS#11 module cannot be loaded, or the program's own part for it is not installed."""


class KeyPinMissing(StoreKeyUnusable):
    """The store asks for a PIN, and none is configured."""


class KeyPinRefused(StoreKeyUnusable):
    """The store did not take the PIN. It is not tried again: cards lock after a few."""


class KeyPinSpared(StoreKeyUnusable):
    """One more wrong PIN locks the store, so the station does not try its own."""


class KeyPinLocked(StoreKeyUnusable):
    """The store takes no PIN any more until somebody unlocks it."""


class CertificateNotFound(StoreKeyUnusable):
    """The store does not hold the certificate, or not the key that belongs to it."""


class CertificateAmbiguous(StoreKeyUnusable):
    """Several certificates of the store fit what is configured."""


class KeyCannotSign(StoreKeyUnusable):
    """The key may not sign, signs in no way that Entra takes, or does not fit its certificate."""
