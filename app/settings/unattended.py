"""The keys of a station that signs in by itself: where its own key lies, and how to get at it."""

import re
from typing import Final

from app.core.signin import KeyStore
from app.settings.key import Key
from app.settings.kinds import Choice, Place, Text

_HEX_PAIR = "[0-9A-Fa-f]{2}"
_THUMBPRINT = Text(
    100,
    re.compile(rf"(?:{_HEX_PAIR}[ :]?){{19}}(?:(?:{_HEX_PAIR}[ :]?){{12}})?{_HEX_PAIR}"),
    "a thumbprint of 40 or 64 hexadecimal digits",
)

UNATTENDED_KEYS: Final = (
    Key(
        "signin",
        "certificate",
        Place(file=True),
        "The certificate of an unattended station with its private key, as PEM or PFX.",
        example="station.pem",
    ),
    Key(
        "signin",
        "passphrase_file",
        Place(file=True),
        "A file that holds the passphrase of the certificate's key, readable by the station alone.",
        example="station.passphrase",
    ),
    Key(
        "signin",
        "key_store",
        Choice(KeyStore),
        "Where the key of an unattended station lies: in a file, or in a store it never leaves.",
        "file",
    ),
    Key(
        "signin",
        "thumbprint",
        _THUMBPRINT,
        "Which certificate of the key store is the station's.",
        "",
        "84E05C1D98BCE3A5421D225B140B36E86A3D5534",
    ),
    Key(
        "signin",
        "key_module",
        Place(file=True),
        "The PKCS#11 library that speaks to the TPM, card or HSM with the station's key.",
        example="module.so",
    ),
    Key(
        "signin",
        "key_token",
        Text(32),
        "The label of the PKCS#11 token with the station's key, where the library knows several.",
        "",
        "Kiosk",
    ),
    Key(
        "signin",
        "key_pin_file",
        Place(file=True),
        "A file that holds the PIN of the PKCS#11 token, readable by the station alone.",
        example="station.pin",
    ),
)
