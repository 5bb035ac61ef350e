"""A supervisor's PIN as it is kept: hashed with scrypt (RFC 7914) and a salt, never as it is.

Six digits are a million guesses, so the hash is slow on purpose: 32 MiB and a tenth of a second
each. That protects a PIN whose hash was read by somebody, for a while and not for ever; what
protects the kiosk itself is that tries are counted (core.tries).
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

SHORTEST: Final = 6
LONGEST: Final = 12
SALT_BYTES: Final = 16

_COST: Final = (15, 8, 1)
_HASH_BYTES: Final = 32
_MEMORY: Final = 256 * 1024 * 1024
_LINE: Final = re.compile(
    r"scrypt:(1[4-8]):([1-9]|1[0-6]):([1-4]):([A-Za-z0-9_-]{22,44}):([A-Za-z0-9_-]{43})"
)


@dataclass(frozen=True, slots=True)
class PinHash:
    """What a PIN is compared with. `cost` is (logarithm of n to the base 2, r, p) of scrypt."""

    cost: tuple[int, int, int]
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, pin: str, salt: bytes) -> "PinHash":
        """Return the hash of `pin`; `salt` is SALT_BYTES that were never used before."""
        return cls(_COST, salt, _digest(pin, salt, _COST))

    @classmethod
    def read(cls, line: str) -> "PinHash":
        """Return what `written` wrote. Raises ValueError for anything else."""
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError("it is no hash of a PIN")
        n, r, p, salt, digest = found.groups()
        return cls((int(n), int(r), int(p)), _bytes(salt), _bytes(digest))

    def written(self) -> str:
        """Return it as one line of a configuration."""
        n, r, p = self.cost
        return f"scrypt:{n}:{r}:{p}:{_text(self.salt)}:{_text(self.digest)}"

    def fits(self, pin: str) -> bool:
        """Tell whether this is the hash of `pin`. Takes a tenth of a second."""
        return hmac.compare_digest(self.digest, _digest(pin, self.salt, self.cost))


def too_simple(pin: str) -> bool:
    """Tell whether `pin` is no PIN, or one of those that are tried first: 111111, 123456 ..."""
    if not (pin.isascii() and pin.isdecimal() and SHORTEST <= len(pin) <= LONGEST):
        return True
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1


def _digest(pin: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    words = pin.encode()
    return hashlib.scrypt(words, salt=salt, n=2**n, r=r, p=p, maxmem=_MEMORY, dklen=_HASH_BYTES)


def _text(some: bytes) -> str:
    return base64.urlsafe_b64encode(some).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("it is no hash of a PIN") from None
