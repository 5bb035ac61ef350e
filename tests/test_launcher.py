"""From what is configured to a window: one tenant, one of several by hand, or none yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from app.compose import StationLauncher
from app.core.errors import PracticeUnavailable, SettingsError
from app.settings.loading import Sources
from app.station.context import DeskSettings, Notify
from app.station.notices import ReadyNotice
from app.station.station import Station
from app.station_config import StationConfig
from app.ui.theme import look
from app.ui.wording.errors import trouble
from tests.fakes.world import FakeWorld
from tests.ui.hands import enter, press
from tests.ui.stage import Stage, a_window_on

CLIENT = "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"
IDS = {
    "north": "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30",
    "south": "0b6ad4b2-5d3e-4f17-9a86-c1e7d2f83a55",
    "west": "77777777-2222-4333-8444-555555555555",
}
FOLDER = "[ledger]\nfolder = 'record'\n[lock]\nafter = 0\nsign_out_after = 0\n"


def profiles(*keys: str) -> str:
    tables = [
        f'[tenants.{key}]\nid = "{IDS[key]}"\nclient_id = "{CLIENT}"\nlabel = "Contoso {key}"\n'
        for key in keys
    ]
    return "".join((*tables, FOLDER))


ALL = profiles(*IDS)
ONE = f'[tenant]\nid = "{IDS["north"]}"\nclient_id = "{CLIENT}"\nname = "Contoso"\n{FOLDER}'


class Machine:
    """A machine with a user's file, and a window on whatever that file leads to."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self._qtbot = qtbot
        self.file = folder / "config.toml"
        self.places: list[StationConfig] = []
        self._before = 0
        self.demos = 0
        self.practice_error: PracticeUnavailable | None = None
        self.stage: Stage

    def write(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    @contextmanager
    def window(self, key: str = "") -> Iterator[Stage]:
        """Start the program, as `oathdesk --tenant KEY` would."""
        sources = Sources(self.file.with_name("machine.toml"), self.file)
        launcher = StationLauncher(sources, key, self._put_together, self._practise)
        with a_window_on(self._qtbot, launcher.station(), launcher=launcher) as stage:
            self.stage = stage
            yield stage
        self._before = len(self.places)

    async def _put_together(self, config: StationConfig, notify: Notify) -> Station:
        self.places.append(config)
        return Station(FakeWorld().station_ports, config.desk, notify)

    async def _practise(self, notify: Notify) -> Station:
        self.demos += 1
        if self.practice_error is not None:
            raise self.practice_error
        return Station(FakeWorld().station_ports, DeskSettings(name="Practice"), notify)

    @property
    def tenants(self) -> list[str]:
        """The records that were opened, each the tenant's own."""
        return [config.ledger_file.parent.name for config in self.places]

    @property
    def chooser(self) -> QComboBox:
        return self.stage.window.signin.tenants.box

    def ready(self, count: int = 1) -> None:
        """Wait until so many stations have come, and the last one can be signed in to."""
        signin = self.stage.window.signin
        self.stage.until(lambda: self._come() == count and signin.browser.isVisible())

    def _come(self) -> int:
        told = [each for each in self.stage.notices if isinstance(each, ReadyNotice)]
        return self._before + sum(each.error is None for each in told)

    def said(self) -> str:
        labels = self.stage.window.findChildren(QLabel)
        return " ".join(label.text() for label in labels if label.isVisible())


async def never(_place: StationConfig, _notify: Notify) -> Station:
    raise AssertionError("nobody asks for a station")


async def never_practising(_notify: Notify) -> Station:
    raise AssertionError("nobody asks for a demo")


@pytest.fixture
def machine(qtbot: QtBot, tmp_path: Path) -> Machine:
    return Machine(qtbot, tmp_path)


def test_one_tenant_is_opened_and_there_is_nothing_to_choose(machine: Machine) -> None:
    machine.write(ONE)
    with machine.window() as stage:
        machine.ready()
        assert machine.tenants == [IDS["north"]]
        assert not machine.chooser.isVisible()
        stage.focused_on(stage.window.signin.browser)


def test_of_several_tenants_the_first_is_offered_and_enter_signs_in_to_it(machine: Machine) -> None:
    machine.write(ALL)
    with machine.window() as stage:
        machine.ready()
        assert machine.chooser.currentText() == "Contoso north"
        assert "Contoso north" in machine.said()
        stage.sign_in()
        assert machine.tenants == [IDS["north"]]


def choose(machine: Machine, *keys: Qt.Key) -> None:
    """Go from the button back to the choice with the keyboard, and press `keys` there."""
    machine.stage.focused_on(machine.stage.window.signin.browser)
    press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    machine.stage.focused_on(machine.chooser)
    for key in keys:
        press(key)


def test_another_one_is_chosen_by_keyboard_and_has_a_record_of_its_own(machine: Machine) -> None:
    machine.write(ALL)
    with machine.window() as stage:
        machine.ready()
        choose(machine, Qt.Key.Key_Down)
        machine.ready(2)
        assert machine.tenants == [IDS["north"], IDS["south"]]
        stage.focused_on(machine.chooser)
        press(Qt.Key.Key_Return)
        stage.until(stage.desk.isVisible)
        assert "Contoso south" in machine.said()


def test_going_through_the_choice_opens_the_last_one_and_no_other_for_long(
    machine: Machine,
) -> None:
    machine.write(ALL)
    with machine.window():
        machine.ready()
        choose(machine, Qt.Key.Key_Down, Qt.Key.Key_Down)
        machine.stage.until(lambda: machine.tenants[-1] == IDS["west"])
        machine.stage.until(machine.stage.window.signin.browser.isVisible)
        assert machine.chooser.currentText() == "Contoso west"


def test_the_last_choice_is_remembered_at_the_next_start(machine: Machine) -> None:
    machine.write(ALL)
    with machine.window():
        machine.ready()
        choose(machine, Qt.Key.Key_Down)
        machine.ready(2)
    before = machine.file.read_text(encoding="utf-8")
    with machine.window():
        machine.ready(3)
        assert machine.tenants[-1] == IDS["south"]
        assert machine.chooser.currentText() == "Contoso south"
    assert machine.file.read_text(encoding="utf-8") == before


def test_a_remembered_tenant_that_is_gone_is_the_first_again(machine: Machine) -> None:
    machine.write(ALL)
    with machine.window():
        machine.ready()
        choose(machine, Qt.Key.Key_Down)
        machine.ready(2)
    machine.write(profiles("north", "west"))
    with machine.window():
        machine.ready(3)
        assert machine.tenants[-1] == IDS["north"]


def test_a_tenant_that_is_named_goes_straight_there_and_is_not_remembered(
    machine: Machine,
) -> None:
    machine.write(ALL)
    with machine.window("west"):
        machine.ready()
        assert machine.tenants == [IDS["west"]]
        assert not machine.chooser.isVisible()
        assert "Contoso west" in machine.said()
    with machine.window():
        machine.ready(2)
        assert machine.tenants[-1] == IDS["north"]


def test_a_tenant_that_is_named_in_vain_is_told(machine: Machine) -> None:
    machine.write(ALL)
    with machine.window("east") as stage:
        stage.until(lambda: trouble(SettingsError()).sentence in machine.said())
        evidence = stage.window.signin._evidence.as_text()
        assert "there is no tenant east" in evidence
        assert "--tenant with one of north, south, west" in evidence
        assert machine.places == []


def test_while_somebody_works_there_is_nothing_to_choose_and_afterwards_there_is(
    machine: Machine,
) -> None:
    machine.write(ALL)
    with machine.window() as stage:
        machine.ready()
        stage.sign_in()
        assert not machine.chooser.isVisible()
        press(Qt.Key.Key_F12)
        stage.until(machine.chooser.isVisible)
        choose(machine, Qt.Key.Key_Down)
        machine.ready(2)
        assert machine.tenants[-1] == IDS["south"]


def test_nothing_of_the_tenant_before_is_left_in_the_window(machine: Machine) -> None:
    machine.write(ALL)
    with machine.window() as stage:
        machine.ready()
        stage.sign_in()
        stage.put_token("86590001")
        press(Qt.Key.Key_F12)
        stage.until(machine.chooser.isVisible)
        choose(machine, Qt.Key.Key_Down)
        machine.ready(2)
        enter()
        stage.until(stage.desk.isVisible)
        assert "8659" not in machine.said()


# -- nothing configured, and configured wrongly ----------------------------------------------------


def test_without_a_tenant_the_window_asks_for_one_and_goes_on_with_it(machine: Machine) -> None:
    machine.write(FOLDER)
    with machine.window() as stage:
        stage.until(lambda: stage.window.pages.currentWidget() is stage.window.pages.first_run)
        machine.write(ONE)
        press(Qt.Key.Key_F5)
        machine.ready()
        assert machine.tenants == [IDS["north"]]


def test_what_is_wrong_is_told_and_f5_looks_again_once_it_is_mended(machine: Machine) -> None:
    machine.write("[desk]\nmode = 'give'\n")
    with machine.window() as stage:
        stage.until(stage.window.signin.look_again.isVisible)
        stage.focused_on(stage.window.signin.look_again)
        assert "config.toml:2" in stage.window.signin._evidence.as_text()
        machine.write(ONE)
        press(Qt.Key.Key_F5)
        stage.until(lambda: "ledger.folder" in stage.window.signin._evidence.as_text())
        machine.write(ONE.replace(FOLDER, ""))
        press(Qt.Key.Key_Return)
        machine.ready()


def test_another_folder_of_records_counts_after_a_new_start_only(machine: Machine) -> None:
    machine.write(ALL)
    with machine.window() as stage:
        machine.ready()
        machine.write(ALL.replace("'record'", "'elsewhere'"))
        choose(machine, Qt.Key.Key_Down)
        stage.until(stage.window.signin.look_again.isVisible)
        assert "after the program was started again" in stage.window.signin._evidence.as_text()
        machine.write(ALL)
        stage.focused_on(machine.chooser)
        press(Qt.Key.Key_F5)
        machine.ready(2)


def test_a_look_that_was_changed_meanwhile_counts_for_the_next_station(machine: Machine) -> None:
    machine.write(ALL + "[look]\ntheme = 'light'\n")
    with machine.window():
        machine.ready()
        assert not look().palette.dark
        machine.write(ALL + "[look]\ntheme = 'dark'\n")
        choose(machine, Qt.Key.Key_Down)
        machine.ready(2)
        machine.stage.until(lambda: look().palette.dark)


def test_the_window_speaks_what_is_configured(machine: Machine) -> None:
    machine.write(f"{ONE}[look]\nlanguage = 'de'\n")
    sources = Sources(machine.file.with_name("machine.toml"), machine.file)
    assert StationLauncher(sources, "", never, never_practising).window_options().language == "de"


def test_people_who_serve_themselves_have_their_window_once_there_is_a_tenant(
    machine: Machine,
) -> None:
    own = "[desk]\nlane = 'self'\n"
    sources = Sources(machine.file.with_name("machine.toml"), machine.file)
    for text, lane in ((own, False), (f"{ONE}{own}", True), (ONE, False)):
        machine.write(text)
        assert StationLauncher(sources, "", never, never_practising).window_options().lane is lane


# -- the demo -------------------------------------------------------------------------------------


def at_the_first_run(machine: Machine) -> None:
    stage = machine.stage
    stage.until(lambda: stage.window.pages.currentWidget() is stage.window.pages.first_run)
    stage.focused_on(stage.window.pages.first_run.form.tenant)


def test_the_demo_begins_on_f6_and_is_left_again(machine: Machine) -> None:
    machine.write(FOLDER)
    with machine.window() as stage:
        at_the_first_run(machine)
        press(Qt.Key.Key_F6)
        stage.until(stage.window.signin.browser.isVisible)
        assert machine.demos == 1
        assert stage.window.signin.leave_demo.isVisible()
        stage.window.signin.leave_demo.setFocus()
        press(Qt.Key.Key_Space)
        at_the_first_run(machine)


def test_a_demo_that_does_not_start_says_why_and_leads_back(machine: Machine) -> None:
    machine.practice_error = PracticeUnavailable("no port is free")
    machine.write(FOLDER)
    with machine.window() as stage:
        at_the_first_run(machine)
        press(Qt.Key.Key_F6)
        stage.until(lambda: "The practice tenant does not start." in machine.said())
        assert "no port is free" in stage.window.signin._evidence.as_text()
        stage.until(stage.window.signin.leave_demo.isVisible)
        stage.window.signin.leave_demo.setFocus()
        press(Qt.Key.Key_Space)
        at_the_first_run(machine)


def test_the_program_itself_offers_no_way_to_leave_a_demo_that_nobody_began(
    machine: Machine,
) -> None:
    machine.write(ONE)
    with machine.window() as stage:
        machine.ready()
        assert not stage.window.signin.leave_demo.isVisible()
