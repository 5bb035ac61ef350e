"""The order of asking: each card is known for what it is, and is asked nothing that could harm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import example, given
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
from app.readers.probe import Card, is_molto, is_pad, probe
from tests.readers import cards

PAD = "ACS ACR122U PICC Interface 00 00"
SLOT = "Gemalto PC Twin Reader 00 00"
YUBICO = "Yubico YubiKey OTP+FIDO+CCID 00 00"

SELECTABLE = (
    "08f00000014f747001|08a0000006472f0001"  # Token2 OTP, FIDO
    "|08a000000527471117|07a0000005272001|07a0000005272101"  # YubiKey management, OTP, OATH
    "|09a00000084700000001|05f000000000|05a000000308|07d2760000850101"  # Solo, CanoKey, PIV, NDEF
)
# Two dots are a length, which the card may have corrected.
ALLOWED = re.compile(
    "|".join(
        (
            f"00a40400({SELECTABLE})(..)?",
            "00a4000c02e104(..)?",  # select the NDEF file
            "00b00000..",  # read binary
            "001d0[0-3]00..",  # YubiKey: device information
            "00011000..",  # YubiKey OTP: serial number
            "00f80000..",  # YubiKey PIV: serial number
            "00620000..",  # Solo, Nitrokey: UUID
            "00320000..",  # CanoKey: serial number
            "8033000012d110" + "00" * 16 + "(..)?",  # Token2 key: serial number
            "80410000020211(..)?",  # Token2 token: information
            "00cb3fff055c035fc102..",  # PIV: CHUID
            "ffca0000..",  # reader: chip number
            "(00|80|ff)c00000..",  # get response
        )
    )
)


def is_allowed(command: bytes) -> bool:
    return ALLOWED.fullmatch(command.hex()) is not None


def asked(card: cards.FakeCard, reader: str = PAD) -> CardReading:
    """What the probe makes of `card`; it asks nothing but what is allowed."""
    reading = probe(Card(reader, card.atr), card)
    assert [each.hex() for each in card.asked if not is_allowed(each)] == []
    return reading


GUID = cards.GUID.hex().upper()
EARLY = TokenReading(Family.TOKEN2_FIDO, "R1 USB-A", "86105112345678")
EACH: list[tuple[Callable[[], cards.FakeCard], str, CardReading]] = [
    (cards.token2_fido, PAD, TokenReading(Family.TOKEN2_FIDO, "PIN+ Mini USB-C", "72102935780528")),
    (cards.token2_fido_early, PAD, EARLY),
    (cards.oath_applet, PAD, NotAToken(Thing.OATH_APPLET)),
    (cards.yubikey, SLOT, TokenReading(Family.YUBIKEY, "YubiKey 5.7.1 USB-A", "12345678")),
    (cards.yubikey_by_otp, YUBICO, TokenReading(Family.YUBIKEY, "YubiKey", "3141592")),
    (cards.yubikey_by_piv, SLOT, TokenReading(Family.YUBIKEY, "YubiKey 5.7.1 USB-A", "20202020")),
    (cards.yubikey_restricted, PAD, NeedsHelp(Help.NFC_RESTRICTED)),
    (cards.nitrokey, SLOT, TokenReading(Family.NITROKEY, "Nitrokey 3, secrets 4.13.0", "0A1B2C3D")),
    (cards.nitrokey_without_secrets, SLOT, TokenReading(Family.NITROKEY, "Nitrokey 3", "0A1B2C3D")),
    (cards.solo, SLOT, TokenReading(Family.SOLO, "Solo 2", cards.UUID.hex().upper())),
    (cards.canokey, SLOT, TokenReading(Family.CANOKEY, "CanoKey", "C0FFEE42")),
    (cards.piv, SLOT, BadgeReading(BadgeKind.CHUID, GUID)),
    (cards.badge, PAD, BadgeReading(BadgeKind.UID, "04A1B2C3D4E5F6")),
    (cards.memory_badge, PAD, BadgeReading(BadgeKind.UID, "DEADBEEF")),
    (cards.payment_card, SLOT, NotAToken(Thing.UNKNOWN)),
]


@pytest.mark.parametrize(
    ("make", "reader", "reading"), EACH, ids=[each[0].__name__ for each in EACH]
)
def test_each_card_is_known_for_what_it_is(
    make: Callable[[], cards.FakeCard], reader: str, reading: CardReading
) -> None:
    assert asked(make(), reader) == reading


@pytest.mark.parametrize("piece", [3, 7, 16])
@pytest.mark.parametrize("first_length", [False, True])
def test_a_card_may_answer_in_pieces_or_ask_for_the_right_length(
    piece: int, *, first_length: bool
) -> None:
    for make, reader, reading in EACH:
        if make not in (cards.piv, cards.yubikey, cards.yubikey_restricted):
            card = make()
            card.piece, card.first_length = piece, first_length
            assert asked(card, reader) == reading


def test_a_token2_token_is_known_with_its_clock() -> None:
    reading = asked(cards.token2_otp(drift=timedelta(seconds=-45)))
    assert isinstance(reading, TokenReading)
    assert (reading.model, reading.serial) == ("C301-i", "8659610123456")
    assert reading.compared_with(cards.TOKEN2_CLOCK).drift == -45


@pytest.mark.parametrize("make", [cards.oath_applet, cards.canokey, cards.piv, cards.solo])
def test_the_bare_command_does_not_go_to_a_card_that_has_selected_something(
    make: Callable[[], cards.FakeCard],
) -> None:
    card = make()
    probe(Card(PAD, bytes.fromhex(cards.PAD_ATR)), card)
    assert not any(each[:2] == b"\x80\x41" for each in card.asked)


def test_a_memory_card_is_asked_for_nothing_but_its_number() -> None:
    card = cards.memory_badge()
    asked(card)
    assert [each.hex() for each in card.asked] == ["ffca000000"]


@pytest.mark.parametrize(
    "reader", ["TOKEN2 Molto2 [CCID Interface] 00 00", "TOKEN2 0", "Token2 Molto2v2 1"]
)
def test_a_molto2_is_never_sent_a_byte(reader: str) -> None:
    card = cards.token2_otp()
    assert asked(card, reader) == NotAToken(Thing.MOLTO2)
    assert card.asked == []


@pytest.mark.parametrize(
    "reader",
    [
        "TOKEN2 FIDO2 Security Key 00 00",
        "Token2 PIN+R3 00 00",
        "TOKEN2 MFA NFC Reader 0",
        PAD,
        SLOT,
    ],
)
def test_other_readers_of_that_maker_are_no_molto2(reader: str) -> None:
    assert not is_molto(reader)


def test_a_pad_is_known_by_its_name() -> None:
    pads = [
        PAD,
        "HID OMNIKEY 5022 CL 0",
        "Identiv uTrust 3700 F CL Reader",
        "TOKEN2 MFA NFC Reader 0",
    ]
    assert all(is_pad(reader) for reader in pads)
    assert not any(is_pad(reader) for reader in (SLOT, YUBICO))


def test_a_phone_with_a_new_number_each_time_is_no_badge() -> None:
    assert asked(cards.badge("08A1B2C3")) == NotAToken(Thing.RANDOM_UID)


def test_a_card_without_contacts_alone_is_asked_for_its_chip_number() -> None:
    card = cards.payment_card()
    asked(card, SLOT)
    assert not any(each[0] == 0xFF for each in card.asked)


def test_a_security_key_without_serial_says_what_it_is() -> None:
    assert asked(cards.yubikey(serial=None, form=0x43), YUBICO) == NotAToken(Thing.SECURITY_KEY)
    assert asked(cards.yubikey(serial=None, form=0x43), SLOT) == NotAToken(Thing.SECURITY_KEY)


def test_a_card_that_agrees_to_everything_and_says_nothing_is_unreadable() -> None:
    card = cards.FakeCard(cards.CONTACT_ATR, otherwise=b"\x90\x00")
    reading = probe(
        Card(SLOT, card.atr), lambda command: card(command) if command[1] != 0xA4 else (b"", 0x9000)
    )
    assert isinstance(reading, NeedsHelp)
    assert reading.why is Help.UNREADABLE


def test_a_cut_answer_is_never_taken_for_a_serial() -> None:
    card = cards.FakeCard(
        cards.PAD_ATR, bare={"80410000": cards.token2_info("8659610123456")[:-1] + b"\x90\x00"}
    )
    reading = asked(card)
    assert isinstance(reading, NeedsHelp)
    assert reading.why is Help.UNREADABLE


replies = st.tuples(
    st.binary(max_size=40),
    st.sampled_from((0x9000, 0x6A82, 0x6D00, 0x6E00, 0x6108, 0x6C10, 0x9F04))
    | st.integers(0, 0xFFFF),
)


@given(
    st.lists(replies, min_size=1, max_size=30),
    st.sampled_from((PAD, SLOT, YUBICO, "TOKEN2 FIDO2 Security Key 0")),
    st.sampled_from((cards.PAD_ATR, cards.CONTACT_ATR, cards.NITROKEY_ATR, cards.YUBIKEY_NFC_ATR)),
)
@example([(b"", 0x6108), (b"", 0x6C10)], PAD, cards.PAD_ATR)
def test_whatever_a_card_answers_only_harmless_commands_are_ever_sent(
    lines: list[tuple[bytes, int]], reader: str, atr: str
) -> None:
    turns = _for_ever(lines)
    sent: list[bytes] = []

    def transmit(command: bytes) -> tuple[bytes, int]:
        sent.append(command)
        return next(turns)

    probe(Card(reader, bytes.fromhex(atr)), transmit)
    assert [each.hex() for each in sent if not is_allowed(each)] == []
    assert len(sent) <= 120


def _for_ever(lines: list[tuple[bytes, int]]) -> Iterator[tuple[bytes, int]]:
    while True:
        yield from lines
