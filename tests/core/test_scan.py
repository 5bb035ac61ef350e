"""Whatever is put before the scanner is told apart, and a secret is never kept."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.layouts import Layout, as_typed
from app.core.scan import (
    BadgeScan,
    RefusalKind,
    Refused,
    ScanRules,
    SerialProfile,
    SerialScan,
    classify,
    code_in,
    layout_guess,
    looks_retail,
    names_nobody,
    short_serial,
)

SEED = "JBSWY3DPEHPK3PXP"

serials = st.from_regex(r"[0-9A-Z][0-9A-Z-]{3,31}", fullmatch=True)
_MARKS = ("]C0", "]E0", "]A1", "*", "S/N:", "SN:", "SERIAL", "NO.", "-", "&é", "à", "ß", "ﬁ", "№")
_PARTS = ("8659", "EMP", "otpauth://", "1234", "e+12", "8,6", "\uff11", "\u017f")
_BLANKS = (" ", "\t", "\r\n", "\x1d", "\u200b")
scraps = st.sampled_from(_MARKS + _PARTS + _BLANKS)
messy = st.lists(st.one_of(scraps, st.text(max_size=6)), max_size=8).map("".join)


def kind_of(raw: str) -> RefusalKind:
    scan = classify(raw)
    assert isinstance(scan, Refused)
    return scan.kind


@pytest.mark.parametrize(
    "serial",
    [
        "8659612345678",
        "2600215704919",
        "10001001",
        "0012345678",
        "GAKT00040D6D",
        "00040008CFA5",
        "306EUO4-00960",
        "FTK200AB12CD34EF",
        "72102935780528",
        "1234567",
    ],
)
def test_the_serials_vendors_print_are_taken_as_they_are(serial: str) -> None:
    assert classify(serial) == SerialScan(serial)


@pytest.mark.parametrize(
    ("raw", "serial"),
    [
        ("8659612345678\r\n", "8659612345678"),
        ("\x028659612345678\x03", "8659612345678"),
        ("\ufeff86596\u200b12345678\u00a0", "8659612345678"),
        ("\uff18\uff16\uff15\uff19\uff161234567\uff18", "8659612345678"),
        ("8659 6123 45678", "8659612345678"),
        ("gakt00040d6d", "GAKT00040D6D"),
        ("*GAKT00040D6D*", "GAKT00040D6D"),
        ("S/N: 8659612345678", "8659612345678"),
        ("s/n8659612345678", "8659612345678"),
        ("SN:8659612345678", "8659612345678"),
        ("Serial No. 8659612345678", "8659612345678"),
        ("Serial number: 8659612345678", "8659612345678"),
        ("306euo4\u201100960", "306EUO4-00960"),
        ("91-1234567-8", "9112345678"),
        ("SN1234567", "SN1234567"),
    ],
)
def test_what_surrounds_a_serial_is_taken_off(raw: str, serial: str) -> None:
    assert classify(raw) == SerialScan(serial)


@pytest.mark.parametrize(
    ("raw", "scan"),
    [
        ("]C08659612345678", SerialScan("8659612345678", "Code 128")),
        ("]C1\x1d8659612345678", SerialScan("8659612345678", "GS1-128")),
        ("]A0*GAKT00040D6D*", SerialScan("GAKT00040D6D", "Code 39")),
        ("]d28659612345678", SerialScan("8659612345678", "Data Matrix")),
        ("]I08659612345678\r", SerialScan("8659612345678", "Interleaved 2 of 5")),
        ("]X08659612345678", SerialScan("8659612345678", "AIM ]X0")),
    ],
)
def test_the_symbology_identifier_is_kept_apart_from_the_serial(raw: str, scan: SerialScan) -> None:
    assert classify(raw) == scan


def test_a_code_39_check_character_that_the_scanner_sends_is_no_part_of_the_serial() -> None:
    assert classify("]A1CODE39-1Q") == SerialScan("CODE39-1", "Code 39")
    assert classify("]A1CODE39-1X") == SerialScan("CODE39-1X", "Code 39")
    assert classify("]A3CODE39-1Q") == SerialScan("CODE39-1Q", "Code 39")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("", RefusalKind.EMPTY),
        (" \r\n\t", RefusalKind.EMPTY),
        ("]C0", RefusalKind.EMPTY),
        ("S/N:", RefusalKind.EMPTY),
        ("9" * 10_000, RefusalKind.TOO_LONG),
        ("9" * 33, RefusalKind.TOO_LONG),
        (f"otpauth://totp/Contoso:ada?secret={SEED}&issuer=Contoso", RefusalKind.OTP_SECRET),
        (f"]Q1OTPAUTH://totp/x?secret={SEED}", RefusalKind.OTP_SECRET),
        (f"\x02otp\u200bauth://totp/x?secret={SEED}", RefusalKind.OTP_SECRET),
        (f"otpauthÖ--totp-x_secret\u00b4{SEED}", RefusalKind.OTP_SECRET),
        ("otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8", RefusalKind.OTP_SECRET),
        ("phonefactor://activate_account?code=1", RefusalKind.OTP_SECRET),
        (SEED, RefusalKind.POSSIBLE_SEED),
        ("jbsw y3dp ehpk 3pxp", RefusalKind.POSSIBLE_SEED),
        (SEED * 4, RefusalKind.POSSIBLE_SEED),
        ("3132333435363738393031323334353637383A3B", RefusalKind.POSSIBLE_SEED),
        ("FIDO:/0787849264186352", RefusalKind.PASSKEY),
        ("https://example.com/t/8659612345678", RefusalKind.WEB_ADDRESS),
        ("HTTP://EXAMPLE.COM", RefusalKind.WEB_ADDRESS),
        ("www.example.com", RefusalKind.WEB_ADDRESS),
        ("MATMSG:TO:a@example.com;;", RefusalKind.CONTACT),
        ("BEGIN:VCARD\r\nFN:Ada\r\nEND:VCARD", RefusalKind.CONTACT),
        ("]E04006381333931", RefusalKind.RETAIL_BARCODE),
        ("041238", RefusalKind.SIX_DIGITS),
        ("041 238\r", RefusalKind.SIX_DIGITS),
        ("041-238", RefusalKind.SIX_DIGITS),
        ("٠٤١٢٣٨", RefusalKind.SIX_DIGITS),
        ("1234\x1b5678", RefusalKind.CONTROL),
        ("12345678\r\n87654321", RefusalKind.CONTROL),
        ("8,65962E+12", RefusalKind.SCIENTIFIC),
        ("8.65962e+12", RefusalKind.SCIENTIFIC),
        ("9E+12", RefusalKind.SCIENTIFIC),
        ("_-(ç-&é\"'(-è_", RefusalKind.LAYOUT),
        ("123", RefusalKind.NOT_A_SERIAL),
        ("password", RefusalKind.NOT_A_SERIAL),
        ("12345'678", RefusalKind.LAYOUT),
        ("<b>12345</b>", RefusalKind.NOT_A_SERIAL),
        ("STRAßE12345", RefusalKind.LAYOUT),
        ("-----", RefusalKind.NOT_A_SERIAL),
        ("\ud80012345", RefusalKind.NOT_A_SERIAL),
    ],
)
def test_what_is_no_serial_is_refused_by_its_kind(raw: str, kind: RefusalKind) -> None:
    assert kind_of(raw) is kind


def test_thirteen_digits_are_a_serial_even_when_they_pass_the_check_of_a_box_code() -> None:
    assert classify("4006381333931") == SerialScan("4006381333931")
    assert looks_retail("4006381333931")
    assert not looks_retail("4006381333932")


@pytest.mark.parametrize("serial", ["96385074", "036000291452"])
def test_the_shorter_box_codes_are_hinted_at_too(serial: str) -> None:
    assert looks_retail(serial)


@pytest.mark.parametrize("serial", ["", "0000000", "GAKT00040D6D", "٤٠٠٦٣٨١٣٣٣٩٣١"])
def test_what_is_no_box_code_is_not_hinted_at(serial: str) -> None:
    assert not looks_retail(serial)


@pytest.mark.parametrize("raw", ["EMP10042", "emp-10042", "EMP 10042\r", "B10042", "]C0EMP10042"])
def test_a_badge_gives_the_number_the_directory_knows(raw: str) -> None:
    assert classify(raw) == BadgeScan("10042")


def test_a_badge_number_keeps_its_leading_zeros() -> None:
    assert classify("EMP000417") == BadgeScan("000417")


def test_a_site_says_what_its_badges_look_like() -> None:
    rules = ScanRules(badge_pattern=re.compile(r"X[0-9]{5}"))
    assert classify("x12345", rules) == BadgeScan("X12345")
    assert classify("EMP10042", rules) == SerialScan("EMP10042")


def test_a_site_without_badges_scans_none() -> None:
    assert classify("EMP10042", ScanRules(badge_pattern=None)) == SerialScan("EMP10042")


def test_a_badge_rule_that_would_match_nothing_at_all_makes_no_badge() -> None:
    assert classify("", ScanRules(badge_pattern=re.compile(r".*"))) == Refused(RefusalKind.EMPTY, 0)


def test_a_profile_decides_about_dashes_and_vouches_for_what_looks_like_a_seed() -> None:
    profile = SerialProfile("Plain", re.compile(r"[A-Z2-7-]{16,20}"), keeps_dashes=False)
    rules = ScanRules(profiles=(profile,))
    assert classify("JBSW-Y3DP-EHPK-3PXP", rules) == SerialScan(SEED)


def test_lengths_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="lengths"):
        ScanRules(minimum_serial=10, maximum_serial=5)


def test_digits_of_a_french_keyboard_are_repaired_for_a_suggestion() -> None:
    for raw, meant in (("_-(ç-&é\"'(-è_\r", "8659612345678"), ("ÉÈÇÀ", "2790")):
        guess = layout_guess(raw)
        assert guess is not None
        assert guess.text == meant
        assert guess.layouts[0] is Layout.AZERTY


@pytest.mark.parametrize("raw", ["", "8659612345678", "----", "à" * 10_000, "password"])
def test_a_text_of_any_other_keyboard_is_not_repaired(raw: str) -> None:
    assert layout_guess(raw) is None


@given(messy)
@example("SERIAL SERIAL 12345")
@example("SN:EMP10042")
@example("S/N: 123 456")
@example("*]C0*")
def test_any_text_is_classified_and_a_serial_stays_what_it_is(raw: str) -> None:
    scan = classify(raw)
    if isinstance(scan, SerialScan):
        assert scan.others or re.fullmatch(r"[0-9A-Z][0-9A-Z-]{3,31}", scan.serial)
        again = classify(scan.serial)
        assert isinstance(again, SerialScan)
        assert again.serial == scan.serial
    elif isinstance(scan, Refused):
        assert scan.length == len(raw)


@given(serials, st.sampled_from(["{}\r", "\x02{}\x03", "]C0{}", " {}\t", "S/N: {}", "]d1\x1d{}"]))
def test_how_a_scanner_frames_a_text_does_not_change_what_it_is(text: str, frame: str) -> None:
    plain, framed = classify(text), classify(frame.format(text))
    assert type(plain) is type(framed)
    if isinstance(plain, SerialScan) and isinstance(framed, SerialScan):
        assert framed.serial == plain.serial


@given(
    st.from_regex(r"[A-Z2-7]{16,64}", fullmatch=True),
    st.sampled_from(["otpauth://totp/a?secret={}", "]Q3otpauth://hotp/b?secret={}&counter=0"]),
    st.text(max_size=20),
)
def test_a_seed_never_comes_out_again(seed: str, address: str, tail: str) -> None:
    scan = classify(address.format(seed) + tail)
    assert isinstance(scan, Refused)
    assert scan.kind is RefusalKind.OTP_SECRET
    assert seed not in repr(scan)


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=128))
def test_a_bare_seed_is_never_taken_for_a_serial(text: str) -> None:
    scan = classify(text)
    assert isinstance(scan, Refused) or text.isdecimal()


@given(st.integers(min_value=2049, max_value=20_000), st.characters())
def test_a_text_of_any_size_is_refused_by_its_size_alone(size: int, filling: str) -> None:
    assert classify(filling * size) == Refused(RefusalKind.TOO_LONG, size)


@pytest.mark.parametrize(
    "reference", ["20417", "123456", "A-2041", "ada@example.com", f"{'a' * 64}@{'b' * 44}.org"]
)
def test_a_number_and_a_upn_may_name_somebody(reference: str) -> None:
    assert names_nobody(reference) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("otpauth://totp/x?secret=JBSWY3DP", RefusalKind.OTP_SECRET),
        (SEED, RefusalKind.POSSIBLE_SEED),
        (f"otpauth://totp/x?secret={SEED * 200}", RefusalKind.TOO_LONG),
        ("https://example.com/ada", RefusalKind.WEB_ADDRESS),
        ("", RefusalKind.EMPTY),
    ],
)
def test_what_may_hold_a_secret_names_nobody(text: str, kind: RefusalKind) -> None:
    assert names_nobody(text) is kind


# S14: a code ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("041238", "041238"),
        ("041 238\r\n", "041238"),
        ("041-238", "041238"),
        ("٠٤١٢٣٨", "041238"),
        ("０４１２３８", "041238"),
        ("]C0041238", None),
        ("04123", None),
        ("0412389", None),
        ("04123A", None),
        ("", None),
        ("0" * 5_000, None),
    ],
)
def test_s14_a_code_is_six_digits_and_no_bar_code(text: str, digits: str | None) -> None:
    assert code_in(text) == digits


def test_s14_a_code_comes_through_a_layout_and_never_with_the_prefix_of_the_scanner() -> None:
    azerty = ScanRules(layout=Layout.AZERTY, prefix="~")
    assert code_in(as_typed("041238", Layout.AZERTY), azerty) == "041238"
    assert code_in("041238", azerty) == "041238"
    assert code_in("~041238", azerty) is None
    assert short_serial("~" + as_typed("041238", Layout.AZERTY), azerty) == "041238"
