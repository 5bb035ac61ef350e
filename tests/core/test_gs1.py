"""A GS1 label gives its serial number, however a scanner sends it, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import gs1
from app.core.scan import (
    RefusalKind,
    Refused,
    ScanRules,
    SerialScan,
    classify,
    looks_like_box,
    looks_retail,
)

GTIN = "09506000134352"
SERIAL = "8659610904217"
GS = "\x1d"


def serial_of(raw: str, rules: ScanRules | None = None) -> str:
    scan = classify(raw, rules or ScanRules())
    assert isinstance(scan, SerialScan)
    return scan.serial


@pytest.mark.parametrize(
    ("raw", "serial"),
    [
        (f"]C101{GTIN}21{SERIAL}", SERIAL),
        (f"]C121{SERIAL}", SERIAL),
        (f"]d201{GTIN}2186596109042", "86596109042"),
    ],
)
def test_case_08_the_serial_of_a_gs1_label_is_taken(raw: str, serial: str) -> None:
    assert serial_of(raw) == serial


@pytest.mark.parametrize("aim", ["]C1", "]e0", "]d2", "]Q3", "]J1", "]C1\x1d", GS])
@pytest.mark.parametrize(
    "body",
    [
        f"01{GTIN}21{SERIAL}",
        f"01{GTIN}17271231{GS}21{SERIAL}",
        f"01{GTIN}10LOT-7{GS}21{SERIAL}",
        f"21{SERIAL}{GS}10LOT7",
        f"21{SERIAL}{GS}01{GTIN}",
        f"240AB12{GS}21{SERIAL}{GS}3712",
        f"01{GTIN}11261130172811302501Z{GS}21{SERIAL}\r",
        f"00106141411234567897{GS}21{SERIAL}",
        f"3103001250{GS}21{SERIAL}",
    ],
)
def test_whatever_stands_around_it(aim: str, body: str) -> None:
    assert serial_of(aim + body) == SERIAL


@pytest.mark.parametrize(
    "raw",
    [
        f"(01){GTIN}(21){SERIAL}",
        f"(01) {GTIN} (21) {SERIAL}",
        f"(21){SERIAL}(10)LOT(7)",
        f"[01]{GTIN}[21]{SERIAL}",
        f"]C1(01){GTIN}(21){SERIAL}",
        f"https://id.gs1.org/01/{GTIN}/21/{SERIAL}",
        f"HTTPS://ID.GS1.ORG/01/{GTIN}/21/{SERIAL}?17=271231",
        f"http://example.com/some/path/01/{GTIN}/10/AB%2F1/21/{SERIAL}#top",
        f"https://example.com/gtin/{GTIN}/ser/{SERIAL}",
        f"]Q1https://id.gs1.org/01/{GTIN[1:]}/21/{SERIAL}",
    ],
)
def test_printed_forms_and_digital_links_say_themselves_what_they_are(raw: str) -> None:
    assert serial_of(raw) == SERIAL


@pytest.mark.parametrize("separator", ["|", "<GS>", "~d029", "^"])
def test_a_text_in_place_of_the_separator_is_understood_where_it_is_set(separator: str) -> None:
    raw = f"]C101{GTIN}10LOT7{separator}21{SERIAL}{separator}240X1"
    assert serial_of(raw, ScanRules(separator=separator)) == SERIAL


def test_a_serial_keeps_its_zeros_and_its_vendors_dash() -> None:
    assert serial_of(f"]C101{GTIN}210012345678") == "0012345678"
    assert serial_of(f"]C101{GTIN}21306EUO4-00960") == "306EUO4-00960"
    assert serial_of(f"]C101{GTIN}21gakt00040d6d") == "GAKT00040D6D"


@pytest.mark.parametrize(
    "raw",
    [
        f"]C101{GTIN}",
        f"]d201{GTIN}17271231",
        f"]C101{GTIN}10LOT7",
        "]C100106141411234567897",
        f"]Q302{GTIN}3712",
        f"(01){GTIN}(10)LOT7",
        f"https://id.gs1.org/01/{GTIN}",
        f"https://id.gs1.org/01/{GTIN}/10/LOT7",
        f"01{GTIN}10LOT7{GS}3712",
    ],
)
def test_a_label_without_a_serial_is_named_a_box_label(raw: str) -> None:
    assert classify(raw) == Refused(RefusalKind.BOX_LABEL, len(raw))


def test_plain_digits_are_never_read_as_a_label_but_the_reading_is_offered() -> None:
    plain = f"01{GTIN}21{SERIAL}"
    assert classify(plain) == SerialScan(plain, None, (SERIAL,))
    dated = f"01{GTIN}1727123121{SERIAL}"  # longer than a serial number may be
    scan = classify(dated)
    assert isinstance(scan, SerialScan)
    assert (scan.serial, scan.others[0]) == (dated, SERIAL)
    assert classify("2600124809778") == SerialScan("2600124809778")
    assert classify("21" + SERIAL) == SerialScan("21" + SERIAL, None, (SERIAL,))


def test_without_separators_every_reading_is_offered_and_none_is_taken() -> None:
    scan = classify(f"]C101{GTIN}10LOT121{SERIAL}")
    assert isinstance(scan, SerialScan)
    assert scan.serial != SERIAL
    assert SERIAL in scan.others
    before_a_date = classify("]C1211000100117271231")
    assert isinstance(before_a_date, SerialScan)
    assert (before_a_date.serial, before_a_date.others[0]) == ("1000100117271231", "10001001")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (f"https://id.gs1.org/01/{GTIN}/21/JBSWY3DPEHPK3PXP", RefusalKind.POSSIBLE_SEED),
        ("]Q3otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", RefusalKind.OTP_SECRET),
        (f"]C101{GTIN}21041238", RefusalKind.SIX_DIGITS),
        ("https://example.com/01/12345678901234/21/8659610904217", RefusalKind.WEB_ADDRESS),
        ("https://example.com/21/8659610904217", RefusalKind.WEB_ADDRESS),
        ("(12", RefusalKind.NOT_A_SERIAL),
        ("]E04006381333931", RefusalKind.RETAIL_BARCODE),
    ],
)
def test_what_is_no_serial_in_a_label_is_refused_like_anywhere(raw: str, kind: RefusalKind) -> None:
    assert classify(raw) == Refused(kind, len(raw))


@pytest.mark.parametrize("aim", ["]C0", "]A0", "]Q0", "]Q1", "]d1", "]I0", "]X0"])
def test_marks_of_other_symbologies_are_taken_off(aim: str) -> None:
    assert serial_of(aim + SERIAL) == SERIAL


def test_a_gs1_mark_on_a_bare_number_does_no_harm() -> None:
    assert serial_of(f"]C1{SERIAL}") == SERIAL


def test_an_itf_14_code_looks_like_a_box_and_so_does_a_label_without_its_mark() -> None:
    assert looks_retail(GTIN)
    assert looks_like_box(f"01{GTIN}1727123110LOT")
    assert not looks_like_box("8659610904218")
    assert not looks_like_box("0112345678901234")


_values = st.text("ABCDEF0123456789-", min_size=1, max_size=20)
_elements = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["10", "22", "240", "250", "91"]), _values),
        st.tuples(st.just("01"), st.just(GTIN)),
        st.tuples(st.sampled_from(["11", "17"]), st.just("271231")),
        st.tuples(st.just("37"), st.from_regex(r"[0-9]{1,8}", fullmatch=True)),
    ),
    max_size=5,
)


@given(_elements, _elements, st.from_regex(r"[0-9A-Z]{7,13}[0-9]{2}", fullmatch=True))
def test_every_well_formed_label_gives_back_its_elements(
    before: list[tuple[str, str]], after: list[tuple[str, str]], serial: str
) -> None:
    elements = (*before, (gs1.SERIAL, serial), *after)
    sent = GS.join(ai + value for ai, value in elements)
    found = gs1.label(sent)
    assert found is not None
    assert found.elements == elements
    assert found.serial == serial
    printed = gs1.printed("".join(f"({ai}){value}" for ai, value in elements))
    assert printed == found


@given(st.text("0123456789AZ()[]/:.\x1d", max_size=80) | st.text(max_size=40))
def test_any_text_is_read_within_bounds(text: str) -> None:
    for read in (gs1.label, gs1.printed, gs1.digital_link):
        read(text)
    assert len(gs1.serials_within(text)) <= gs1.MOST_READINGS
    assert all(value in text for value in gs1.serials_within(text))
    classify("]C1" + text)


def test_a_text_of_any_length_is_read_in_no_time() -> None:
    assert gs1.label("1012" * 5000) is None
    assert gs1.serials_within("21" * 5000) == ()
    assert gs1.serials_within("21" * 256)
