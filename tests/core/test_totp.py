"""Codes from seeds are those of RFC 6238, appendix B, in six digits."""

import pytest

from app.core.model import HashFunction
from app.core.secret import Secret
from app.core.totp import code_at

SEED = b"12345678901234567890"
LONG = b"12345678901234567890123456789012"


@pytest.mark.parametrize(
    ("moment", "sha1", "sha256"),
    [
        (59, "287082", "119246"),
        (1111111109, "081804", "084774"),
        (1111111111, "050471", "062674"),
        (1234567890, "005924", "819424"),
        (2000000000, "279037", "698825"),
        (20000000000, "353130", "737706"),
    ],
)
def test_the_rfcs_own_codes(moment: int, sha1: str, sha256: str) -> None:
    assert code_at(Secret(SEED), moment, 30, HashFunction.SHA1).reveal() == sha1
    assert code_at(Secret(LONG), moment, 30, HashFunction.SHA256).reveal() == sha256


def test_a_step_of_a_minute_counts_minutes() -> None:
    assert (
        code_at(Secret(SEED), 119, 60, HashFunction.SHA1).reveal()
        == code_at(Secret(SEED), 59, 30, HashFunction.SHA1).reveal()
    )


def test_a_seed_that_is_overwritten_yields_nothing() -> None:
    secret = Secret(SEED)
    secret.wipe()
    with pytest.raises(ValueError, match="wiped"):
        code_at(secret, 59, 30, HashFunction.SHA1)
