"""Whatever is scanned, the window says what it was, loses nothing and keeps no secret."""

import logging
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.errors import LedgerUnreadable, OathdeskError
from app.core.scan import RefusalKind
from app.station.context import Notify
from app.station.notices import CardState
from app.station.station import Station
from app.ui.widgets import EvidencePanel
from app.ui.wording.desk import refusal
from app.ui.wording.errors import trouble
from tests.fakes.world import FakeWorld
from tests.ui.hands import PAUSE_MS, TAIL_MS, press, scan, send
from tests.ui.stage import Stage, a_window, a_window_on

SEED = "JBSWY3DPEHPK3PXP"
AZERTY_DIGITS = "(çàèéà_&_"
BAD_SCANS = {
    "an enrollment address": (f"otpauth://totp/Ada?secret={SEED}", RefusalKind.OTP_SECRET),
    "a bare seed": (SEED * 2, RefusalKind.POSSIBLE_SEED),
    "a web address": ("https://www.example.com/t/1", RefusalKind.WEB_ADDRESS),
    "a box code": ("]E04006381333931", RefusalKind.RETAIL_BARCODE),
    "a six-digit code": ("041238", RefusalKind.SIX_DIGITS),
    "2,049 characters": ("8" * 2049, RefusalKind.TOO_LONG),
    "10,000 characters": ("8" * 10_000, RefusalKind.TOO_LONG),
    "10,001 characters": ("8" * 10_001, RefusalKind.TOO_LONG),
    "control characters": ("86590610\x1d904217", RefusalKind.CONTROL),
    "a passkey": ("FIDO:/0123456789", RefusalKind.PASSKEY),
    "a contact": ("BEGIN:VCARD N:Ada", RefusalKind.CONTACT),
    "a spreadsheet's number": ("8,65962E+12", RefusalKind.SCIENTIFIC),
    "another layout": (AZERTY_DIGITS, RefusalKind.LAYOUT),
    "mere words": ("hello world", RefusalKind.NOT_A_SERIAL),
}
ADVICE = {RefusalKind.LAYOUT: 'set layout = "azerty" under [scanner] in the configuration'}
"""What is advised otherwise than for every scan of the kind."""


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        yield stage


def everything_written(world: FakeWorld, caplog: pytest.LogCaptureFixture) -> str:
    """Log and ledger as one text."""
    return caplog.text + "".join(repr(entry) for entry in world.ledger.entries)


@pytest.mark.parametrize("name", BAD_SCANS)
def test_a_scan_that_is_no_serial_number_is_told_and_kept_nowhere(
    name: str, stage: Stage, world: FakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text, kind = BAD_SCANS[name]
    scan(text)
    stage.until(lambda: refusal(kind).sentence in stage.alert)
    assert ADVICE.get(kind, refusal(kind).advice) in stage.alert
    assert stage.state is State.EMPTY
    looked_up = kind is RefusalKind.SIX_DIGITS  # it might be the serial number of an old YubiKey
    assert world.directory.count("find_tokens") == (1 if looked_up else 0)
    assert stage.desk.token.edit.text() == ""
    assert text not in everything_written(world, caplog)
    assert text not in stage.alert


def test_a_bad_scan_loses_nothing_of_what_was_on_the_desk(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    scan(f"otpauth://totp/Ada?secret={SEED}")
    stage.until(lambda: stage.refused != [])
    assert stage.enrollment.token == world.token
    assert stage.enrollment.person == world.ada
    assert stage.state is State.AWAITING_CODE
    stage.focused_on(stage.desk.work.code)
    assert stage.desk.work.code.code() == ""


def test_a_scan_on_another_layout_shows_what_it_may_have_meant(stage: Stage) -> None:
    scan(AZERTY_DIGITS)
    stage.until(lambda: "590720818" in stage.alert)


def test_an_unknown_serial_number_is_told_on_the_card(stage: Stage) -> None:
    scan("99990000")
    stage.until(lambda: stage.shown.token_card.state is CardState.UNKNOWN)
    assert stage.shown.token_card.serial_number == "99990000"
    assert stage.state is State.EMPTY


def test_two_scans_in_a_row_leave_the_second_on_the_card(stage: Stage, world: FakeWorld) -> None:
    scan(world.token.serial_number)
    scan(world.second.serial_number)
    stage.until(lambda: stage.shown.token_card.serial_number == world.second.serial_number)
    stage.reach(State.HAS_TOKEN)
    assert stage.enrollment.token == world.second


def test_a_double_read_is_looked_up_once(stage: Stage, world: FakeWorld) -> None:
    scan(world.token.serial_number)
    scan(world.token.serial_number)
    stage.reach(State.HAS_TOKEN)
    assert world.directory.count("find_tokens") == 1


def test_a_torn_scan_is_asked_for_again(stage: Stage, world: FakeWorld) -> None:
    send("8")
    stage.until(lambda: stage.desk.token.edit.text() == "8")
    scan(world.token.serial_number[1:])
    stage.until(lambda: "Scan again" in stage.alert)
    assert world.directory.count("find_tokens") == 0


def test_a_scan_while_the_code_field_has_the_focus_is_no_code(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    scan(world.second.serial_number)
    stage.until(lambda: stage.enrollment.token == world.second)
    assert stage.desk.work.code.code() == ""
    assert world.directory.writes == []


def test_a_scan_before_the_sign_in_is_answered_with_what_to_do(
    qtbot: QtBot, world: FakeWorld
) -> None:
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(stage.window.signin.browser.hasFocus)
        scan(world.token.serial_number)
        assert "Sign in" in stage.alert
        assert not stage.window.desk.isVisible()


def test_a_scan_on_the_help_page_goes_to_the_desk(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_F1)
    stage.until(stage.window.pages.help.isVisible)
    scan(world.token.serial_number)
    stage.reach(State.HAS_TOKEN)
    assert stage.desk.isVisible()


def test_a_scan_with_an_early_control_character_is_asked_for_again(
    stage: Stage, world: FakeWorld
) -> None:
    scan("8659\x1d0610904217")
    stage.until(lambda: "Scan again" in stage.alert)
    assert world.directory.count("find_tokens") == 0


def test_signing_in_takes_the_advice_to_sign_in_away(qtbot: QtBot, world: FakeWorld) -> None:
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(stage.window.signin.browser.hasFocus)
        scan(world.token.serial_number)
        stage.qtbot.wait(TAIL_MS)
        stage.sign_in()
        assert stage.alert == ""


def test_a_good_scan_takes_the_warning_of_a_bad_one_away(stage: Stage, world: FakeWorld) -> None:
    scan("https://www.example.com/")
    stage.until(lambda: stage.alert != "")
    scan(world.token.serial_number)
    stage.reach(State.HAS_TOKEN)
    assert stage.alert == ""


@pytest.mark.parametrize("how", ["key", "button"])
def test_a_warning_is_dismissed(how: str, stage: Stage, qtbot: QtBot) -> None:
    scan("https://www.example.com/")
    stage.until(lambda: stage.alert != "")
    if how == "key":
        press(Qt.Key.Key_Escape)
    else:
        stage.window.alert.findChildren(QPushButton)[0].click()
    stage.until(lambda: stage.alert == "")


def test_on_a_practice_tenant_the_banner_says_so(qtbot: QtBot, world: FakeWorld) -> None:
    with a_window(qtbot, world, practice=True, signed_in=False) as stage:
        stage.until(lambda: "Practice" in stage.window.banners.banner.words())
        scan(world.token.serial_number)
        stage.until(lambda: "Sign in" in stage.alert)
        press(Qt.Key.Key_Escape)
        stage.until(lambda: stage.alert == "")
        assert "Practice" in stage.window.banners.banner.words()


def test_signing_out_leaves_nothing_of_the_last_person(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    press(Qt.Key.Key_F12)
    stage.until(stage.window.signin.isVisible)
    stage.until(lambda: stage.state is State.EMPTY)
    assert not world.sign_in.signed_in
    labels = [label for label in stage.window.findChildren(QLabel) if label.isVisible()]
    shown = " ".join(label.text() for label in labels)
    assert "Ada" not in shown
    assert world.token.serial_number not in shown.replace(" ", "")


def test_a_scan_after_signing_out_fills_nothing(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_F12)
    stage.until(stage.window.signin.isVisible)
    asked = world.directory.count("find_tokens")
    scan(world.token.serial_number)
    stage.qtbot.wait(50)
    assert world.directory.count("find_tokens") == asked
    assert "Sign in" in stage.alert


def test_a_station_that_cannot_start_says_why_and_offers_the_details(qtbot: QtBot) -> None:
    error: OathdeskError = LedgerUnreadable("of a newer version")

    async def build(_notify: Notify) -> Station:
        raise error

    with a_window_on(qtbot, build) as stage:
        signin = stage.window.signin
        stage.until(lambda: trouble(error).sentence in accessible_words(stage))
        assert not signin.browser.isVisible()
        assert not signin.device.isVisible()
        press(Qt.Key.Key_Return)
        press(Qt.Key.Key_F6)
        assert "of a newer version" in shown_evidence(stage)


def accessible_words(stage: Stage) -> str:
    """What the window says, by the accessible names of all that is visible."""
    widgets = stage.window.findChildren(QWidget)
    return " ".join(widget.accessibleName() for widget in widgets if widget.isVisible())


def shown_evidence(stage: Stage) -> str:
    panels = stage.window.findChildren(EvidencePanel)
    return " ".join(panel.as_text() for panel in panels if panel.isVisible())


def test_closing_the_window_ends_the_station(qtbot: QtBot, world: FakeWorld) -> None:
    with a_window(qtbot, world) as stage:
        stage.window.close()
        assert not stage.window.isVisible()
        stage.window.top.sign_out.emit()
        assert world.sign_in.signed_out == 0


def test_the_look_can_be_changed_without_losing_anything(stage: Stage, world: FakeWorld) -> None:
    stage.put_token(world.token.serial_number)
    stage.window.rail.chosen.emit("look")
    QGuiApplication.processEvents()
    assert stage.desk.isVisible()
    assert stage.enrollment.token == world.token
    stage.window.rail.chosen.emit("look")


def test_bare_modifiers_change_nothing(stage: Stage) -> None:
    for key in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_CapsLock):
        press(key)
    stage.qtbot.wait(PAUSE_MS)
    assert stage.state is State.EMPTY
    assert QApplication.focusWidget() is stage.desk.token.edit
