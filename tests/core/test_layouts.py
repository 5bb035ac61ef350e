"""A scanner's keys through a machine's layout and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.layouts import CapsLock, Layout, as_meant, as_typed, with_caps
from app.core.scan import RefusalKind, Refused, ScanRules, SerialScan, classify

KEYS = "0123456789-=[];',./!@#$%^&*()_+:<>? abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("layout", "typed"),
    [
        (Layout.SAME, "8659-A"),
        (Layout.AZERTY, "_-(ç)Q"),
        (Layout.QWERTZ, "8659ßA"),
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
