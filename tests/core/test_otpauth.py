"""A vendor's QR code is read, and what Entra ID does not take is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model import HashFunction
from app.core.otpauth import LONGEST, Enclosed, SeedProblem, enclosed, is_address
from app.core.secret import Encoding, Secret

SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RAW = b"12345678901234567890"
FULL = (
    f"otpauth://totp/Token2%20Works:2600123?secret={SEED}&issuer=Token2&algorithm=SHA256"
    "&digits=6&period=60"
)


def test_an_address_tells_seed_issuer_step_and_hash() -> None:
    assert enclosed(FULL) == Enclosed(Secret(RAW), "Token2", 60, HashFunction.SHA256)


def test_what_an_address_does_not_tell_is_what_everybody_takes_it_for() -> None:
    found = enclosed(f"OTPAUTH://TOTP/Works:1?secret={SEED.lower()}")
    assert found == Enclosed(Secret(RAW), "Works", 30, HashFunction.SHA1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", SeedProblem.MISSING),
        ("   ", SeedProblem.MISSING),
        ("otpauth://totp/x", SeedProblem.MISSING),
        (f"otpauth://hotp/x?secret={SEED}&counter=0", SeedProblem.COUNTER_BASED),
        (FULL.replace("digits=6", "digits=8"), SeedProblem.DIGITS),
        (FULL.replace("period=60", "period=20"), SeedProblem.INTERVAL),
        (FULL.replace("SHA256", "SHA512"), SeedProblem.HASH),
        (FULL.replace(SEED, "ABC!"), SeedProblem.NOT_A_SEED),
        (FULL.replace(SEED, "MFRGGZDF"), SeedProblem.TOO_SHORT),
        (FULL.replace(SEED, "A" * 136), SeedProblem.TOO_LONG),
        ("hello, world!", SeedProblem.NOT_A_SEED),
        ("ABCDEF234567ABCDEF234567ABCDEF23", SeedProblem.AMBIGUOUS),
        ("otpauth://totp/[", SeedProblem.MISSING),
        ("otpauth://[/?secret=A", SeedProblem.NOT_A_SEED),
        ("A" * (LONGEST + 1), SeedProblem.TOO_LONG),
    ],
)
def test_what_cannot_be_taken_is_named(text: str, problem: SeedProblem) -> None:
    assert enclosed(text) is problem


@pytest.mark.parametrize("text", [SEED, "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", RAW.hex()])
def test_a_seed_is_typed_as_it_is_printed(text: str) -> None:
    assert enclosed(text) == Enclosed(Secret(RAW))


def test_what_could_be_both_is_what_the_operator_says() -> None:
    text = "ABCDEF234567ABCDEF234567ABCDEF23"
    assert enclosed(text, Encoding.HEX) == Enclosed(Secret(bytes.fromhex(text)))
    assert enclosed(text, Encoding.BASE32) != enclosed(text, Encoding.HEX)


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    for each in (text, f"otpauth://totp/{text}", f"otpauth://totp/x?secret={text}"):
        assert isinstance(enclosed(each), Enclosed | SeedProblem)
        assert isinstance(is_address(each), bool)
