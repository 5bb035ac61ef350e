"""Each family, byte for byte: what is asked, and what becomes of good, wrong and short answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.reading import (
    BadgeKind,
    BadgeReading,
    CardReading,
    Family,
    Help,
    NeedsHelp,
    NotAToken,
    Thing,
    TokenReading,
)
from app.readers.families import badge, canokey, nitrokey, solo, token2_fido, token2_otp, yubikey
from app.readers.families.apdu import NotThisFamily, Transmit, Unreadable
from tests.readers import cards

Ask = Callable[[Transmit], CardReading]

SELECT_MANAGEMENT = "00a4040008a000000527471117"
PAGE = "001d000000"
ALL: tuple[Ask, ...] = (
    token2_otp.read,
    token2_fido.read,
    yubikey.read,
    yubikey.read_known,
    nitrokey.read,
    nitrokey.read_known,
    solo.read,
    canokey.read,
    badge.read_chuid,
    badge.read_uid,
)


class Script:
    """Answers a conversation as it is written down, and nothing else."""

    def __init__(self, *lines: tuple[str, str]) -> None:
        self._lines = list(lines)

    def __call__(self, command: bytes) -> tuple[bytes, int]:
        expected, answer = self._lines.pop(0)
        assert command.hex() == expected.replace(" ", "").lower()
        given_back = bytes.fromhex(answer)
        return given_back[:-2], int.from_bytes(given_back[-2:])

    @property
    def is_over(self) -> bool:
        return not self._lines


def told(ask: Ask, *lines: tuple[str, str]) -> CardReading:
    """What `ask` makes of a conversation, which it must have to the end."""
    script = Script(*lines)
    try:
        return ask(script)
    finally:
        assert script.is_over


INFO = "80 41 00 00 02 02 11"
GOOD_INFO = "010203 0D 38363539363130313233343536 1234 6B035F00 9000"
GOOD_CLOCK = datetime(2026, 11, 23, 20, 20, 32, tzinfo=UTC)


def test_a_token2_token_tells_serial_and_clock() -> None:
    clock = datetime.fromtimestamp(0x6B035F00, UTC)
    reading = told(token2_otp.read, (INFO, GOOD_INFO))
    assert reading == TokenReading(Family.TOKEN2_OTP, "C301-i", "8659610123456", clock)


def test_a_token2_token_may_answer_in_two_pieces() -> None:
    first, rest = GOOD_INFO.replace(" ", "")[:20], GOOD_INFO.replace(" ", "")[20:-4]
    reading = told(
        token2_otp.read,
        (INFO, first + f"61{len(rest) // 2:02x}"),
        (f"00C00000{len(rest) // 2:02x}", rest + "9000"),
    )
    assert isinstance(reading, TokenReading)
    assert reading.serial == "8659610123456"


def test_a_token2_token_may_ask_for_the_right_length() -> None:
    reading = told(token2_otp.read, (INFO, "6C17"), ("80 41 00 00 02 02 11 17", GOOD_INFO))
    assert isinstance(reading, TokenReading)


def test_a_serial_of_fourteen_digits_is_taken_and_of_an_unknown_product_is_not() -> None:
    fourteen = "010203 0E 3836353936313031323334353637 1234 6B035F00 9000"
    reading = told(token2_otp.read, (INFO, fourteen))
    assert isinstance(reading, TokenReading)
    assert reading.serial == "86596101234567"
    with pytest.raises(NotThisFamily):
        told(token2_otp.read, (INFO, "010203 08 3132333435363738 1234 6B035F00 9000"))


@pytest.mark.parametrize(
    "answer",
    [
        "9000",
        "010203 9000",
        "010203 00 1234 6B035F00 9000",
        "010203 0D 38363539363130313233343536 1234 6B035F 9000",
        "010203 FF 38363539363130313233343536 1234 6B035F00 9000",
        "010203 0D 38363539363130313233343541 1234 6B035F00 9000",
    ],
    ids=["nothing", "no length", "no serial", "short clock", "length beyond", "a letter"],
)
def test_a_token2_answer_that_is_not_clean_is_unreadable(answer: str) -> None:
    with pytest.raises(Unreadable):
        told(token2_otp.read, (INFO, answer))


SELECT_OTP = "00 A4 04 00 08 F0 00 00 01 4F 74 70 01"
SELECT_FIDO = "00 A4 04 00 08 A0 00 00 06 47 2F 00 01"
READ_SERIAL = "80 33 00 00 12 D1 10" + "00" * 16
FIDO_SERIAL = "D1 0E 3732313032393335373830353238 9000"
A_KEY = TokenReading(Family.TOKEN2_FIDO, "PIN+ Mini USB-C", "72102935780528")


def test_a_token2_key_tells_its_serial() -> None:
    assert told(token2_fido.read, (SELECT_OTP, "9000"), (READ_SERIAL, FIDO_SERIAL)) == A_KEY


def test_a_token2_key_chains_in_its_own_class() -> None:
    reading = told(
        token2_fido.read,
        (SELECT_OTP, "9F02"),
        ("80 C0 00 00 02", "AABB 9000"),
        (READ_SERIAL, "6110"),
        ("80 C0 00 00 10", FIDO_SERIAL),
    )
    assert reading == A_KEY


def test_a_token2_key_that_answers_only_under_fido_is_asked_there() -> None:
    reading = told(
        token2_fido.read,
        (SELECT_OTP, "9000"),
        (READ_SERIAL, "6D00"),
        (SELECT_FIDO, "6A81"),
        (READ_SERIAL, FIDO_SERIAL),
    )
    assert reading == A_KEY


@pytest.mark.parametrize(
    "answer", ["9000", "D1 9000", "D1 0E 3132 9000", "D2 02 3132 9000", "6A80"]
)
def test_a_token2_key_that_answers_wrongly_is_unreadable(answer: str) -> None:
    with pytest.raises(Unreadable):
        told(token2_fido.read, (SELECT_OTP, "9000"), (READ_SERIAL, answer))


def test_a_yubikey_tells_its_serial_with_form_and_firmware() -> None:
    fields = "21 0102033F 0302033F 020400BC614E 040101 0503050701 0A0100 0D02033F 0E02033F 9000"
    reading = told(yubikey.read, (SELECT_MANAGEMENT, GREETING), (PAGE, fields))
    assert reading == TokenReading(Family.YUBIKEY, "YubiKey 5.7.1 USB-A", "12345678")


GREETING = cards.GREETING.hex() + "9000"


def test_a_yubikey_with_two_pages_is_asked_for_both() -> None:
    reading = told(
        yubikey.read,
        (SELECT_MANAGEMENT, GREETING),
        (PAGE, "06 040183 100101 9000"),
        ("001d010000", "06 020400BC614E 9000"),
    )
    assert reading == TokenReading(Family.YUBIKEY, "YubiKey FIPS USB-C", "12345678")


def test_an_old_yubikey_is_asked_by_its_otp_application() -> None:
    reading = told(
        yubikey.read,
        (SELECT_MANAGEMENT, GREETING),
        (PAGE, "6D00"),
        ("00a4040007a0000005272001", "03040600 9000"),
        ("0001100000", "002FEFD8 9000"),
    )
    assert reading == TokenReading(Family.YUBIKEY, "YubiKey", "3141592")


def test_a_yubikey_that_hides_its_serial_from_otp_is_asked_by_piv() -> None:
    reading = told(
        yubikey.read_known,
        (SELECT_MANAGEMENT, "6A82"),
        ("00a4040007d2760000850101", "6A82"),
        ("00a4040007a0000005272001", "9000"),
        ("0001100000", "00000000 9000"),
        ("00a4040005a000000308", "6108"),
        ("00c0000008", "4F00 9000"),
        ("00f8000000", "01343E64 9000"),
    )
    assert reading == TokenReading(Family.YUBIKEY, "YubiKey", "20201060")


def test_a_security_key_of_yubico_has_no_serial() -> None:
    fields = "06 040141 0A0100 9000"
    reading = told(yubikey.read, (SELECT_MANAGEMENT, GREETING), (PAGE, fields))
    assert reading == NotAToken(Thing.SECURITY_KEY)


def test_a_yubikey_as_it_left_the_factory_wants_usb_first() -> None:
    assert yubikey.read_known(cards.yubikey_restricted()) == NeedsHelp(Help.NFC_RESTRICTED)


@pytest.mark.parametrize(
    "fields",
    ["9000", "05 0204 00BC61 9000", "06 0203 00BC61 05 9000", "05 0203 00BC61 9000", "FF 9000"],
)
def test_a_yubikey_that_answers_wrongly_is_unreadable(fields: str) -> None:
    with pytest.raises(Unreadable):
        told(yubikey.read, (SELECT_MANAGEMENT, GREETING), (PAGE, fields))


SELECT_OATH = "00a4040007a0000005272101"
SELECT_ADMIN = "00a4040009a00000084700000001"
READ_UUID = "0062000010"
UUID = cards.UUID.hex()


def test_a_nitrokey_tells_its_serial_when_its_secrets_are_selected() -> None:
    reading = told(
        nitrokey.read, (SELECT_OATH, "7903040D00 7108 0102030405060708 8F040A1B2C3D 9000")
    )
    assert reading == TokenReading(Family.NITROKEY, "Nitrokey 3, secrets 4.13.0", "0A1B2C3D")


def test_a_nitrokey_without_secrets_is_asked_for_its_uuid() -> None:
    reading = told(
        nitrokey.read_known,
        (SELECT_OATH, "6A82"),
        (SELECT_ADMIN, "9000"),
        (READ_UUID, UUID + "9000"),
    )
    assert reading == TokenReading(Family.NITROKEY, "Nitrokey 3", "0A1B2C3D")


def test_an_oath_application_without_serial_is_no_nitrokey() -> None:
    assert told(nitrokey.read, (SELECT_OATH, "7903050403 9000")) == NotAToken(Thing.OATH_APPLET)


@pytest.mark.parametrize("greeting", ["8F03 0A1B2C", "8F04 0A1B2C", "8F04 00000000", "8F", ""])
def test_a_nitrokey_that_answers_wrongly_is_unreadable(greeting: str) -> None:
    with pytest.raises(Unreadable):
        told(nitrokey.read, (SELECT_OATH, greeting + "9000"))


def test_a_solo_tells_its_uuid() -> None:
    reading = told(solo.read, (SELECT_ADMIN, "9000"), (READ_UUID, UUID + "9000"))
    assert reading == TokenReading(Family.SOLO, "Solo 2", UUID.upper())


def test_a_canokey_tells_its_serial() -> None:
    reading = told(canokey.read, ("00a4040005f000000000", "9000"), ("0032000004", "C0FFEE42 9000"))
    assert reading == TokenReading(Family.CANOKEY, "CanoKey", "C0FFEE42")


@pytest.mark.parametrize("answer", ["9000", "0000 9000", "00000000 9000", "FFFFFFFF 9000", "6985"])
def test_a_solo_or_canokey_that_answers_wrongly_is_unreadable(answer: str) -> None:
    with pytest.raises(Unreadable):
        told(canokey.read, ("00a4040005f000000000", "9000"), ("0032000004", answer))
    with pytest.raises(Unreadable):
        told(solo.read, (SELECT_ADMIN, "9000"), (READ_UUID, answer))


def test_a_piv_card_is_a_badge_by_its_guid() -> None:
    assert badge.read_chuid(cards.piv()) == BadgeReading(BadgeKind.CHUID, cards.GUID.hex().upper())


def test_a_piv_card_without_guid_is_a_badge_by_its_fasc_n() -> None:
    reading = badge.read_chuid(cards.piv(guid=bytes(16)))
    assert reading == BadgeReading(BadgeKind.CHUID, "00320001092446")


def test_a_fasc_n_with_a_flipped_bit_is_unreadable() -> None:
    spoilt = bytes((cards.FASC_N[0], cards.FASC_N[1] ^ 0x10, *cards.FASC_N[2:]))
    with pytest.raises(Unreadable):
        badge.fasc_n(spoilt)


def test_a_chip_number_is_a_badge_unless_it_is_made_up_anew_each_time() -> None:
    ask = "ff ca 00 00 00"
    fixed = BadgeReading(BadgeKind.UID, "04A1B2C3D4E5F6")
    assert told(badge.read_uid, (ask, "04A1B2C3D4E5F6 9000")) == fixed
    assert told(badge.read_uid, (ask, "08A1B2C3 9000")) == NotAToken(Thing.RANDOM_UID)
    with pytest.raises(Unreadable):
        told(badge.read_uid, (ask, "04A1 9000"))
    with pytest.raises(NotThisFamily):
        told(badge.read_uid, (ask, "6A81"))


SELECTIONS: dict[Ask, int] = {
    token2_fido.read: 1,
    yubikey.read: 1,
    nitrokey.read: 1,
    solo.read: 1,
    canokey.read: 1,
    badge.read_chuid: 1,
    token2_otp.read: 1,
}


@pytest.mark.parametrize("status", ["6A82", "6D00", "6E00", "6999", "6A81", "6F00"])
@pytest.mark.parametrize("ask", SELECTIONS, ids=lambda ask: ask.__module__.rpartition(".")[2])
def test_a_card_that_refuses_is_not_of_the_family_after_one_question(ask: Ask, status: str) -> None:
    asked: list[bytes] = []

    def refuse(command: bytes) -> tuple[bytes, int]:
        asked.append(command)
        return b"", int(status, 16)

    with pytest.raises(NotThisFamily):
        ask(refuse)
    assert len(asked) == SELECTIONS[ask]


def test_a_card_that_always_has_more_to_say_is_not_listened_to_for_ever() -> None:
    with pytest.raises(Unreadable):
        yubikey.read(lambda command: (b"", 0x9000) if command[1] == 0xA4 else (bytes(255), 0x61FF))


statuses = st.sampled_from((0x9000, 0x9000, 0x61FF, 0x6104, 0x6C04, 0x9F08, 0x6A82, 0x6D00, 0))
answers = st.lists(st.tuples(st.binary(max_size=60), statuses | st.integers(0, 0xFFFF)), max_size=9)


def cycling(lines: Sequence[tuple[bytes, int]]) -> Transmit:
    """Answers with each line in turn, and from the beginning again."""
    count = iter(range(10_000))
    return lambda _: lines[next(count) % len(lines)] if lines else (b"", 0x6A82)


@given(answers)
def test_whatever_a_card_answers_a_family_says_so_in_its_own_words(
    lines: list[tuple[bytes, int]],
) -> None:
    for ask in ALL:
        try:
            reading = ask(cycling(lines))
        except (NotThisFamily, Unreadable):
            continue
        assert isinstance(reading, TokenReading | BadgeReading | NotAToken | NeedsHelp)


@given(st.integers(0, 40), st.data())
def test_a_good_answer_cut_anywhere_is_unreadable_or_foreign_never_a_serial(
    kept: int, data: st.DataObject
) -> None:
    make = data.draw(st.sampled_from((cards.token2_otp, cards.token2_fido, cards.canokey)))
    ask = {
        cards.token2_otp: token2_otp.read,
        cards.token2_fido: token2_fido.read,
        cards.canokey: canokey.read,
    }[make]
    card = make()

    def cut(command: bytes) -> tuple[bytes, int]:
        answer, status = card(command)
        return (answer[:kept], status) if command[1] != 0xA4 else (answer, status)

    whole = ask(make())
    with suppress(NotThisFamily, Unreadable):
        assert ask(cut) == whole
