"""What is found in a seed file, and what the operator tells about it."""

from __future__ import annotations

import pytest

from app.core.model import HashFunction
from app.core.secret import Secret
from app.core.seed import (
    ColumnMapping,
    FaultKind,
    RowFault,
    SeedFile,
    SeedFormat,
    SeedOptions,
    SeedToken,
)

SEED = b"12345678901234567890"


def token(size: int = 20, *, told: bool = False) -> SeedToken:
    secret = Secret((SEED * 4)[:size])
    return SeedToken(2, "10001001", "Acme", "One", 30, HashFunction.SHA1, secret, "", told)


def test_a_token_shows_no_secret() -> None:
    shown = repr(SeedFile(SeedFormat.PSKC, (token(),)))
    assert "10001001" in shown
    assert "12345678901" not in shown
    assert "GEZDGNBV" not in shown


def test_options_show_no_key_and_no_password() -> None:
    shown = repr(SeedOptions(key=Secret(b"\x12\x34" * 8), password=Secret(b"qwerty")))
    assert "qwerty" not in shown
    assert "1234" not in shown


def test_wiping_a_file_wipes_every_seed() -> None:
    found = SeedFile(SeedFormat.PSKC, (token(), token()))
    found.wipe()
    assert all(each.secret.wiped for each in found.tokens)


def test_rows_that_wait_for_their_hash_are_counted() -> None:
    faults = (RowFault(2, FaultKind.HASH_MISSING), RowFault(3, FaultKind.DUPLICATE))
    assert SeedFile(SeedFormat.ENTRA_CSV, (token(20),), faults).long_secrets == 1


@pytest.mark.parametrize("interval", [0, 15, 45, 90])
def test_an_interval_is_30_or_60_seconds(interval: int) -> None:
    with pytest.raises(ValueError, match="30 or 60"):
        SeedOptions(interval=interval)


def test_a_column_is_mapped_once() -> None:
    assert ColumnMapping(serial=1, secret=0, kind=4).used() == (1, 0, 4)
    with pytest.raises(ValueError, match="once"):
        ColumnMapping(serial=1, secret=2, model=2)
    with pytest.raises(ValueError, match="once"):
        ColumnMapping(serial=1, secret=2, ignored=(2,))
    with pytest.raises(ValueError, match="from 0"):
        ColumnMapping(serial=-1, secret=0)
