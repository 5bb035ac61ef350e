"""What is connected is told as it comes and goes; a scanner is tried where nothing can happen."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.layouts import CapsLock, Layout
from app.core.reading import (
    BadgeKind,
    BadgeReading,
    CardGone,
    CardRead,
    CardReading,
    CardSeen,
    Family,
    Help,
    Missing,
    NeedsHelp,
    NoReader,
    NotAToken,
    PortTrouble,
    ReaderAppeared,
    ReaderGone,
    ScannerAppeared,
    ScannerGone,
    ScannerTrouble,
    ServiceBack,
    ServiceMissing,
    TextScanned,
    Thing,
    TokenReading,
)
from app.core.scan import ScanRules
from app.core.trial import REFERENCE, TroubleKind
from app.core.wedge import WedgeSettings
from app.station.readers import ReadersNotice, TrialScanNotice
from app.ui.models.readers import Device
from app.ui.pages.readers.page import ReadersPage
from app.ui.theme import PALETTES, Theme, look
from app.ui.wording.trial import nothing_arrived
from tests.core.trials import Scanner
from tests.fakes.world import FakeWorld
from tests.ui.hands import PAUSE_MS, press, scan, write
from tests.ui.stage import Stage, a_window

PAD, SLOT, PORT = "ACS ACR1252 Dual Reader PICC 00 00", "Yubico YubiKey CCID 01 00", "/dev/ttyACM0"
BADGE = BadgeReading(BadgeKind.UID, "04A1B2C3D4E5F6")
SECRET = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP"
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SILENCE_MS = 700
"""Longer than what ends a trial without an ending."""


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        open_readers(stage)
        stage.until(lambda: world.cards.watching and world.ports.watching)
        yield stage


def open_readers(stage: Stage) -> None:
    press(Qt.Key.Key_R, CONTROL)
    stage.until(page_of(stage).isVisible)
    stage.focused_on(page_of(stage))


def page_of(stage: Stage) -> ReadersPage:
    return stage.window.pages.readers


def device(stage: Stage, name: str) -> Device | None:
    """The line of the device of this name."""
    found = [each for each in page_of(stage).connected.devices() if each.name == name]
    return found[0] if found else None


def chip(stage: Stage, name: str) -> str:
    found = device(stage, name)
    return found.told.chip if found else ""


def shown(stage: Stage) -> str:
    """Every word of the page that can be seen."""
    labels = [label for label in page_of(stage).findChildren(QLabel) if label.isVisible()]
    return " | ".join(label.text() for label in labels)


def lines(stage: Stage) -> str:
    panel = page_of(stage).trial.result.lines
    return panel.as_text() if panel.isVisible() else ""


def said_of(kind: TroubleKind, stage: Stage) -> bool:
    """Whether the page names this trouble."""
    sentence = {
        TroubleKind.CAPS_LOCK: "Caps Lock is on.",
        TroubleKind.SUFFIX: "behind each code.",
        TroubleKind.PREFIX: "before each code.",
        TroubleKind.LAYOUT: "keyboard layout",
    }[kind]
    return sentence in shown(stage)


# Coming and going --------------------------------------------------------------------------------


def test_the_page_opens_from_the_desk_by_key_and_by_the_rail_and_escape_leads_back(
    stage: Stage,
) -> None:
    press(Qt.Key.Key_Escape)
    stage.until(stage.desk.isVisible)
    stage.focused_on(stage.desk.token.edit)
    stage.window.rail.chosen.emit("readers")
    stage.until(page_of(stage).isVisible)
    page_of(stage).connected.footer_activated.emit()
    stage.until(stage.desk.isVisible)


def test_it_is_there_before_the_sign_in(qtbot: QtBot, world: FakeWorld) -> None:
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(stage.window.signin.browser.hasFocus)
        open_readers(stage)
        scan(REFERENCE)
        assert "The scanner works." in shown(stage)
        press(Qt.Key.Key_Escape)
        stage.until(stage.window.signin.isVisible)


def test_what_was_connected_before_the_page_was_made_is_on_it(
    qtbot: QtBot, world: FakeWorld
) -> None:
    with a_window(qtbot, world) as stage:
        world.cards.tell(ReaderAppeared(PAD, pad=True))
        stage.until(lambda: any(isinstance(n, ReadersNotice) and n.readers for n in stage.notices))
        scan(world.token.serial_number)
        stage.reach(State.HAS_TOKEN)
        open_readers(stage)
        assert chip(stage, PAD) == "Empty"
        assert chip(stage, "Scanner that types") == "Heard"


def test_a_scanner_that_was_heard_before_the_sign_in_was_heard(
    qtbot: QtBot, world: FakeWorld
) -> None:
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(stage.window.signin.browser.hasFocus)
        open_readers(stage)
        press(Qt.Key.Key_Escape)
        stage.until(stage.window.signin.isVisible)
        scan(world.token.serial_number)
        assert "Sign in" in stage.alert
        press(Qt.Key.Key_Escape)
        open_readers(stage)
        assert chip(stage, "Scanner that types") == "Heard"


# Connected now -----------------------------------------------------------------------------------


def test_a_reader_and_what_lies_on_it_come_and_go(stage: Stage, world: FakeWorld) -> None:
    world.cards.tell(NoReader())
    stage.until(lambda: chip(stage, "Card readers") == "None")
    world.cards.tell(ReaderAppeared(PAD, pad=True))
    stage.until(lambda: chip(stage, PAD) == "Empty")
    assert device(stage, "Card readers") is None
    world.cards.tell(CardSeen(PAD))
    stage.until(lambda: chip(stage, PAD) == "Being read")
    token = TokenReading(Family.TOKEN2_OTP, "C301-i", "8659610904217", drift=2.2)
    world.cards.tell(CardRead(PAD, token))
    stage.until(lambda: chip(stage, PAD) == "Token")
    assert "Token2 C301-i, serial number 8659 6109 04217, clock +2 s." in shown(stage)
    world.cards.tell(CardGone(PAD))
    stage.until(lambda: chip(stage, PAD) == "Empty")
    world.cards.tell(ReaderGone(PAD), NoReader())
    stage.until(lambda: chip(stage, "Card readers") == "None")
    assert PAD not in shown(stage)


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (NotAToken(Thing.UNKNOWN), "A card without a serial number."),
        (NeedsHelp(Help.ASLEEP, "6F00"), "Press its button"),
        (NeedsHelp(Help.BUSY), "Close that program"),
        (TokenReading(Family.YUBIKEY, "YubiKey 5 NFC", "12345678"), "YubiKey 5 NFC, serial"),
    ],
)
def test_what_a_card_is_and_what_helps_is_told(
    card: CardReading, told: str, stage: Stage, world: FakeWorld
) -> None:
    world.cards.tell(ReaderAppeared(SLOT), CardRead(SLOT, card))
    stage.until(lambda: told in shown(stage))


def test_of_a_badge_only_the_last_four_characters_are_shown(stage: Stage, world: FakeWorld) -> None:
    world.cards.tell(ReaderAppeared(PAD, pad=True), CardRead(PAD, BADGE))
    stage.until(lambda: "ends in E5F6" in shown(stage))
    names = [widget.accessibleDescription() for widget in page_of(stage).findChildren(QWidget)]
    assert BADGE.number not in shown(stage) + " ".join(names)
    assert "D4E5F6" not in shown(stage) + " ".join(names)


def test_what_is_missing_is_told_until_it_is_there(stage: Stage, world: FakeWorld) -> None:
    world.cards.tell(ServiceMissing(Missing.SERVICE, "0x8010001D"))
    stage.until(lambda: chip(stage, "Card readers") == "Missing")
    assert "0x8010001D" in shown(stage)
    world.cards.tell(ServiceBack(), NoReader())
    stage.until(lambda: chip(stage, "Card readers") == "None")


def test_a_scanner_on_a_serial_port_comes_fails_and_goes(stage: Stage, world: FakeWorld) -> None:
    world.ports.tell(ScannerAppeared(PORT, "Honeywell 1950g"))
    stage.until(lambda: chip(stage, "Honeywell 1950g") == "Ready")
    world.ports.tell(ScannerTrouble(PORT, PortTrouble.BUSY, "errno 16"))
    stage.until(lambda: chip(stage, PORT) == "Not open")
    assert "errno 16" in shown(stage)
    world.ports.tell(ScannerGone(PORT))
    stage.until(lambda: chip(stage, "Scanners on a serial port") == "None")


# Try a scanner -----------------------------------------------------------------------------------


def test_before_anything_arrives_the_page_teaches(stage: Stage) -> None:
    assert nothing_arrived().advice in shown(stage)
    assert REFERENCE in shown(stage)
    assert chip(stage, "Scanner that types") == "Not heard yet"


def test_a_scanner_that_works_is_told_so_and_nothing_reaches_the_desk(
    stage: Stage, world: FakeWorld
) -> None:
    scan(f"]C0{REFERENCE}")
    assert "The scanner works." in shown(stage)
    assert f"]C0{REFERENCE}⏎" in shown(stage)
    assert f"Serial number {REFERENCE.upper()}" in shown(stage)
    assert "25 characters" in shown(stage)
    assert lines(stage) == ""
    assert chip(stage, "Scanner that types") == "Heard"
    scan(world.token.serial_number)
    stage.qtbot.wait(PAUSE_MS)
    assert "Scan 2" in shown(stage)
    assert stage.state is State.EMPTY
    assert world.directory.count("find_tokens") == 0


@pytest.mark.parametrize(
    ("scanner", "kind", "proposed"),
    [
        (Scanner(layout=Layout.AZERTY), TroubleKind.LAYOUT, '[scanner]\nlayout = "azerty"'),
        (Scanner(layout=Layout.QWERTZ), TroubleKind.LAYOUT, '[scanner]\nlayout = "qwertz"'),
        (Scanner(prefix="~"), TroubleKind.PREFIX, '[scanner]\nprefix = "~"'),
        (Scanner(suffix="#"), TroubleKind.SUFFIX, ""),
        (Scanner(caps=CapsLock.LETTERS), TroubleKind.CAPS_LOCK, ""),
    ],
)
def test_what_is_wrong_is_named_with_the_lines_that_mend_it(
    scanner: Scanner, kind: TroubleKind, proposed: str, stage: Stage
) -> None:
    scan(scanner.types())
    trial_says = shown(stage)
    assert "One thing keeps this scanner from working well." in trial_says
    assert kind is TroubleKind.LAYOUT or said_of(kind, stage)
    assert kind is not TroubleKind.LAYOUT or "This machine reads the keys by" in trial_says
    assert lines(stage) == proposed


def test_the_lines_are_copied_by_mnemonic_by_enter_and_by_space(stage: Stage) -> None:
    wanted = '[scanner]\nlayout = "azerty"\nprefix = "~"'
    scan(Scanner(layout=Layout.AZERTY, prefix="~").types())
    assert lines(stage) == wanted
    copy = page_of(stage).trial.result.lines.findChildren(QPushButton)[0]
    stage.qtbot.wait(SILENCE_MS)
    copy.setFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QGuiApplication.clipboard().clear()
        press(key)
        stage.until(lambda: QGuiApplication.clipboard().text() == wanted)
    page_of(stage).setFocus()
    QGuiApplication.clipboard().clear()
    press(Qt.Key.Key_O, ALT)
    stage.until(lambda: QGuiApplication.clipboard().text() == wanted)


def test_a_scan_while_the_copy_button_has_the_focus_presses_nothing(stage: Stage) -> None:
    scan(Scanner(prefix="~").types())
    stage.qtbot.wait(SILENCE_MS)
    page_of(stage).trial.result.lines.findChildren(QPushButton)[0].setFocus()
    QGuiApplication.clipboard().clear()
    scan(f" {REFERENCE}")
    stage.qtbot.wait(SILENCE_MS)
    assert "The scanner works." in shown(stage)
    assert QGuiApplication.clipboard().text() == ""


def test_what_is_typed_by_hand_is_called_typing(stage: Stage) -> None:
    write("8659")
    stage.until(lambda: "Typing, not a scan" in shown(stage))
    assert chip(stage, "Scanner that types") == "Not heard yet"


def test_control_characters_are_shown_by_their_pictures(stage: Stage) -> None:
    scan(f"\x02{REFERENCE[:9]}\x1d{REFERENCE[9:]}", None)
    stage.until(lambda: f"␂{REFERENCE[:9]}␝{REFERENCE[9:]}" in shown(stage))


@pytest.mark.parametrize("layout", Layout)
def test_of_a_secret_only_its_kind_and_length_are_shown(
    layout: Layout, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    scan(Scanner(layout=layout).types(SECRET))
    assert "That code holds the secret of a token." in shown(stage)
    assert f"{len(SECRET)} characters" in shown(stage)
    spoken = " ".join(
        widget.accessibleName() + widget.accessibleDescription()
        for widget in page_of(stage).findChildren(QWidget)
    )
    everything = shown(stage) + spoken + caplog.text + lines(stage)
    assert "JBS" not in everything
    assert "totp" not in everything


def test_what_was_tried_is_gone_when_the_page_is_left(stage: Stage) -> None:
    scan("EMP20417")
    assert "Badge 20417" in shown(stage)
    press(Qt.Key.Key_Escape)
    stage.until(stage.desk.isVisible)
    labels = " ".join(label.text() for label in page_of(stage).findChildren(QLabel))
    assert "20417" not in labels
    open_readers(stage)
    assert nothing_arrived().sentence in shown(stage)


def test_after_the_page_is_left_scans_and_taps_go_to_the_desk_again(
    stage: Stage, world: FakeWorld
) -> None:
    scan(world.token.serial_number)
    stage.qtbot.wait(PAUSE_MS)
    press(Qt.Key.Key_Escape)
    stage.until(stage.desk.isVisible)
    stage.put_token(world.token.serial_number)
    open_readers(stage)
    press(Qt.Key.Key_Escape)
    world.ports.tell(TextScanned(PORT, f"EMP{world.ada.employee_id}"))
    stage.until(lambda: stage.enrollment.person == world.ada)


def test_a_scanner_on_a_serial_port_is_tried_as_well(stage: Stage, world: FakeWorld) -> None:
    world.ports.tell(TextScanned(PORT, f"~{REFERENCE}\t"))
    stage.until(lambda: "2 things keep this scanner" in shown(stage))
    assert lines(stage) == '[serial]\nprefix = "~"\nending = "tab"'
    assert PORT in shown(stage)
    assert "Ended by" not in shown(stage)
    assert stage.state is State.EMPTY


def test_a_line_that_comes_when_the_page_was_left_is_not_shown(stage: Stage) -> None:
    press(Qt.Key.Key_Escape)
    stage.until(stage.desk.isVisible)
    stage.window.show_notice(TrialScanNotice(PORT, "EMP20417"))
    labels = " ".join(label.text() for label in page_of(stage).findChildren(QLabel))
    assert "20417" not in labels


def test_a_tap_on_trial_stays_from_the_desk(stage: Stage, world: FakeWorld) -> None:
    serial = world.token.serial_number
    token = TokenReading(Family.TOKEN2_OTP, "C301-i", serial)
    world.cards.tell(ReaderAppeared(PAD, pad=True), CardRead(PAD, token))
    stage.until(lambda: chip(stage, PAD) == "Token")
    stage.qtbot.wait(50)
    assert stage.state is State.EMPTY


def test_the_trial_judges_by_the_rules_and_the_rhythm_of_this_station(qtbot: QtBot) -> None:
    rules, rhythm = ScanRules(layout=Layout.AZERTY), WedgeSettings(minimum_length=30)
    page = ReadersPage(rhythm, rules)
    qtbot.addWidget(page)
    page.show()
    page.tried(Scanner(layout=Layout.AZERTY).scans())
    text = " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())
    assert "shorter than what the desk takes for a scan" in text
    assert page.trial.result.lines.as_text() == f"[scanner]\nminimum_length = {len(REFERENCE)}"


# For everyone ------------------------------------------------------------------------------------


def test_tab_reaches_the_list_the_result_and_the_copy_button(stage: Stage) -> None:
    page = page_of(stage)
    scan(Scanner(prefix="~").types())
    stage.qtbot.wait(SILENCE_MS)
    reached = set()
    for _ in range(12):
        press(Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    copy = page.trial.result.lines.findChildren(QPushButton)[0]
    assert {page.connected.area, page.trial.area, copy} <= reached


def test_the_card_whose_list_has_the_focus_is_outlined(stage: Stage) -> None:
    page = page_of(stage)
    press(Qt.Key.Key_Tab)
    stage.focused_on(page.connected.area)
    assert page.connected.property("active") == "true"
    press(Qt.Key.Key_Tab)
    assert page.connected.property("active") == "false"


@pytest.mark.parametrize("theme", list(PALETTES))
def test_the_page_is_drawn_in_every_theme_on_a_small_screen(theme: Theme, stage: Stage) -> None:
    look().set_theme(theme)
    stage.window.resize(1024, 680)
    scan(Scanner(layout=Layout.AZERTY, prefix="~", suffix="#").types())
    QApplication.processEvents()
    assert stage.window.width() == 1024
    assert stage.window.grab().toImage().width() == 1024
