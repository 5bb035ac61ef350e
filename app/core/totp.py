"""The code that a token shows, computed from its seed (RFC 6238, RFC 4226 section 5.3).

For a token whose own clock nobody has looked at: the code is the one it would show if that clock
were right.
"""

import hashlib
import hmac
from typing import Final

from app.core.code import CODE_DIGITS, StepClock, VerificationCode
from app.core.model import HashFunction
from app.core.secret import Secret

_DIGESTS: Final = {HashFunction.SHA1: hashlib.sha1, HashFunction.SHA256: hashlib.sha256}


def code_at(
    secret: Secret, moment: float, interval: int, hash_function: HashFunction
) -> VerificationCode:
    """Return the code at `moment` (Unix seconds). Raises ValueError once the seed is wiped."""
    counter = StepClock(interval).step(moment).to_bytes(8, "big")
    digest = hmac.digest(secret.reveal(), counter, _DIGESTS[hash_function])
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return VerificationCode(f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}")
