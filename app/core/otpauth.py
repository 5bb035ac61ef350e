"""Reads the QR code that a vendor encloses with a token: an otpauth address, seed and all.

The form is that of Google Authenticator's key URI: `otpauth://totp/LABEL?secret=...&issuer=...`,
with `algorithm`, `digits` and `period` where they are not SHA1, 6 and 30. Only what Entra ID takes
is taken; what is refused is named, and the address is never quoted.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from app.core.model import HashFunction
from app.core.secret import Encoding, Secret, SecretProblem, decoded, normal, possible
from app.core.seed import INTERVALS, USUAL_BYTES

LONGEST: Final = 1_000
"""Characters of an address; the vendors' have fewer than 200."""

_HASHES: Final = {"SHA1": HashFunction.SHA1, "SHA256": HashFunction.SHA256}


class SeedProblem(enum.Enum):
    """What keeps a text from being the seed of a token."""

    MISSING = "missing"
    NOT_A_SEED = "not a seed"
    AMBIGUOUS = "hexadecimal or Base32"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    COUNTER_BASED = "counter-based"
    DIGITS = "not six digits"
    INTERVAL = "not 30 or 60 seconds"
    HASH = "not SHA-1 or SHA-256"
    HASH_MISSING = "hash of a long seed is not told"


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a QR code or a typed text tells of a token; None and "" where it tells nothing."""

    secret: Secret
    issuer: str = ""
    interval: int | None = None
    hash_function: HashFunction | None = None

    @property
    def asks_for_hash(self) -> bool:
        """Whether somebody has to say the hash: a seed longer than SHA-1's may be of either."""
        return self.hash_function is None and len(self.secret) > USUAL_BYTES


def is_address(text: str) -> bool:
    """Tell whether `text` is an address that carries a seed."""
    return text.strip().casefold().startswith("otpauth://")


def enclosed(text: str, encoding: Encoding | None = None) -> Enclosed | SeedProblem:
    """Return what a text tells: an address as a QR code holds it, or a bare seed.

    `encoding` settles a bare seed that could be hexadecimal as well as Base32.
    """
    if len(text) > LONGEST:
        return SeedProblem.TOO_LONG
    return _of_address(text.strip()) if is_address(text) else _of_seed(text, encoding)


def _of_seed(text: str, encoding: Encoding | None) -> Enclosed | SeedProblem:
    plain = normal(text)
    if not plain:
        return SeedProblem.MISSING
    encodings = possible(plain)
    if not encodings:
        return SeedProblem.NOT_A_SEED
    if len(encodings) > 1 and encoding is None:
        return SeedProblem.AMBIGUOUS
    told = encoding if encoding in encodings else next(iter(encodings))
    return _sound(decoded(plain, told))


def _of_address(text: str) -> Enclosed | SeedProblem:
    try:
        address = urlsplit(text)
        told = {name.casefold(): value for name, value in parse_qsl(address.query)}
    except ValueError:
        return SeedProblem.NOT_A_SEED
    if address.netloc.casefold() != "totp":
        return SeedProblem.COUNTER_BASED
    if told.get("digits", "6") != "6":
        return SeedProblem.DIGITS
    found = _sound(decoded(normal(told.get("secret", "")), Encoding.BASE32))
    return found if isinstance(found, SeedProblem) else _described(found, address.path, told)


def _described(found: Enclosed, path: str, told: dict[str, str]) -> Enclosed | SeedProblem:
    period, algorithm = told.get("period", "30"), told.get("algorithm", "SHA1").upper()
    hash_function = _HASHES.get(algorithm.replace("-", "").removeprefix("HMAC"))
    if "algorithm" not in told and found.asks_for_hash:
        hash_function = None  # SHA-1 is the default, and vendors leave it out for SHA-256 as well
    elif hash_function is None:
        return SeedProblem.HASH
    if period not in {str(each) for each in INTERVALS}:
        return SeedProblem.INTERVAL
    label = unquote(path.lstrip("/"))
    issuer = told.get("issuer") or (label.partition(":")[0] if ":" in label else "")
    return Enclosed(found.secret, issuer.strip(), int(period), hash_function)


def _sound(found: Secret | SecretProblem) -> Enclosed | SeedProblem:
    match found:
        case Secret():
            return Enclosed(found)
        case SecretProblem.MISSING:
            return SeedProblem.MISSING
        case SecretProblem.TOO_SHORT:
            return SeedProblem.TOO_SHORT
        case SecretProblem.TOO_LONG:
            return SeedProblem.TOO_LONG
    return SeedProblem.NOT_A_SEED
