"""A code goes out once, early enough, and leaves nothing of itself behind."""

import pytest

from app.core.code import CodeVerdict, VerificationCode
from app.core.model import Token
from app.station.guards import Guards

TOKEN, OTHER = Token("d-1", "8659610904217"), Token("d-2", "71491037", interval=60)
EARLY, LATE = 1_000_000_000.0 - 10, 1_000_000_000.0 + 16
"""Moments with 20 and with 4 seconds left in a step of 30 seconds."""


def test_a_code_is_admitted_once_for_each_token() -> None:
    guards = Guards()
    assert guards.admit(TOKEN, "041238", EARLY) == VerificationCode("041238")
    assert guards.admit(TOKEN, "041238", EARLY) is CodeVerdict.ALREADY_SENT
    assert guards.admit(OTHER, "041238", EARLY) == VerificationCode("041238")


def test_a_code_about_to_end_waits_for_the_next_and_is_not_remembered() -> None:
    guards = Guards()
    assert guards.admit(TOKEN, "041238", LATE) is CodeVerdict.WAIT_FOR_NEXT
    assert guards.admit(TOKEN, "041238", EARLY + 30) == VerificationCode("041238")


@pytest.mark.parametrize("digits", ["", "04123", "0412389", "04123a"])
def test_what_is_no_code_is_not_admitted(digits: str) -> None:
    assert Guards().admit(TOKEN, digits, EARLY) is None
