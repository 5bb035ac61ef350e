"""Which codes may be sent: one guard per token, for as long as the desk is open.

A code is remembered as a digest alone, under a key that is made anew with each desk.
"""

import secrets
from dataclasses import replace

from app.core.code import (
    CodeGuard,
    CodeVerdict,
    InvalidCode,
    StepClock,
    VerificationCode,
    parse_code,
)
from app.core.model import Token


class Guards:
    """The code guards of all tokens that came over this desk, by serial number."""

    def __init__(self) -> None:
        """Begin with a fresh key and no code remembered."""
        self._key = secrets.token_bytes(32)
        self._guards: dict[str, CodeGuard] = {}

    def admit(self, token: Token, digits: str, now: float) -> VerificationCode | CodeVerdict | None:
        """Return the code if it may be sent, and remember it as sent.

        `now` is the token's own time, as far as it is known, in Unix seconds.

        Otherwise return the guard's verdict, or None where `digits` are no code at all.
        """
        try:
            code = parse_code(digits)
        except InvalidCode:
            return None
        fresh = CodeGuard(StepClock(token.interval), self._key)
        guard = self._guards.get(token.serial_number, fresh)
        verdict = guard.judge(code, now)
        if verdict is not CodeVerdict.GO:
            return verdict
        self._guards[token.serial_number] = guard.after_sending(code)
        return code

    def not_sent(self, token: Token) -> None:
        """Forget the last code that was admitted for `token`: it did not leave this station."""
        guard = self._guards.get(token.serial_number)
        if guard is not None:
            kept = replace(guard, digests=guard.digests[:-1])
            self._guards[token.serial_number] = kept
