"""PSKC: the RFC's own figures, what they hold, and what the directory would not take."""

from __future__ import annotations

import pytest

from app.core.errors import SeedFileWrongKey
from app.core.model import HashFunction
from app.core.secret import Secret
from app.core.seed import FaultKind, Need, RowFault, SeedFormat, SeedOptions
from tests.seeds import writers
from tests.seeds.rfc6030 import FIGURE_2, FIGURE_3, FIGURE_6, FIGURE_7, FIGURE_10, as_totp
from tests.seeds.support import RFC_SEED, Desk, tokens
from tests.seeds.writers import KEY, PASSWORD, key_container, key_package

UNLOCKED = SeedOptions(key=KEY, password=PASSWORD, interval=30, model="One")
FIGURES = {2: FIGURE_2, 3: FIGURE_3, 6: FIGURE_6, 7: FIGURE_7, 10: FIGURE_10}


def test_figure_2_names_no_token(desk: Desk) -> None:
    assert desk.read(FIGURE_2).faults == (RowFault(1, FaultKind.SERIAL_MISSING),)


@pytest.mark.parametrize("figure", [3, 6, 7])
def test_a_figures_key_is_counter_based(desk: Desk, figure: int) -> None:
    found = desk.read(FIGURES[figure], UNLOCKED)
    assert found.format is SeedFormat.PSKC
    assert found.faults == (RowFault(1, FaultKind.COUNTER_BASED, "987654321"),)


def test_figure_10_holds_four_keys(desk: Desk) -> None:
    found = desk.read(FIGURE_10)
    assert [fault.serial for fault in found.faults] == ["654321", "123456", "9999999", "9999999"]
    assert {fault.kind for fault in found.faults} == {FaultKind.COUNTER_BASED}


@pytest.mark.parametrize(
    ("figure", "manufacturer"), [(3, "Manufacturer"), (6, "Manufacturer"), (7, "TokenVendorAcme")]
)
def test_a_figure_with_a_time_based_key_is_a_token(
    desk: Desk, figure: int, manufacturer: str
) -> None:
    found = desk.read(as_totp(FIGURES[figure]), UNLOCKED)
    (token,) = found.tokens
    assert (token.serial, token.manufacturer) == ("987654321", manufacturer)
    assert token.secret == Secret(RFC_SEED)
    assert token.person == ""
    assert found.faults == ()


def test_the_second_key_of_one_serial_is_told(desk: Desk) -> None:
    found = desk.read(as_totp(FIGURE_10), UNLOCKED)
    assert [token.serial for token in found.tokens] == ["654321", "123456", "9999999"]
    assert found.faults == (RowFault(4, FaultKind.DUPLICATE, "9999999", 3),)


def test_a_file_without_time_step_and_model_asks_for_them(desk: Desk) -> None:
    assert desk.read(as_totp(FIGURE_3)).needs == {Need.INTERVAL}
    assert desk.read(as_totp(FIGURE_3), SeedOptions(interval=30)).needs == {Need.MAKER}


@pytest.mark.parametrize(
    ("figure", "need"), [(FIGURE_6, Need.KEY), (FIGURE_7, Need.PASSWORD)], ids=["key", "password"]
)
def test_an_encrypted_file_asks_for_what_opens_it(desk: Desk, figure: str, need: Need) -> None:
    found = desk.read(as_totp(figure))
    assert found.needs == {need}
    assert found.faults == (RowFault(1, FaultKind.SECRET_ENCRYPTED, "987654321"),)
    other = SeedOptions(password=PASSWORD) if need is Need.KEY else SeedOptions(key=KEY)
    assert desk.read(as_totp(figure), other).needs == {need}


@pytest.mark.parametrize(
    ("figure", "options"),
    [
        (FIGURE_6, SeedOptions(key=Secret(bytes(16)))),
        (FIGURE_6, SeedOptions(key=Secret(bytes(15)))),
        (FIGURE_6, SeedOptions(key=Secret(bytes(32)))),
        (FIGURE_7, SeedOptions(password=Secret(b"Qwerty"))),
        (FIGURE_7, SeedOptions(password=Secret("qwertü".encode()))),
    ],
)
def test_a_wrong_key_or_password_is_told(desk: Desk, figure: str, options: SeedOptions) -> None:
    for content in (figure, as_totp(figure)):
        with pytest.raises(SeedFileWrongKey):
            desk.read(content, options)


def test_every_wrong_key_is_told(desk: Desk) -> None:
    content = writers.pskc(tokens(1), writers.with_key)
    for number in range(300):  # one in 256 wrong keys gives a padding that is right by chance
        with pytest.raises(SeedFileWrongKey):
            desk.read(content, SeedOptions(key=Secret(number.to_bytes(16, "big"))))


def test_one_damaged_value_does_not_spoil_the_others(desk: Desk) -> None:
    whole = writers.pskc(tokens(3), writers.with_key).decode()
    before, mark, after = whole.rpartition("<pskc:ValueMAC>")
    spoilt = before + mark + ("A" if after[0] != "A" else "B") + after[1:]
    found = desk.read(spoilt, UNLOCKED)
    assert len(found.tokens) == 2
    assert [fault.kind for fault in found.faults] == [FaultKind.SECRET_DAMAGED]


@pytest.mark.parametrize(
    ("package", "kind"),
    [
        (key_package(kind="hotp"), FaultKind.COUNTER_BASED),
        (key_package(kind="ocra"), FaultKind.NOT_OATH),
        (key_package(kind=""), FaultKind.NOT_OATH),
        (key_package(digits='Length="8" Encoding="DECIMAL"'), FaultKind.DIGITS_NOT_ALLOWED),
        (key_package(digits='Length="6" Encoding="HEXADECIMAL"'), FaultKind.DIGITS_NOT_ALLOWED),
        (key_package(digits='Length="6" CheckDigits="true"'), FaultKind.DIGITS_NOT_ALLOWED),
        (key_package(suite="HMAC-SHA512"), FaultKind.HASH_NOT_ALLOWED),
        (
            key_package(interval="<TimeInterval><PlainValue>45</PlainValue></TimeInterval>"),
            FaultKind.INTERVAL_NOT_ALLOWED,
        ),
        (key_package(interval=""), FaultKind.INTERVAL_MISSING),
        (key_package(secret=b"short"), FaultKind.SECRET_TOO_SHORT),
        (key_package(secret=b"\xff" * 81), FaultKind.SECRET_TOO_LONG),
        (key_package(secret=b""), FaultKind.SECRET_MISSING),
        (key_package().replace("MTIz", "M!Iz"), FaultKind.SECRET_NOT_BASE64),
        (key_package(serial="8,6E+12"), FaultKind.SERIAL_SCIENTIFIC),
    ],
)
def test_what_the_directory_would_not_take_is_a_fault(
    desk: Desk, package: str, kind: FaultKind
) -> None:
    found = desk.read(key_container(package, key_package("10001002")))
    assert [fault.kind for fault in found.faults] == [kind]
    assert [token.serial for token in found.tokens] == ["10001002"]


def test_a_feitian_shaped_key_of_60_seconds_and_sha_256_is_taken(desk: Desk) -> None:
    interval = (
        "<Time><PlainValue>0</PlainValue></Time>"
        "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>"
    )
    package = key_package("2600215704919", suite="HMAC-SHA256", interval=interval)
    (token,) = desk.read(key_container(package)).tokens
    assert (token.interval, token.hash_function) == (60, HashFunction.SHA256)


def test_what_one_package_says_is_not_taken_for_the_next(desk: Desk) -> None:
    bare = '<KeyPackage><Key Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp"/></KeyPackage>'
    found = desk.read(key_container(key_package(user="ada@contoso.com"), bare))
    assert [token.person for token in found.tokens] == ["ada@contoso.com"]
    assert found.faults == (RowFault(2, FaultKind.SERIAL_MISSING),)


def test_two_keys_of_one_device_are_two_rows(desk: Desk) -> None:
    package = key_package()
    key = package[package.index("<Key ") : package.index("</KeyPackage>")]
    found = desk.read(key_container(package.replace("</KeyPackage>", key + "</KeyPackage>")))
    assert found.rows == 2
    assert found.faults == (RowFault(2, FaultKind.DUPLICATE, "10001001", 1),)
