"""W1: every page fits the screen or scrolls, at every size of it, and the place is remembered."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.model import Mode
from app.core.window_place import WindowPlace
from app.settings.remembered import RememberedWindow
from app.ui.application import DeskApp
from app.ui.launcher import WindowOptions
from app.ui.placement import WANTED, Placement, within
from app.ui.theme import Theme
from tests.fakes.world import FakeWorld
from tests.support.screens import controls, is_in_sight, out_of_reach
from tests.ui.hands import press
from tests.ui.lane.test_window import a_lane
from tests.ui.stage import a_window, on

ROOT = Path(__file__).resolve().parents[2]
CONTROL = Qt.KeyboardModifier.ControlModifier
SCREENS = {
    "800x600": (QSize(800, 600), 1.0),
    "800x600, text at 150 %": (QSize(800, 600), 1.5),
    "1366x768 at 125 %": (QSize(1093, 614), 1.0),
    "1280x720, text at 200 %": (QSize(1280, 720), 2.0),
    "portrait": (QSize(768, 1024), 1.0),
    "4K at 200 %": (QSize(1920, 1080), 1.0),
}
PAGES = ("desk", "history", "inventory", "importing", "session", "readers", "doctor", "help")


@contextmanager
def large_text(by: float) -> Iterator[None]:
    """Let the system's text be `by` times as large."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.font()
    font = QFont(before)
    font.setPointSizeF(10.5 * by)
    app.setFont(font)
    yield
    app.setFont(before)


def settle(window: QWidget) -> None:
    """Let layouts come to rest."""
    for _ in range(4):
        QApplication.processEvents()
    assert window.isVisible()


def walk(qtbot: QtBot, window: QWidget) -> None:
    """Reach every control, by scrolling and by putting the focus on it."""
    settle(window)

    def all_within_reach() -> None:
        assert out_of_reach(window) == []

    qtbot.waitUntil(all_within_reach)
    for control in controls(window):
        if control.focusPolicy() == Qt.FocusPolicy.NoFocus or not control.isEnabled():
            continue
        control.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        if QApplication.focusWidget() is control:
            assert is_in_sight(control, window), repr(control)


@pytest.mark.parametrize("screen", SCREENS)
def test_w1_every_control_of_every_page_can_be_reached(screen: str, qtbot: QtBot) -> None:
    size, text = SCREENS[screen]
    world = FakeWorld()
    with large_text(text), a_window(qtbot, world, signed_in=False) as stage:
        window = stage.window
        stage.until(window.signin.browser.hasFocus)  # the station is ready by then
        window.resize(size)
        walk(qtbot, window)
        window.signin.browser.setFocus()
        stage.sign_in()
        for page in PAGES:
            window.rail.chosen.emit(page)
            walk(qtbot, window)
        window.rail.chosen.emit("desk")
        stage.fill(world, State.AWAITING_CODE)
        walk(qtbot, window)
        stage.desk.setFocus()
        press(Qt.Key.Key_L, CONTROL)
        stage.until(lambda: window.lock_screen.locked)
        walk(qtbot, window)
        assert window.size() == size


@pytest.mark.parametrize("screen", ["800x600", "1280x720, text at 200 %"])
def test_w1_every_control_of_self_service_can_be_reached(screen: str, qtbot: QtBot) -> None:
    size, text = SCREENS[screen]
    world = FakeWorld()
    with large_text(text), a_lane(qtbot, world) as lane:
        lane.until(lane.window.signin.browser.hasFocus)  # the station is ready by then
        lane.window.resize(size)
        walk(qtbot, lane.window)
        lane.window.signin.browser.setFocus()
        lane.show()
        walk(qtbot, lane.window)


def test_w1_a_page_that_fits_is_not_scrolled(qtbot: QtBot) -> None:
    with a_window(qtbot, FakeWorld()) as stage:
        stage.window.resize(1280, 800)
        settle(stage.window)
        assert stage.window.pages.width() == 1280 - stage.window.rail.width()
        assert stage.desk.height() == 800 - stage.window.top.height()


# Where it opens ---------------------------------------------------------------------------------

sizes = st.builds(QSize, st.integers(1, 9_000), st.integers(1, 9_000))
corners = st.builds(QPoint, st.integers(-9_000, 9_000), st.integers(-9_000, 9_000))
rects = st.builds(QRect, corners, sizes)
frames = st.builds(QMargins, *(st.integers(0, 40) for _ in range(4)))


@given(wanted=rects, screen=st.builds(QRect, corners, st.just(QSize(800, 600))), frame=frames)
def test_w1_a_window_lies_within_the_screen_with_its_frame(
    wanted: QRect, screen: QRect, frame: QMargins
) -> None:
    found = within(wanted, screen, frame)
    assert screen.contains(found.marginsAdded(frame))
    assert found.size() == wanted.size().boundedTo(screen.marginsRemoved(frame).size())


class Memory:
    def __init__(self, place: WindowPlace | None = None) -> None:
        self.place = place

    def load(self) -> WindowPlace | None:
        return self.place

    def save(self, place: WindowPlace) -> None:
        self.place = place


def test_w1_size_and_place_are_remembered(qtbot: QtBot) -> None:
    memory, world = Memory(), FakeWorld()
    for size in (QSize(700, 500), QSize(640, 480)):
        options = WindowOptions(Theme.LIGHT, motion=False, memory=memory)
        with DeskApp(on(world, Mode.ASSIGN_ONLY), options) as front:
            if memory.place is not None:
                assert front.window.size() == QSize(700, 500)
                assert front.window.geometry().topLeft() == QPoint(30, 40)
            front.window.setGeometry(QRect(QPoint(30, 40), size))
    assert memory.place == WindowPlace(30, 40, 640, 480)


@pytest.mark.parametrize(
    "place",
    [WindowPlace(90_000, -5_000, 1280, 800), WindowPlace(0, 0, 50_000, 50_000)],
    ids=["a screen that is gone", "larger than any screen"],
)
def test_w1_a_place_that_is_not_there_any_more_is_brought_back(
    place: WindowPlace, qtbot: QtBot
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    Placement(window, Memory(place))
    window.show()
    available = QGuiApplication.primaryScreen().availableGeometry()
    assert available.contains(window.geometry())


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{",
        "[]",
        '{"x": 1}',
        '{"x": 1, "y": 2, "width": 0, "height": 5}',
        '{"x": 1, "y": 2, "width": "9", "height": 5}',
        '{"x": 1, "y": 2, "width": 1e9, "height": 5}',
        '{"x": true, "y": 2, "width": 99999999, "height": 5}',
        "\x00" * 500,
    ],
)
def test_w1_a_file_that_makes_no_sense_is_no_place(written: str, tmp_path: Path) -> None:
    file = tmp_path / "window.json"
    file.write_text(written)
    assert RememberedWindow(file).load() is None
    place = WindowPlace(-10, 20, 900, 700, maximized=True)
    RememberedWindow(file).save(place)
    assert RememberedWindow(file).load() == place


OPENED = """
import json
from PySide6.QtWidgets import QMainWindow
from tests.fakes.world import FakeWorld
from tests.ui.stage import on
from app.core.model import Mode
from app.ui.application import DeskApp
with DeskApp(on(FakeWorld(), Mode.ASSIGN_ONLY)) as front:
    front.app.processEvents()
    window, screen = front.window, front.window.screen().availableGeometry()
    print(json.dumps([window.geometry().getRect(), screen.getRect()]))
"""


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(800, 600, "1"), (1366, 768, "1.25"), (3840, 2160, "2")]
)
def test_w1_the_window_opens_within_a_real_screen(
    width: int, height: int, scale: str, tmp_path: Path
) -> None:
    file = tmp_path / "screens.json"
    screen = {"name": "one", "x": 0, "y": 0, "width": width, "height": height}
    file.write_text(json.dumps({"screens": [{**screen, "logicalDpi": 96, "dpr": 1}]}))
    own = {"QT_QPA_PLATFORM": f"offscreen:configfile={file}", "QT_SCALE_FACTOR": scale}
    ran = subprocess.run(
        [sys.executable, "-c", OPENED],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    opened, available = (QRect(*rect) for rect in json.loads(ran.stdout.splitlines()[-1]))
    assert available.contains(opened)
    assert opened.width() >= min(WANTED.width(), available.width()) - 20
