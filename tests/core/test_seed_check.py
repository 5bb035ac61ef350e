"""Every row is a token that the directory takes, or has the fault that a person would name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model import HashFunction
from app.core.secret import Encoding, Secret
from app.core.seed import (
    FaultKind,
    Need,
    RowFault,
    SeedFile,
    SeedFormat,
    SeedOptions,
    SeedToken,
)
from app.core.seed_cells import file_serial
from app.core.seed_check import Batch, Checker, Row

HEX = "08E49538328BAE830E0DB14A82341100BC23B840"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
BOTH = "ABCDEF23ABCDEF23ABCDEF23ABCDEF23"
SERIAL = "8659610904217"
GOOD = Row(2, SERIAL, BASE32, "30", "Token2", "C301-i", "ada@contoso.com")


def judged(*rows: Row, options: SeedOptions | None = None) -> SeedFile:
    checker = Checker(options or SeedOptions())
    for row in rows:
        checker.add(row)
    return checker.finish(SeedFormat.OTHER_CSV)


def fault(options: SeedOptions | None = None, **changed: Any) -> FaultKind:
    found = judged(GOOD._replace(**changed), options=options)
    assert not found.tokens
    (only,) = found.faults
    return only.kind


def token(options: SeedOptions | None = None, **changed: Any) -> SeedToken:
    found = judged(GOOD._replace(**changed), options=options)
    assert not found.faults
    (only,) = found.tokens
    return only


def test_a_good_row_is_a_token() -> None:
    assert token() == SeedToken(
        2,
        SERIAL,
        "Token2",
        "C301-i",
        30,
        HashFunction.SHA1,
        Secret(b"12345678901234567890"),
        "ada@contoso.com",
        hash_told=False,
    )


@pytest.mark.parametrize(
    ("written", "serial"),
    [
        ("8659610904217", "8659610904217"),
        (" 8659610904217 ", "8659610904217"),
        ("00123456", "00123456"),
        ("123456", "123456"),
        ("gakt00040d6d", "GAKT00040D6D"),
        ("306EUO4-00960", "306EUO4-00960"),
        ("12-3456789-0", "1234567890"),
        ('="00123456"', "00123456"),
        ("S/N: 10001001", "10001001"),
        ("\ufeff10001001", "10001001"),
    ],
)
def test_a_serial_is_filed_as_the_desk_will_scan_it(written: str, serial: str) -> None:
    assert file_serial(written) == serial


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("", FaultKind.SERIAL_MISSING),
        ("  ", FaultKind.SERIAL_MISSING),
        ("8,65962E+12", FaultKind.SERIAL_SCIENTIFIC),
        ("8.65962E+12", FaultKind.SERIAL_SCIENTIFIC),
        ("8E+12", FaultKind.SERIAL_SCIENTIFIC),
        ("Not a serial", FaultKind.SERIAL_NOT_ALLOWED),
        ("865961\x000904217", FaultKind.SERIAL_NOT_ALLOWED),
        ("10001001\n10001002", FaultKind.SERIAL_NOT_ALLOWED),
        ("=HYPERLINK(1)", FaultKind.SERIAL_NOT_ALLOWED),
        (BASE32, FaultKind.SERIAL_NOT_ALLOWED),
        (HEX, FaultKind.SERIAL_NOT_ALLOWED),
        ("1" * 1_000_000, FaultKind.SERIAL_NOT_ALLOWED),
    ],
)
def test_what_is_no_serial_is_a_fault_that_does_not_quote_it(written: str, kind: FaultKind) -> None:
    assert judged(GOOD._replace(serial=written)).faults == (RowFault(2, kind),)


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("", FaultKind.SECRET_MISSING),
        ("  ", FaultKind.SECRET_MISSING),
        ("12345678", FaultKind.SECRET_TOO_SHORT),
        ("Z" * 136, FaultKind.SECRET_TOO_LONG),
        ("90" * 81, FaultKind.SECRET_TOO_LONG),
        (BASE32[:-1] + "0", FaultKind.SECRET_NEITHER),
        (BOTH, FaultKind.SECRET_AMBIGUOUS),
        (b"", FaultKind.SECRET_MISSING),
        (b"short", FaultKind.SECRET_TOO_SHORT),
        (bytes(81), FaultKind.SECRET_TOO_LONG),
    ],
)
def test_what_is_no_seed_is_a_fault(secret: str | bytes, kind: FaultKind) -> None:
    assert fault(secret=secret) is kind


def test_the_operators_word_on_the_encoding_holds_for_every_seed() -> None:
    as_hex, as_base32 = SeedOptions(encoding=Encoding.HEX), SeedOptions(encoding=Encoding.BASE32)
    assert fault(as_hex, secret=BASE32) is FaultKind.SECRET_NOT_HEX
    assert fault(as_base32, secret=HEX) is FaultKind.SECRET_NOT_BASE32
    assert token(as_hex, secret=BOTH).secret == Secret(bytes.fromhex(BOTH))
    assert token(as_base32, secret=BOTH).secret.reveal_base32() == BOTH


def test_a_seed_that_could_be_both_is_what_the_others_are() -> None:
    doubtful = GOOD._replace(number=2, serial="10001001", secret=BOTH)
    for sure, seed in ((HEX, bytes.fromhex(BOTH)), (BASE32, None)):
        found = judged(doubtful, GOOD._replace(number=3, secret=sure))
        assert [each.row for each in found.tokens] == [2, 3]
        assert found.needs == frozenset()
        first = found.tokens[0].secret
        assert first == Secret(seed) if seed else first.reveal_base32() == BOTH


def test_where_both_encodings_are_in_a_file_only_the_sure_seeds_are_taken() -> None:
    found = judged(
        GOOD._replace(number=2, serial="10001001", secret=BOTH),
        GOOD._replace(number=3, serial="10001002", secret=HEX),
        GOOD._replace(number=4, serial="10001003", secret=BASE32),
    )
    assert [each.row for each in found.tokens] == [3, 4]
    assert found.faults == (RowFault(2, FaultKind.SECRET_AMBIGUOUS, "10001001"),)
    assert found.needs == {Need.ENCODING}


def test_a_misread_letter_is_told_in_the_files_own_encoding() -> None:
    found = judged(
        GOOD._replace(number=2, serial="10001001", secret="O" + HEX[1:]),
        GOOD._replace(number=3, serial="10001002", secret=HEX),
    )
    assert found.faults == (RowFault(2, FaultKind.SECRET_NOT_HEX, "10001001"),)


@pytest.mark.parametrize(
    ("interval", "seconds"),
    [("30", 30), (" 60 ", 60), ("30.0", 30), ("60,00", 60), ("30s", 30), ("60 Seconds", 60)],
)
def test_an_interval_is_read_however_it_is_written(interval: str, seconds: int) -> None:
    assert token(interval=interval).interval == seconds


@pytest.mark.parametrize("interval", ["45", "0", "-30", "30.5", "half a minute", "3" * 5000])
def test_another_interval_is_a_fault(interval: str) -> None:
    assert fault(interval=interval) is FaultKind.INTERVAL_NOT_ALLOWED


def test_an_interval_that_is_not_told_is_asked_for() -> None:
    found = judged(GOOD._replace(interval=""))
    assert found.faults == (RowFault(2, FaultKind.INTERVAL_MISSING, SERIAL),)
    assert found.needs == {Need.INTERVAL}
    assert token(SeedOptions(interval=60), interval="").interval == 60
    assert token(SeedOptions(interval=60), interval="30").interval == 30


@pytest.mark.parametrize(
    ("written", "hash_function"),
    [
        ("SHA1", HashFunction.SHA1),
        ("hmacsha1", HashFunction.SHA1),
        ("SHA-256", HashFunction.SHA256),
        ("HMAC-SHA256", HashFunction.SHA256),
    ],
)
def test_a_hash_is_read_however_it_is_written(written: str, hash_function: HashFunction) -> None:
    found = token(hash_function=written)
    assert (found.hash_function, found.hash_told) == (hash_function, True)


@pytest.mark.parametrize("written", ["SHA512", "HMAC-SHA-512", "MD5", "?!x"])
def test_another_hash_is_a_fault(written: str) -> None:
    assert fault(hash_function=written) is FaultKind.HASH_NOT_ALLOWED


def test_a_hash_is_never_guessed_but_the_operator_may_tell() -> None:
    long_seed = "Z" * 64
    assert fault(secret=long_seed) is FaultKind.HASH_MISSING
    assert judged(GOOD._replace(secret=long_seed)).needs == {Need.HASH}
    assert token(secret="Z" * 32).hash_told is False
    told = token(SeedOptions(hash_function=HashFunction.SHA256), secret=long_seed)
    assert (told.hash_function, told.hash_told) == (HashFunction.SHA256, True)


@pytest.mark.parametrize("kind", ["totp", "TOTP", "", "oath-totp", "time-based"])
def test_a_time_based_token_is_taken(kind: str) -> None:
    assert token(kind=kind)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"kind": "hotp"}, FaultKind.COUNTER_BASED),
        ({"kind": "OATH-HOTP"}, FaultKind.COUNTER_BASED),
        ({"kind": "ocra"}, FaultKind.NOT_OATH),
        ({"kind": "yubikey"}, FaultKind.NOT_OATH),
        ({"kind": "4d2301c4dda1"}, FaultKind.KIND_NOT_KNOWN),
        ({"digits": "8"}, FaultKind.DIGITS_NOT_ALLOWED),
        ({"model": ""}, FaultKind.MAKER_MISSING),
        ({"manufacturer": " "}, FaultKind.MAKER_MISSING),
        ({"model": "x" * 129}, FaultKind.TEXT_TOO_LONG),
        ({"person": "a@" + "x" * 130}, FaultKind.TEXT_TOO_LONG),
        ({"model": "a\x00b"}, FaultKind.TEXT_NOT_ALLOWED),
        ({"manufacturer": "two\nlines"}, FaultKind.TEXT_NOT_ALLOWED),
        ({"person": "Ada Lovelace"}, FaultKind.PERSON_NOT_ALLOWED),
        ({"person": BASE32}, FaultKind.PERSON_NOT_ALLOWED),
        ({"person": f"otpauth://totp/a@b?secret={BASE32}"}, FaultKind.PERSON_NOT_ALLOWED),
    ],
)
def test_what_the_directory_would_not_take_is_a_fault(
    changed: dict[str, str], kind: FaultKind
) -> None:
    assert fault(None, **changed) is kind


def test_a_maker_that_is_not_told_is_asked_for() -> None:
    assert judged(GOOD._replace(model="")).needs == {Need.MAKER}
    told = token(SeedOptions(manufacturer="Acme", model="One"), manufacturer="", model="")
    assert (told.manufacturer, told.model) == ("Acme", "One")


def test_a_serial_that_is_there_already_names_its_row() -> None:
    found = judged(GOOD, GOOD._replace(number=7, serial=f" {SERIAL}"))
    assert [each.row for each in found.tokens] == [2]
    assert found.faults == (RowFault(7, FaultKind.DUPLICATE, SERIAL, 2),)


def test_a_faulty_row_does_not_stand_in_the_way_of_a_good_one() -> None:
    found = judged(GOOD._replace(secret=""), GOOD._replace(number=7))
    assert [each.row for each in found.tokens] == [7]


def test_wiping_a_checker_wipes_what_it_took_in() -> None:
    checker = Checker(SeedOptions())
    checker.add(GOOD)
    found = checker.finish(SeedFormat.OTHER_CSV)
    checker.wipe()
    assert found.tokens[0].secret.wiped


serials = st.sampled_from(
    [SERIAL, "10001001", "GAKT00040D6D", "306EUO4-00960", "", "8,6E+12", BASE32, "10\n20", "1000"]
) | st.integers(1000, 10**13).map(str)
secrets = st.sampled_from([HEX, BASE32, BOTH, "", BASE32.lower(), "short", BASE32 + "\n" + BASE32])
cells = st.tuples(
    serials,
    secrets | st.binary(min_size=20, max_size=20).map(bytes.hex).map(str.upper),
    st.sampled_from(["30", "30", "60", "", "45"]),
    st.sampled_from(["Token2", "Token2", "", "x" * 200]),
    st.sampled_from(["C301-i", "C301-i", "a\x00b"]),
    st.sampled_from(["", "", "ada@contoso.com", "o'brien@contoso.com", "Ada", "a@b\nc@d"]),
    st.sampled_from(["", "", "SHA1", "hmacsha256", "SHA512"]),
    st.sampled_from(["", "6", "8"]),
    st.sampled_from(["", "totp", "hotp", "totp-sha256"]),
    st.sampled_from(["", "", "", "hex", "base32", "text", "base64", "?"]),
    st.sampled_from(["", "", "Desk", "a\x00b"]),
)
good = st.tuples(
    st.integers(1000, 10**13).map(str),
    st.binary(min_size=20, max_size=20).map(lambda raw: "9A" + raw.hex().upper()),
    *(st.just(text) for text in ("30", "Token2", "C301-i", "", "SHA1", "6", "totp", "", "")),
)
answers = st.builds(
    SeedOptions,
    encoding=st.sampled_from([None, None, *Encoding]),
    interval=st.sampled_from([None, 60]),
    model=st.sampled_from(["", "One"]),
)


@given(st.lists(st.lists(cells, min_size=1) | st.lists(good, min_size=1)), answers)
def test_many_rows_at_once_are_judged_as_one_by_one(
    chunks: list[list[tuple[str, ...]]], options: SeedOptions
) -> None:
    swift, slow, number = Checker(options), Checker(options), 1
    for chunk in chunks:
        numbers = range(number, number + len(chunk))
        swift.add_batch(Batch(numbers, *zip(*chunk, strict=True)))
        for row in map(Row, numbers, *zip(*chunk, strict=True)):
            slow.add(row)
        number += len(chunk)
    assert swift.rows == slow.rows == number - 1
    assert swift.finish(SeedFormat.OTHER_CSV) == slow.finish(SeedFormat.OTHER_CSV)


@given(st.lists(good, min_size=1, unique_by=lambda cells: cells[0]))
def test_rows_with_nothing_unusual_go_the_fast_way(rows: list[tuple[str, ...]]) -> None:
    checker = Checker(SeedOptions())
    batch = Batch(range(1, len(rows) + 1), *zip(*rows, strict=True))
    tokens = checker._swift(batch)
    assert tokens is not None
    assert [each.serial for each in tokens] == [cells[0] for cells in rows]


@given(st.tuples(st.text(), st.text() | st.binary(), *([st.text()] * 9)))
def test_whatever_a_row_holds_it_is_judged(texts: tuple[Any, ...]) -> None:
    assert judged(Row(1, *texts)).rows == 1


@pytest.mark.parametrize("column", [1, 6])
def test_the_last_of_many_rows_may_be_the_odd_one(column: int) -> None:
    people = "ada.lovelace@contoso.com"
    rows = [
        (n, str(10**12 + n), BASE32, "30", "Acme", "One", people, *[""] * 5) for n in range(999)
    ]
    odd = list(rows[-1])
    odd[column] = "ODD"
    checker = Checker(SeedOptions())
    checker.add_batch(Batch(*zip(*rows[:-1], odd, strict=True)))
    assert [each.row for each in checker.finish(SeedFormat.OTHER_CSV).faults] == [998]
