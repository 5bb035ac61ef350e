"""The lane's window: read by everybody, worked by keyboard alone, and it leads nowhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.code import CodeVerdict
from app.core.enrollment import Enrollment, State
from app.core.errors import (
    Evidence,
    Forbidden,
    SignInEnded,
    SignInEvidence,
    SignInUnreachable,
    Throttled,
)
from app.core.lane import SELF_SCOPES, LaneRules, LaneStep, is_settling
from app.core.model import Mode
from app.core.signin import Account
from app.core.skew import ClockState
from app.station.context import DeskSettings, Notify
from app.station.lane import LaneNotice
from app.station.notices import CodeNotice, Notice, SessionNotice, SessionState
from app.station.station import Station
from app.station.timekeeper import ClockNotice
from app.ui.application import LANE_SCALE, SelfServiceApp
from app.ui.kiosk.shell import Guard
from app.ui.lane.window import LaneWindow
from app.ui.launcher import WindowOptions
from app.ui.theme import Theme, look
from app.ui.widgets import Elided, Wrapped
from tests.fakes.nouns import an_authenticator
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.station.stage import SHORT
from tests.support.patience import HANG_MS
from tests.ui.hands import PAUSE_MS, TAIL_MS, enter, press, scan, write
from tests.ui.stage import SILENT


class Lane:
    """The lane on a fake tenant, at which time stands still."""

    def __init__(self, qtbot: QtBot, front: SelfServiceApp, world: FakeWorld) -> None:
        self.qtbot = qtbot
        self.front = front
        self.world = world
        self.notices: list[Notice] = []
        front.bridge.noticed.connect(self.notices.append)

    @property
    def window(self) -> LaneWindow:
        return self.front.window

    @property
    def told(self) -> LaneNotice:
        found = [notice for notice in self.notices if isinstance(notice, LaneNotice)]
        return found[-1] if found else LaneNotice(LaneStep.SIGN_IN)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=HANG_MS)

    def sign_in(self) -> None:
        self.until(self.window.signin.browser.hasFocus)
        enter()
        self.until(lambda: self.told.step is LaneStep.TOKEN)

    def show(self) -> None:
        self.sign_in()
        scan(self.world.token.serial_number)
        self.until(lambda: self.told.step is LaneStep.CODE)
        self.until(self.window.code.code.hasFocus)
        self.qtbot.wait(TAIL_MS)

    def type_code(self, digits: str) -> None:
        write(digits)
        press(Qt.Key.Key_Return)

    def settle(self, condition: Callable[[], bool]) -> None:
        """Let time pass for those who look into the directory, until `condition` holds."""

        def nudge() -> None:
            if self.world.clock.sleepers > 1:  # the lane's own look at the clock is one
                self.world.clock.advance(0.25)

        def holds() -> bool:
            self.on_the_station(nudge)
            return condition()

        self.until(holds)

    def on_the_station(self, act: Callable[[], None]) -> None:
        async def gesture(_station: Station) -> None:
            act()

        self.front.bridge.ask(gesture)

    def shown(self) -> str:
        labels = self.window.findChildren(QLabel)
        return " ".join(label.text() for label in labels if label.isVisible())


@contextmanager
def a_lane(
    qtbot: QtBot,
    world: FakeWorld,
    language: str = "en",
    kiosk: Guard | None = None,
    mode: Mode = Mode.ASSIGN_AND_ACTIVATE,
) -> Iterator[Lane]:
    ada = world.ada
    world.sign_in.account = Account(ada.id, ada.display_name, ada.user_principal_name)
    looks_up = {"Policy.Read.All"} if mode is Mode.ASSIGN_ONLY else set()
    world.sign_in.scopes = frozenset(SELF_SCOPES) | looks_up
    world.clock.stop()

    async def build(notify: Notify) -> Station:
        settings = DeskSettings(
            name="Lobby",
            tenant="Contoso",
            mode=mode,
            patience=SHORT,
            sounds=SILENT,
            lane=LaneRules(),
        )
        return Station(world.station_ports, settings, notify)

    front = SelfServiceApp(
        build, WindowOptions(Theme.LIGHT, motion=False, language=language, kiosk=kiosk)
    )
    with front:
        front.window.activateWindow()
        yield Lane(qtbot, front, world)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def lane(qtbot: QtBot, world: FakeWorld) -> Iterator[Lane]:
    with a_lane(qtbot, world) as lane:
        yield lane


# Scenes -------------------------------------------------------------------------------------------


def at_the_beginning(lane: Lane) -> None:
    lane.until(lane.window.signin.browser.hasFocus)


def before_the_token(lane: Lane) -> None:
    lane.sign_in()


def before_the_code(lane: Lane) -> None:
    lane.show()


def asked_again(lane: Lane) -> None:
    ended = SignInEnded(SignInEvidence("interaction_required"))
    lane.world.directory.fail("assign_and_activate_by_serial", ended)
    lane.show()
    lane.type_code(RIGHT)
    lane.until(lambda: lane.told.again and not is_settling(lane.told.enrollment))


def while_it_is_sent(lane: Lane) -> None:
    lane.world.directory.hold("assign_and_activate_by_serial")
    lane.show()
    lane.type_code(RIGHT)
    lane.until(lambda: lane.told.step is LaneStep.WAIT)


def at_a_bad_end(lane: Lane) -> None:
    forbidden = Forbidden(Evidence("POST", "/me", 403, "accessDenied", "No.", "r-1"))
    lane.world.directory.fail("methods", forbidden)
    lane.sign_in()
    scan(lane.world.token.serial_number)
    lane.until(lambda: lane.told.step is LaneStep.END)
    lane.qtbot.wait(TAIL_MS)
    press(Qt.Key.Key_F8)


SCENES = [
    at_the_beginning, before_the_token, before_the_code, asked_again, while_it_is_sent, at_a_bad_end
]  # fmt: skip


def spoken(widget: QWidget) -> str:
    return str(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_control_has_a_name_and_the_focus_can_be_seen(
    scene: Callable[[Lane], None], lane: Lane
) -> None:
    scene(lane)
    found = lane.window.findChildren(QWidget)
    controls = [w for w in found if w.isVisible() and w.focusPolicy() != Qt.FocusPolicy.NoFocus]
    assert controls
    assert [repr(one) for one in controls if not spoken(one).strip()] == []
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.isVisible()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_no_label_reads_what_it_shows_as_markup(scene: Callable[[Lane], None], lane: Lane) -> None:
    scene(lane)
    labels = lane.window.findChildren(QLabel)
    rich = [label for label in labels if label.textFormat() is not Qt.TextFormat.PlainText]
    assert [label.text() for label in rich if label.text()] == []


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_nothing_is_cut_in_the_smallest_window(
    scene: Callable[[Lane], None], language: str, qtbot: QtBot, world: FakeWorld
) -> None:
    with a_lane(qtbot, world, language) as lane:
        lane.window.resize(lane.window.minimumSize())
        scene(lane)
        lane.until(lambda: cut(lane.window) == [])


def cut(window: QWidget) -> list[str]:
    found = [w for w in window.findChildren(QWidget) if w.isVisible()]
    labels = [w for w in found if isinstance(w, QLabel | QAbstractButton)]
    return [label.text() for label in labels if label.text() and is_cut(label)]


def is_cut(label: QLabel | QAbstractButton) -> bool:
    if isinstance(label, Wrapped):
        return label.height() < label.heightForWidth(label.width())
    if isinstance(label, Elided):
        return False
    return label.width() < label.minimumSizeHint().width()


def test_the_type_is_large_here_and_as_before_afterwards(qtbot: QtBot, world: FakeWorld) -> None:
    before = look().base_points
    with a_lane(qtbot, world) as lane:
        at_the_beginning(lane)
        assert look().base_points == pytest.approx(before * LANE_SCALE)
        assert look().touch
    assert look().base_points == before
    assert not look().touch


# Leaving ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", [before_the_token, before_the_code, asked_again, at_a_bad_end])
def test_escape_leaves_from_every_step(scene: Callable[[Lane], None], lane: Lane) -> None:
    scene(lane)
    press(Qt.Key.Key_Escape)
    lane.until(lambda: lane.told == LaneNotice(LaneStep.SIGN_IN))
    lane.until(lane.window.signin.browser.hasFocus)
    assert "Ada" not in lane.shown()
    lane.until(lambda: not lane.world.sign_in.signed_in)


def test_escape_takes_the_digits_back_first(lane: Lane) -> None:
    lane.show()
    write("12")
    press(Qt.Key.Key_Escape)
    assert lane.window.code.code.code() == ""
    assert lane.told.step is LaneStep.CODE


def test_while_something_is_on_its_way_escape_leads_nowhere(lane: Lane) -> None:
    while_it_is_sent(lane)
    press(Qt.Key.Key_Escape)
    assert lane.told.step is LaneStep.WAIT
    assert lane.world.sign_in.signed_in


def test_no_key_of_a_desk_leads_out_of_the_lane(lane: Lane) -> None:
    lane.sign_in()
    control = Qt.KeyboardModifier.ControlModifier
    for key in (Qt.Key.Key_F1, Qt.Key.Key_F11, Qt.Key.Key_F12, Qt.Key.Key_F6, Qt.Key.Key_F9):
        press(key)
    for key in (Qt.Key.Key_I, Qt.Key.Key_R, Qt.Key.Key_L, Qt.Key.Key_P):
        press(key, control)
    assert lane.told.step is LaneStep.TOKEN
    assert lane.window.token.edit.isVisible()


# What is said -------------------------------------------------------------------------------------


def test_a_sign_in_that_fails_says_why_and_stays_where_it_was(lane: Lane) -> None:
    lane.until(lane.window.signin.browser.hasFocus)
    lane.world.sign_in.fail(SignInUnreachable("no route"))
    enter()
    lane.until(lambda: "sign-in service" in lane.shown())
    assert lane.window.signin.isVisible()


def test_who_is_signed_in_can_be_seen_and_whose_turn_it_is(lane: Lane) -> None:
    lane.sign_in()
    assert "Ada is signed in." in lane.shown()
    assert lane.window.steps.accessibleName() == "Step 2 of 3: Show the token"


def test_a_scan_that_is_no_token_says_what_it_is(lane: Lane) -> None:
    lane.sign_in()
    scan("https://www.example.com/")
    lane.until(lambda: lane.window.banners.alert.words() != "")
    press(Qt.Key.Key_Escape)
    assert lane.window.banners.alert.words() == ""
    assert lane.told.step is LaneStep.TOKEN


def test_a_code_that_was_sent_before_is_not_sent_again(lane: Lane) -> None:
    lane.show()
    lane.type_code(WRONG)
    lane.settle(lambda: "That code was not accepted." in lane.shown())
    lane.until(lane.window.code.code.hasFocus)
    lane.type_code(WRONG)
    lane.until(lambda: any(isinstance(notice, CodeNotice) for notice in lane.notices))
    lane.until(lambda: "already sent" in lane.shown())
    assert lane.world.directory.writes == ["assign_and_activate_by_serial"]


def test_the_digits_of_the_next_code_stay_while_the_look_after_a_refusal_ends(lane: Lane) -> None:
    lane.show()
    lane.type_code(WRONG)
    lane.settle(lambda: "That code was not accepted." in lane.shown())
    lane.until(lane.window.code.code.hasFocus)
    write(RIGHT[:3])
    enrollment = lane.told.enrollment
    assert enrollment is not None
    for state in (State.AFTER_REFUSAL, State.NOT_DONE):
        lane.window.show_notice(replace(lane.told, enrollment=replace(enrollment, state=state)))
    assert lane.window.code.code.code() == RIGHT[:3]


def test_whoever_has_all_they_may_have_reads_it(qtbot: QtBot, world: FakeWorld) -> None:
    world.tenant.add_person(world.ada, *(an_authenticator(number) for number in range(5)))
    with a_lane(qtbot, world) as lane:
        lane.sign_in()
        scan(world.token.serial_number)
        lane.until(lambda: "as one person may have" in lane.shown())
        enter()
        lane.until(lambda: lane.told == LaneNotice(LaneStep.SIGN_IN))


def test_the_countdown_is_shown_and_enter_ends_it_at_once(lane: Lane) -> None:
    lane.show()
    lane.type_code(RIGHT)
    lane.settle(lambda: lane.told.step is LaneStep.END)
    assert "This screen is cleared in" in lane.shown()
    assert "Your token works, Ada" in lane.shown()
    enter()
    lane.until(lambda: lane.told == LaneNotice(LaneStep.SIGN_IN))
    sessions = [notice.state for notice in lane.notices if isinstance(notice, SessionNotice)]
    lane.until(lambda: not lane.world.sign_in.signed_in)
    assert SessionState.SIGNED_IN in sessions


# S14: six digits however fast ---------------------------------------------------------------------


def test_s14_six_fast_digits_are_the_code_while_it_is_asked_for(lane: Lane) -> None:
    lane.show()
    lane.window.code.other.setFocus()
    scan(RIGHT)
    lane.settle(lambda: lane.told.step is LaneStep.END)
    assert lane.world.directory.count("assign_and_activate_by_serial") == 1


def test_s14_six_fast_digits_without_enter_wait_for_it(lane: Lane) -> None:
    lane.show()
    scan(RIGHT, None)
    lane.until(lambda: lane.window.code.code.code() == RIGHT)
    assert lane.world.directory.writes == []


@pytest.mark.parametrize("at_once", [True, False], ids=["enter", "enter later"])
def test_s14_digits_in_two_fast_runs_are_the_code(at_once: bool, lane: Lane) -> None:  # noqa: FBT001
    lane.show()
    scan(RIGHT[:3], None)
    QTest.qWait(PAUSE_MS)
    scan(RIGHT[3:], Qt.Key.Key_Return if at_once else None)
    if not at_once:
        lane.until(lambda: lane.window.code.code.code() == RIGHT)
        press(Qt.Key.Key_Return)
    lane.settle(lambda: lane.told.step is LaneStep.END)
    assert lane.world.directory.count("assign_and_activate_by_serial") == 1


def test_s14_six_digits_are_no_code_before_the_token(lane: Lane) -> None:
    lane.sign_in()
    scan(RIGHT)
    lane.until(lambda: "six-digit code" in lane.window.banners.alert.words())


def test_s11_a_warning_about_the_code_is_gone_with_its_step(lane: Lane) -> None:
    lane.show()
    late = 29.5 - time.time() % 30  # the directory's time is half a second before the next step
    lane.window.show_notice(ClockNotice(late, ClockState.FINE))
    lane.window.show_notice(CodeNotice(CodeVerdict.WAIT_FOR_NEXT))
    assert "Wait for the next one" in lane.shown()
    lane.until(lambda: "Wait for the next one" not in lane.shown())


# W5: ways out for a finger ------------------------------------------------------------------------


def is_for_a_finger(button: QWidget, window: QWidget) -> bool:
    """Whether `button` is in sight and 48 px or more each way."""
    box = QRect(button.mapTo(window, QPoint(0, 0)), button.size())
    seen = button.visibleRegion().boundingRect() == button.rect()
    return seen and window.rect().contains(box) and min(box.width(), box.height()) >= 48


def tap(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


LATER_SCENES = [scene for scene in SCENES if scene is not at_the_beginning]


@pytest.mark.parametrize("scene", LATER_SCENES, ids=lambda scene: scene.__name__)
def test_w5_the_ways_out_are_always_there(scene: Callable[[Lane], None], lane: Lane) -> None:
    scene(lane)
    lane.window.banners.warn("Something is wrong with that scan.")
    lane.until(lambda: is_for_a_finger(lane.window.not_me, lane.window))
    lane.until(lambda: is_for_a_finger(lane.window.cancel, lane.window))


@pytest.mark.parametrize("way", ["not_me", "cancel"])
@pytest.mark.parametrize("scene", [before_the_token, before_the_code, at_a_bad_end, asked_again])
def test_w5_the_next_person_does_not_act_as_the_last(
    scene: Callable[[Lane], None], way: str, lane: Lane
) -> None:
    scene(lane)
    tap(getattr(lane.window, way))
    lane.until(lambda: lane.told == LaneNotice(LaneStep.SIGN_IN))
    lane.until(lane.window.signin.browser.isVisible)
    assert "Ada" not in lane.shown()
    assert lane.window.code.code.code() == ""
    assert not lane.window.not_me.isVisible()


def test_w5_who_leaves_while_it_is_sent_is_forgotten_once_it_is_settled(
    lane: Lane, world: FakeWorld
) -> None:
    held = world.directory.hold("assign_and_activate_by_serial")
    lane.show()
    lane.type_code(RIGHT)
    lane.until(lambda: lane.told.step is LaneStep.WAIT)
    tap(lane.window.not_me)
    lane.on_the_station(held.go.set)
    lane.settle(lambda: lane.told == LaneNotice(LaneStep.SIGN_IN))
    assert "Ada" not in lane.shown()
    assert world.directory.count("assign_and_activate_by_serial") == 1


def test_w5_i_am_still_here_is_a_button_on_the_warning(lane: Lane, world: FakeWorld) -> None:
    lane.sign_in()
    lane.on_the_station(lambda: world.clock.advance(75.0))
    lane.until(lambda: lane.told.seconds_left is not None)
    lane.until(lambda: is_for_a_finger(lane.window.still_here, lane.window))
    assert is_for_a_finger(lane.window.not_me, lane.window)
    assert is_for_a_finger(lane.window.cancel, lane.window)
    tap(lane.window.still_here)
    lane.until(lambda: lane.told.seconds_left is None)
    assert not lane.window.still_here.isVisible()
    assert lane.told.person == "Ada"


def test_m11_without_activation_the_third_step_is_to_confirm_by_enter(
    qtbot: QtBot, world: FakeWorld
) -> None:
    with a_lane(qtbot, world, mode=Mode.ASSIGN_ONLY) as lane:
        lane.sign_in()
        scan(world.token.serial_number)
        lane.until(lane.window.confirm.button.hasFocus)
        assert "Is this your token?" in lane.shown()
        assert world.token.serial_number in lane.shown().replace(" ", "")
        lane.qtbot.wait(TAIL_MS)
        enter()
        lane.settle(lambda: lane.told.step is LaneStep.END)
        assert "The token is yours, Ada" in lane.shown()
        assert "It does not work yet." in lane.shown()
        assert world.directory.writes == ["assign"]


def test_near_serial_numbers_are_offered_with_a_key_each_and_none_is_taken(lane: Lane) -> None:
    lane.sign_in()
    scan("8659-0001")
    lane.until(lambda: lane.told.step is LaneStep.CODE)
    lane.until(lane.window.code.code.hasFocus)
    lane.qtbot.wait(TAIL_MS)
    lane.type_code(RIGHT)
    lane.until(lambda: "86590001" in lane.told.suggestions)
    lane.until(lane.window.end.near.isVisible)
    lane.until(lambda: "Compare the token" in lane.shown())
    assert lane.told.step is LaneStep.END
    names = [b.accessibleName() for b in lane.window.end.near.findChildren(QAbstractButton)]
    assert names[0] == "Take 86590001"
    QTest.keyClick(lane.window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    lane.until(lambda: lane.told.step is LaneStep.CODE)
    assert lane.told.serial_number == "86590001"
    lane.until(lambda: not lane.window.end.near.findChildren(QAbstractButton))


def test_a_throttled_read_counts_down_to_the_next_try(lane: Lane) -> None:
    lane.sign_in()
    error = Throttled(Evidence(status=429), 30)
    lane.front.bridge.noticed.emit(
        LaneNotice(
            LaneStep.END,
            person="Ada",
            serial_number="86590001",
            enrollment=Enrollment("e", Mode.ASSIGN_AND_ACTIVATE, State.UNCHECKED, error=error),
            retry_at=datetime.now(UTC) + timedelta(seconds=31),
        )
    )
    lane.until(lane.window.end.isVisible)
    assert "Trying again in 31 s." in lane.window.end.lead.text()
    lane.until(lambda: "Trying again in 29 s." in lane.window.end.lead.text())
    assert lane.window.end.button.text().startswith("Try again")
    lane.front.bridge.noticed.emit(LaneNotice(LaneStep.SIGN_IN))
    lane.until(lambda: lane.window.end.lead.text() == "")
