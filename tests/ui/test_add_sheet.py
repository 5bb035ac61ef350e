"""At the desk: an unknown token is brought into the tenant with its seed, typed or scanned."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.core.errors import Evidence, Rejected
from app.core.model import HashFunction
from app.station.notices import CardState
from app.ui.pages.desk.add_sheet import AddSheet
from tests.fakes.world import FakeWorld
from tests.ui.hands import STALL_MS, press, scan, write
from tests.ui.stage import Stage, a_window
from tests.ui.test_import_page import entitled

SERIAL = "7700 0001".replace(" ", "")
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
QR = f"otpauth://totp/Works:{SERIAL}?secret={SEED}&issuer=Works&period=60&algorithm=SHA256"


class Desk:
    """A desk with a token on it that the tenant does not know."""

    def __init__(self, stage: Stage, world: FakeWorld) -> None:
        self.stage = stage
        self.world = world

    @property
    def sheet(self) -> AddSheet:
        return self.stage.window.pages.adding

    def put_unknown(self) -> None:
        scan(SERIAL)
        self.stage.until(lambda: self.stage.shown.token_card.state is CardState.UNKNOWN)

    def open(self) -> None:
        self.put_unknown()
        self.stage.until(self.sheet.offer.isVisible)
        self.sheet.offer.click()
        self.stage.until(self.sheet.isVisible)
        self.stage.focused_on(self.sheet.seed)

    def tell_maker(self) -> None:
        self.sheet.manufacturer.setText("Works")
        self.sheet.model.setText("T1")


@pytest.fixture
def world() -> FakeWorld:
    made = FakeWorld()
    entitled(made)
    return made


@pytest.fixture
def desk(qtbot: QtBot, world: FakeWorld) -> Iterator[Desk]:
    with a_window(qtbot, world) as stage:
        yield Desk(stage, world)


def test_a_seed_that_is_typed_brings_the_token_in_and_onto_the_card(desk: Desk) -> None:
    desk.open()
    assert desk.sheet.seed.echoMode() is QLineEdit.EchoMode.Password
    write(SEED.lower())
    desk.tell_maker()
    press(Qt.Key.Key_Return)
    desk.stage.until(lambda: desk.stage.shown.token_card.state is CardState.FOUND)
    assert desk.world.directory.seeds == {SERIAL: SEED}
    desk.stage.until(lambda: not desk.sheet.isVisible())
    assert desk.sheet.seed.text() == ""
    assert not desk.sheet.offer.isVisible()


def test_the_vendors_qr_code_tells_all_but_the_model(desk: Desk) -> None:
    desk.open()
    scan(QR)
    desk.stage.until(lambda: desk.sheet.manufacturer.text() == "Works")
    assert desk.sheet.interval.current() == "60"
    assert desk.sheet.hash.current() == HashFunction.SHA256.name
    assert desk.stage.refused == []
    desk.sheet.model.setText("T1")
    desk.sheet.button.click()
    desk.stage.until(lambda: desk.stage.shown.token_card.state is CardState.FOUND)
    token = desk.stage.enrollment.token
    assert token is not None
    assert (token.interval, token.hash_function) == (60, HashFunction.SHA256)


def test_a_qr_code_without_the_sheet_is_refused_as_ever(desk: Desk) -> None:
    desk.put_unknown()
    scan(QR)
    desk.stage.until(lambda: bool(desk.stage.refused))
    assert desk.world.directory.seeds == {}


def test_a_serial_number_that_is_scanned_meanwhile_goes_to_the_desk(desk: Desk) -> None:
    desk.open()
    write(SEED)
    desk.stage.qtbot.wait(STALL_MS)  # sooner, what was typed may be the beginning of the scan
    scan(desk.world.token.serial_number)
    desk.stage.until(lambda: desk.stage.shown.token_card.state is CardState.FOUND)
    desk.stage.until(lambda: not desk.sheet.isVisible())
    assert desk.sheet.seed.text() == ""


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        ("", "Type the seed"),
        ("not a seed!", "neither hexadecimal nor Base32"),
        ("GEZDGNBV", "shorter than 10 bytes"),
        (f"otpauth://hotp/x?secret={SEED}", "HOTP"),
        (QR.replace("period=60", "period=20"), "30 or 60 seconds"),
    ],
)
def test_what_is_no_seed_is_told_and_nothing_is_sent(desk: Desk, seed: str, words: str) -> None:
    desk.open()
    desk.sheet.seed.setText(seed)
    desk.tell_maker()
    desk.sheet.button.click()
    assert words in desk.sheet.message.accessibleName()
    assert desk.world.directory.count("create") == 0


def test_a_seed_that_could_be_both_asks_which_it_is(desk: Desk) -> None:
    desk.open()
    desk.tell_maker()
    desk.sheet.seed.setText("ABCDEF234567ABCDEF234567ABCDEF23")
    assert desk.sheet.encoding.isVisible()
    desk.sheet.encoding.set_current("HEX")
    desk.sheet.button.click()
    desk.stage.until(lambda: SERIAL in desk.world.directory.seeds)
    assert len(desk.world.directory.seeds[SERIAL]) == 26


LONG = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA"
"""32 bytes, which a token of either hash may have."""


@pytest.mark.parametrize(
    "told", [LONG, f"otpauth://totp/Works:{SERIAL}?secret={LONG}&issuer=Works"], ids=["typed", "QR"]
)
@pytest.mark.parametrize("chosen", list(HashFunction)[:2])
def test_a_seed_of_more_than_twenty_bytes_asks_for_its_hash(
    desk: Desk, told: str, chosen: HashFunction
) -> None:
    desk.open()
    desk.tell_maker()
    desk.sheet.seed.setText(told)
    assert desk.sheet.hash.current() == ""
    desk.sheet.button.click()
    assert "SHA-1 or SHA-256" in desk.sheet.message.accessibleName()
    assert desk.world.directory.count("create") == 0
    desk.sheet.hash.set_current(chosen.name)
    desk.sheet.seed.setText(told + " ")
    assert desk.sheet.hash.current() == chosen.name  # the answer stays while the seed is long
    desk.sheet.button.click()
    desk.stage.until(lambda: desk.stage.shown.token_card.state is CardState.FOUND)
    token = desk.stage.enrollment.token
    assert token is not None
    assert token.hash_function is chosen


def test_a_seed_that_was_long_and_is_not_any_more_asks_nothing(desk: Desk) -> None:
    desk.open()
    desk.sheet.seed.setText(LONG)
    desk.sheet.seed.setText(SEED)
    assert desk.sheet.hash.current() == HashFunction.SHA1.name


def test_a_token_without_its_maker_is_not_sent(desk: Desk) -> None:
    desk.open()
    write(SEED)
    press(Qt.Key.Key_Return)
    assert "manufacturer" in desk.sheet.message.accessibleName()
    assert desk.world.directory.count("create") == 0


def test_escape_puts_the_sheet_away_and_the_seed_with_it(desk: Desk) -> None:
    desk.open()
    write(SEED)
    press(Qt.Key.Key_Escape)
    assert not desk.sheet.isVisible()
    assert desk.sheet.seed.text() == ""
    assert desk.stage.shown.token_card.state is CardState.UNKNOWN


def test_the_desk_can_be_locked_while_the_sheet_is_open(desk: Desk) -> None:
    desk.open()
    write(SEED)
    press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    desk.stage.until(lambda: desk.stage.window.lock_screen.locked)
    assert desk.sheet.seed.text() == ""


def test_a_refusal_is_told_on_the_sheet(desk: Desk) -> None:
    desk.open()
    write(SEED)
    desk.tell_maker()
    desk.stage.on_the_station(
        lambda: desk.world.directory.fail("create", Rejected(Evidence("POST", "/", 400)))
    )
    press(Qt.Key.Key_Return)
    desk.stage.until(desk.sheet.message.isVisible)
    desk.stage.until(desk.sheet.button.isEnabled)
    assert desk.sheet.isVisible()
    assert SEED not in QApplication.clipboard().text()


def test_nothing_is_offered_to_whoever_may_not(qtbot: QtBot) -> None:
    world = FakeWorld()
    with a_window(qtbot, world) as stage:
        desk = Desk(stage, world)
        desk.put_unknown()
        assert not desk.sheet.offer.isVisible()
