"""What to say of a station's own key that cannot be used: for whoever set the kiosk up."""

from collections.abc import Mapping
from typing import Final

from app.core.errors import OathdeskError
from app.core.stationkey import (
    CertificateAmbiguous,
    CertificateNotFound,
    CertificateOutOfTime,
    KeyCannotSign,
    KeyModuleMissing,
    KeyPinLocked,
    KeyPinMissing,
    KeyPinRefused,
    KeyPinSpared,
    KeyStoreFailed,
    KeyStoreMissing,
)

TROUBLES: Final[Mapping[type[OathdeskError], tuple[str, str]]] = {
    CertificateOutOfTime: (
        "The certificate of this station is outside its time.",
        (
            "Register a new certificate with the application and put it in place of the old one. "
            "Check the clock of this machine too."
        ),
    ),
    KeyStoreMissing: (
        "The key store of this station is not found.",
        "Connect the card, or compare the configuration with what the details list.",
    ),
    KeyStoreFailed: (
        "The key store of this station does not work.",
        "The details have its own words. The tool of its maker can say more.",
    ),
    KeyModuleMissing: (
        "What speaks to the key store of this station is not installed.",
        (
            "Install the library that signin.key_module names, and Oathdesk with the part named "
            "pkcs11. The details say what is missing."
        ),
    ),
    KeyPinMissing: (
        "The key store of this station asks for a PIN, and it has none.",
        (
            "Put the PIN into a file that nobody else can read, and name it as "
            "signin.key_pin_file. On Windows, use a key that asks nobody."
        ),
    ),
    KeyPinRefused: (
        "The key store does not accept the PIN of this station.",
        (
            "Correct the PIN file, or start the station anew where the PIN of the store was "
            "changed. The same PIN is not tried again, since cards lock themselves."
        ),
    ),
    KeyPinSpared: (
        "One more wrong PIN would lock the key store of this station.",
        (
            "The station leaves this try to you: check the PIN file, then use the PIN once with "
            "the tool of the store's maker."
        ),
    ),
    KeyPinLocked: (
        "The PIN of this station's key store is locked.",
        "Unlock it with the tool of its maker, then check the PIN file.",
    ),
    CertificateNotFound: (
        "The key store does not hold the certificate of this station with its key.",
        "Put both there, or correct signin.thumbprint. The details say what was looked for.",
    ),
    CertificateAmbiguous: (
        "The key store holds more than one certificate that fits.",
        "Name the right one as signin.thumbprint. The details list them.",
    ),
    KeyCannotSign: (
        "The key of this station cannot sign.",
        (
            "It has to be an RSA key that may sign, that belongs to the certificate, and that "
            "whoever runs the station may use. The details say what is in the way."
        ),
    ),
}
