"""A receipt is one page whose words an outside reader finds, in whatever script a name is."""

import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtPrintSupport import QPrinter

from app.core.receipt import Handover, Paper, Receipt, ReceiptRules, Signature
from app.core.record import Head
from app.ui.receipts.language import languages
from app.ui.receipts.output import NoPrinter, pdf_of, print_out
from app.ui.receipts.sheet import (
    LARGEST,
    SMALLEST,
    ReceiptTooLong,
    compose,
    draw_on,
    picture,
)

RECEIPT = Receipt(
    enrollment_id="3f2b8d6a4a5b4c0f9d6e7a1b2c3d4e5f",
    handover=Handover.WORKING,
    person_name="Siobhán O’Brien",
    person_upn="siobhan@contoso.example",
    serial_number="8659000112345",
    desk="Front desk",
    operator_name="Aaron Beck",
    at=datetime(2026, 11, 25, 9, 30, tzinfo=UTC),
    model="Token2 C301-i",
    request_id="6c0de1f4-3f5b-4a8a-9a57-2b9d6a7c1e21",
    head=Head(1_204, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
)
RULES = ReceiptRules(header="Contoso Ltd", text=("en: I keep it.", "de: Ich gebe es nicht weiter."))
PARAGRAPH = "I keep this token to myself and report its loss within the hour to the desk. "

Read = Callable[[bytes], str]


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name}: apt-get install poppler-utils")
    return found


def output(name: str, pdf: bytes, *options: str) -> bytes:
    """What a tool of poppler's makes of `pdf`."""
    command = [tool(name), *options]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout


def words_of(pdf: bytes) -> str:
    """The words of `pdf`, on one line, letters as people type them and no marks of direction."""
    raw = output("pdftotext", pdf, "-enc", "UTF-8", "-", "-").decode()
    plain = unicodedata.normalize("NFKC", raw)
    kept = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return " ".join(kept.split())


def pages_of(pdf: bytes) -> int:
    told = output("pdfinfo", pdf, "-").decode()
    return next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pages:"))


def ink_below(image: QImage, share: float) -> int:
    """How many pixels of the picture's lower part are not white."""
    top = round(image.height() * share)
    rows = range(top, image.height(), 2)
    return sum(
        image.pixelColor(x, y) != QColor("white") for y in rows for x in range(0, image.width(), 2)
    )


def test_an_outside_reader_finds_every_fact_on_the_one_page() -> None:
    pdf = pdf_of(compose(RECEIPT, RULES))
    words = words_of(pdf)
    assert pages_of(pdf) == 1
    for fact in (
        "Contoso Ltd",
        "Receipt for a hardware token",
        "Siobhán O’Brien",
        "siobhan@contoso.example",
        "8659000112345",
        "Token2 C301-i",
        "Front desk",
        "Aaron Beck",
        "November 25, 2026",
        "6c0de1f4-3f5b-4a8a-9a57-2b9d6a7c1e21",
        "3f2b8d6a4a5b4c0f9d6e7a1b2c3d4e5f",
        "I keep it.",
        "Signature of Siobhán O’Brien",
    ):
        assert fact in words
    assert "Ich gebe" not in words


def test_t4_an_outside_reader_finds_the_head_that_verify_takes() -> None:
    for rules in (RULES, replace(RULES, language="de", persons_language=False)):
        assert str(RECEIPT.head) in words_of(pdf_of(compose(RECEIPT, rules))).replace(" ", "")


def test_a_receipt_in_german_has_german_words_and_no_english_ones() -> None:
    words = words_of(pdf_of(compose(replace(RECEIPT, language="de-DE"), RULES)))
    for fact in (
        "Empfangsbestätigung für ein Hardwaretoken",
        "Es ist aktiviert und kann zur Anmeldung verwendet werden.",
        "Seriennummer",
        "Ausgegeben von",
        "25. November 2026",
        "Ich gebe es nicht weiter.",
        "Unterschrift von Siobhán O’Brien",
    ):
        assert fact in words
    assert "Receipt" not in words
    assert "I keep" not in words


@pytest.mark.parametrize("name", ["山田 花子", "Łukasz Żółć", "Nguyễn Thị Minh Khai", "김민준"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_name_in_another_script_is_read_back(name: str, language: str) -> None:
    receipt = replace(RECEIPT, person_name=name, language=language)
    assert words_of(pdf_of(compose(receipt, RULES))).count(name) >= 3


@pytest.mark.parametrize("name", ["محمد عبد الله", "יעל כהן"])
def test_a_name_from_right_to_left_turns_no_sentence_around(name: str) -> None:
    words = words_of(pdf_of(compose(replace(RECEIPT, person_name=name), RULES)))
    assert words.count(name) >= 3
    assert "has received this hardware token. It is activated" in words
    assert "sign in." in words


@pytest.mark.parametrize("handover", Handover)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_of_handover_has_its_own_sentences(handover: Handover, language: str) -> None:
    receipt = replace(RECEIPT, handover=handover, language=language)
    says = languages()[language].sentences
    words = words_of(pdf_of(compose(receipt, RULES)))
    assert says[f"title.{handover.value}"] in words
    assert says[f"operator.{handover.value}"] in words
    assert says[f"lead.{handover.value}"].split("{name} ")[1].split(".")[0] in words


def test_who_served_themselves_is_not_said_to_have_been_served() -> None:
    words = words_of(pdf_of(compose(replace(RECEIPT, own=True), RULES)))
    assert "at a self-service station" in words
    assert "Aaron Beck" not in words
    assert "Handed over by" not in words


def test_what_is_not_known_has_no_row() -> None:
    bare = replace(RECEIPT, model="", request_id="", person_upn="")
    words = words_of(pdf_of(compose(bare, RULES)))
    assert "Model" not in words
    assert "Request ID" not in words
    assert "Account" not in words


def test_markup_in_a_name_is_written_out_and_obeyed_by_nobody() -> None:
    name = "<b>Ada</b> &amp; {name} %n"
    assert words_of(pdf_of(compose(replace(RECEIPT, person_name=name), RULES))).count(name) >= 3


def test_a_name_cannot_turn_the_sentence_around_or_break_its_line() -> None:
    name = "Ada\u202egnikcatta\u202c\nBeck"
    words = words_of(pdf_of(compose(replace(RECEIPT, person_name=name), RULES)))
    assert words.count("Adagnikcatta Beck") >= 3
    assert "has received this hardware token." in words


def test_every_language_has_the_same_sentences_and_the_same_places() -> None:
    tables = {tag: language.sentences for tag, language in languages().items()}
    english = tables.pop("en")
    assert "de" in tables
    for table in tables.values():
        assert table.keys() == english.keys()
        for key, sentence in table.items():
            assert sentence.count("{name}") == english[key].count("{name}")


# One page -----------------------------------------------------------------------------------------


def test_a_name_without_end_wraps_and_stays_on_the_page() -> None:
    receipt = replace(RECEIPT, person_name="Wolfeschlegelsteinhausenbergerdorff " * 7)
    pdf = pdf_of(compose(receipt, RULES))
    assert pages_of(pdf) == 1
    assert "8659000112345" in words_of(pdf)


def test_a_long_text_is_set_smaller_until_it_fits() -> None:
    rules = replace(RULES, text=tuple(f"{number}. {PARAGRAPH * 3}" for number in range(12)))
    sheet = compose(RECEIPT, rules)
    assert SMALLEST <= sheet.points < LARGEST
    pdf = pdf_of(sheet)
    assert pages_of(pdf) == 1
    assert "11. I keep this token" in words_of(pdf)


def test_a_text_that_fits_in_no_size_is_refused_and_not_cut() -> None:
    rules = replace(RULES, text=tuple(f"{number}. {PARAGRAPH * 10}" for number in range(12)))
    with pytest.raises(ReceiptTooLong):
        compose(RECEIPT, rules)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.text(max_size=256), header=st.text(max_size=300), text=st.text(max_size=800))
def test_whatever_it_says_it_is_one_page_or_refused(name: str, header: str, text: str) -> None:
    rules = replace(RULES, header=header, text=(text, text[::-1]))
    try:
        sheet = compose(replace(RECEIPT, person_name=name), rules)
    except ReceiptTooLong:
        return
    assert pages_of(pdf_of(sheet)) == 1


@pytest.mark.parametrize(
    ("paper", "size"), [(Paper.A4, "595 x 842 pts"), (Paper.LETTER, "612 x 792 pts")]
)
def test_the_page_is_the_sheet_that_is_configured(paper: Paper, size: str) -> None:
    pdf = pdf_of(compose(RECEIPT, replace(RULES, paper=paper)))
    assert size in output("pdfinfo", pdf, "-").decode()


# Signing ------------------------------------------------------------------------------------------


def test_what_is_drawn_on_the_screen_is_on_the_paper() -> None:
    sheet = compose(RECEIPT, replace(RULES, signature=Signature.SCREEN))
    stroke = (QPointF(0.1, 0.9), QPointF(0.5, 0.1), QPointF(0.9, 0.9))
    bare, signed = picture(sheet, 400), picture(sheet, 400, (stroke, (QPointF(0.5, 0.5),)))
    assert ink_below(signed, 0.8) > ink_below(bare, 0.8)
    box = sheet.box
    at = box.center().x() / sheet.size.width(), box.top() / sheet.size.height()
    assert at[0] == pytest.approx(0.5, abs=0.01)
    assert at[1] > 0.8
    assert pages_of(pdf_of(sheet, (stroke,))) == 1


def test_a_page_of_the_pdf_looks_as_the_screen_showed_it(tmp_path: Path) -> None:
    sheet = compose(replace(RECEIPT, person_name="山田 花子"), RULES)
    rendered = QImage.fromData(output("pdftoppm", pdf_of(sheet), "-r", "96", "-png", "-"))
    rendered.save(str(tmp_path / "page.png"))
    shown = picture(sheet, rendered.width())
    assert rendered.height() == pytest.approx(shown.height(), abs=2)
    assert ink_below(rendered, 0.0) == pytest.approx(ink_below(shown, 0.0), rel=0.25)


def test_nobody_is_asked_to_sign_where_none_is_wanted() -> None:
    words = words_of(pdf_of(compose(RECEIPT, replace(RULES, signature=Signature.NONE))))
    assert "Signature" not in words
    assert "Place and date" not in words


# Printing -----------------------------------------------------------------------------------------


def test_a_printer_gets_the_same_page(tmp_path: Path) -> None:
    file = tmp_path / "printed.pdf"
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(file))
    assert draw_on(printer, compose(RECEIPT, RULES))
    assert pages_of(file.read_bytes()) == 1
    assert "Siobhán O’Brien" in words_of(file.read_bytes())


def test_a_printer_that_is_not_there_is_said() -> None:
    with pytest.raises(NoPrinter) as told:
        print_out(compose(RECEIPT, replace(RULES, printer="No such printer")))
    assert told.value.wanted == "No such printer"
