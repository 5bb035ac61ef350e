"""A scanner's keys through a machine's layout and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.layouts import CapsLock, Layout, as_meant, as_typed, caps_of, with_caps
from app.core.scan import (
    RefusalKind,
    Refused,
    ScanRules,
    SerialScan,
    classify,
    layout_guess,
)
from tests.support.xkb import XKB, typed_by

KEYS = "0123456789-=[];',./!@#$%^&*()_+:<>? abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("layout", "typed"),
    [
        (Layout.SAME, "8659-A"),
        (Layout.AZERTY, "_-(ç)Q"),
        (Layout.QWERTZ, "8659ßA"),
        (Layout.BELGIAN, "!§(ç)Q"),
        (Layout.SWISS_GERMAN, "8659'A"),
        (Layout.CZECH, "ážří=A"),
        (Layout.HUNGARIAN, "8659üA"),
        (Layout.TURKISH, "8659*A"),
        (Layout.ITALIAN, "8659'A"),
        (Layout.NORDIC, "8659+A"),
        (Layout.LITHUANIAN, "ūšį„-A"),
    ],
)
def test_each_layout_makes_its_own_of_a_serial_number(layout: Layout, typed: str) -> None:
    assert as_typed("8659-A", layout) == typed
    assert as_meant(typed, layout) == "8659-A"


@given(st.text(alphabet=KEYS, max_size=60), st.sampled_from(Layout))
def test_what_a_layout_did_is_undone(sent: str, layout: Layout) -> None:
    assert as_meant(as_typed(sent, layout), layout) == sent


def test_a_scan_through_a_known_layout_is_a_serial_number() -> None:
    rules = ScanRules(layout=Layout.AZERTY)
    assert classify("_è('-&à'é&è\r", rules) == SerialScan("87546104217")
    german = ScanRules(layout=Layout.QWERTZ)
    assert classify("306EUO4ß00960", german) == SerialScan("306EUO4-00960")


@pytest.mark.parametrize("layout", Layout)
def test_a_secret_is_a_secret_on_every_layout(layout: Layout) -> None:
    typed = as_typed("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP", layout)
    for rules in (ScanRules(), ScanRules(layout=layout)):
        found = classify(typed, rules)
        assert isinstance(found, Refused)
        assert found.kind is RefusalKind.OTP_SECRET


def test_the_prefix_a_scanner_is_set_to_send_is_taken_off() -> None:
    rules = ScanRules(prefix="~S")
    assert classify("~S8659610904217\r\n", rules) == SerialScan("8659610904217")
    assert classify("8659610904217", rules) == SerialScan("8659610904217")


def test_a_prefix_is_taken_off_as_it_arrives_before_the_layout_is_undone() -> None:
    rules = ScanRules(prefix="²", layout=Layout.AZERTY)
    assert classify("²_è('-&à", rules) == SerialScan("8754610")


@pytest.mark.parametrize(
    ("caps", "typed", "arrived"),
    [
        (CapsLock.OFF, "8659-Az", "8659-Az"),
        (CapsLock.LETTERS, "8659-Aßé", "8659-aẞÉ"),
        (CapsLock.FRENCH, "_-(ç)Q", "8659°q"),
        (CapsLock.GERMAN, "8659ßA", "(&%)?a"),
    ],
)
def test_caps_lock_swaps_letters_and_on_some_machines_every_key(
    caps: CapsLock, typed: str, arrived: str
) -> None:
    assert with_caps(typed, caps) == arrived


@given(st.text(max_size=60), st.sampled_from(CapsLock))
def test_caps_lock_done_twice_is_undone(text: str, caps: CapsLock) -> None:
    assert len(with_caps(text, caps)) == len(text)
    assert with_caps(with_caps(text, caps), caps) == text


# Which layouts are in the way, and what is taken where one is set ---------------------------------

SERIALS = ("8659610904217", "GAKT00040D6D", "306EUO4-00960", "00040008CFA5", "Zy10203-IiQwM")
SET = [layout for layout in Layout if layout is not Layout.SAME]
WAYS = [(layout, caps) for layout in SET for caps in (CapsLock.OFF, *caps_of(layout))]


def _serial(raw: str, layout: Layout = Layout.SAME) -> str:
    found = classify(raw, ScanRules(layout=layout))
    assert isinstance(found, SerialScan)
    return found.serial


def test_case_10_digits_that_arrive_intact_are_taken_though_a_layout_is_set() -> None:
    assert classify("2600124809778", ScanRules(layout=Layout.AZERTY)) == SerialScan("2600124809778")


def test_case_11_letters_and_digits_through_a_french_layout_are_said_to_be_the_layout() -> None:
    for raw, meant in (("àà'HA\"NIDBVD", "004HQ3NIDBVD"), ("GQLT&&'éà&'", "GALT1142014")):
        assert classify(raw) == Refused(RefusalKind.LAYOUT, len(raw))
        guess = layout_guess(raw)
        assert guess is not None
        assert (guess.layouts, guess.text) == ((Layout.AZERTY, Layout.BELGIAN), meant)
        assert _serial(raw, Layout.AZERTY) == meant


@pytest.mark.parametrize(("layout", "caps"), WAYS)
def test_a_serial_is_mended_by_the_setting_with_caps_lock_on_and_off(
    layout: Layout, caps: CapsLock
) -> None:
    for serial in SERIALS:
        arrived = with_caps(as_typed(serial, layout), caps)
        assert _serial(f"{arrived}\r", layout) == serial.upper()


@pytest.mark.parametrize("layout", SET)
def test_digits_of_a_scanner_in_keypad_mode_pass_every_layout(layout: Layout) -> None:
    assert _serial("8659610904217", layout) == "8659610904217"
    assert _serial("٨٦٥٩٦١٠٩٠٤٢١٧", layout) == "8659610904217"


@pytest.mark.parametrize("serial", SERIALS[:3])
@pytest.mark.parametrize(("layout", "caps"), WAYS)
def test_a_layout_that_spoils_a_serial_is_named_and_never_taken_for_it(
    layout: Layout, caps: CapsLock, serial: str
) -> None:
    arrived = with_caps(as_typed(serial, layout), caps)
    if isinstance(classify(arrived), SerialScan):
        return  # digits alone, or letters that have only changed places: no mark is left
    guess = layout_guess(arrived)
    assert guess is not None
    assert layout in guess.layouts
    assert guess.text in ("", serial.upper())


@pytest.mark.parametrize(
    "raw", ["שדג000401", "ПФЛЕ00040В6В", "ΓΑΚΤ00040Δ6Δ", "لشنف00040ي6ي", "ՖՁ000401"]
)
def test_letters_of_another_script_are_said_to_be_the_layout(raw: str) -> None:
    assert classify(raw) == Refused(RefusalKind.LAYOUT, len(raw))
    guess = layout_guess(raw)
    assert guess is not None
    assert (guess.layouts, guess.text) == ((), "")


def test_a_letter_that_a_dead_key_has_changed_is_two_keys_again() -> None:
    assert as_meant("ê12", Layout.AZERTY) == "[e!@"
    assert as_meant("ô", Layout.SWISS_GERMAN) == "=o"


@pytest.mark.parametrize(("layout", "caps"), WAYS)
@pytest.mark.parametrize("secret", ["JBSWY3DPEHPK3PXP", "3132333435363738393031323334353637383A3B"])
def test_a_seed_behind_a_layout_is_a_seed_and_no_guess_shows_it(
    layout: Layout, caps: CapsLock, secret: str
) -> None:
    arrived = with_caps(as_typed(secret, layout), caps)
    for rules in (ScanRules(), ScanRules(layout=layout)):
        found = classify(arrived, rules)
        assert isinstance(found, Refused)
        assert found.kind is RefusalKind.POSSIBLE_SEED
        assert layout_guess(arrived, rules) is None


@pytest.mark.parametrize("layout", SET)
def test_a_gs1_label_behind_a_layout_is_read_where_the_layout_is_set(layout: Layout) -> None:
    arrived = as_typed("]C10109506000134352218659610904217", layout)
    assert _serial(arrived, layout) == "8659610904217"


# The tables are facts about other people's keyboards: the system itself is asked ------------------

_NAMED = {
    Layout.AZERTY: "fr",
    Layout.QWERTZ: "de",
    Layout.BELGIAN: "be",
    Layout.SWISS_GERMAN: "ch",
    Layout.SWISS_FRENCH: "ch(fr)",
    Layout.CZECH: "cz",
    Layout.CZECH_QWERTY: "cz(qwerty)",
    Layout.SLOVAK: "sk",
    Layout.SLOVAK_QWERTY: "sk(qwerty)",
    Layout.HUNGARIAN: "hu",
    Layout.TURKISH: "tr",
    Layout.TURKISH_F: "tr(f)",
    Layout.CROATIAN: "hr",
    Layout.ITALIAN: "it",
    Layout.SPANISH: "es",
    Layout.PORTUGUESE: "pt",
    Layout.NORDIC: "se",
    Layout.LITHUANIAN: "lt",
}
_ALSO = {
    Layout.NORDIC: ("fi", "dk", "no"),
    Layout.CROATIAN: ("si", "rs(latin)"),
    Layout.QWERTZ: ("at",),
}
_PRINTED = "0123456789-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.skipif(not XKB, reason="needs libxkbcommon and the layouts of xkb-data")
@pytest.mark.parametrize("layout", SET)
def test_each_table_is_what_the_system_has(layout: Layout) -> None:
    keys = as_typed(typed_by("us"), layout)
    assert keys == typed_by(_NAMED[layout])
    for other in _ALSO.get(layout, ()):
        theirs = dict(zip(typed_by("us"), typed_by(other), strict=True))
        assert as_typed(_PRINTED, layout) == "".join(theirs[key] for key in _PRINTED)


@pytest.mark.skipif(not XKB, reason="needs libxkbcommon and the layouts of xkb-data")
@pytest.mark.parametrize("layout", SET)
def test_caps_lock_does_to_a_serial_what_the_system_has_it_do(layout: Layout) -> None:
    name = _NAMED[layout]
    locked = dict(zip(typed_by("us"), typed_by(name, caps=True), strict=True))
    caps = CapsLock.TURKISH if name.startswith("tr") else CapsLock.LETTERS
    arrived = "".join(locked[key] for key in _PRINTED)
    assert arrived == with_caps(as_typed(_PRINTED, layout), caps)
