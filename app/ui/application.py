"""Starts Qt, and holds window, bridge and scan filter together."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from app.assets import resources
from app.station.notices import Notice, ReadyNotice
from app.ui import clip, crash, qt_log
from app.ui.activity import Activity
from app.ui.assets import app_icon
from app.ui.bridge import Bridge, StationFactory
from app.ui.language import Language
from app.ui.launcher import Launcher, WindowOptions, follow
from app.ui.placement import Placement
from app.ui.scan_filter import ScanFilter
from app.ui.session_end import register_restart, watch_session_end
from app.ui.single import OneStation, bring_forward
from app.ui.theme import apply_theme, look
from app.ui.window import Window
from app.ui.wording.starting import already_runs

if TYPE_CHECKING:
    from app.ui.kiosk.shell import Guard, Kiosk
    from app.ui.kiosk.windows import KioskWindow
    from app.ui.lane.window import LaneWindow

LANE_SCALE = 1.35
"""How much larger a self-service window is than a desk's: people of every age read it standing."""

_LISTEN_MS = 500
_CRASH_MS = 15_000


def application() -> QApplication:
    """Return the one application, made and named on first use."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    without = "" if _has_display() else "offscreen"
    on_linux = sys.platform.startswith("linux")
    if on_linux and os.environ.get("QT_QPA_PLATFORM", without) == "offscreen":
        # Qt's own offscreen screen has 800 x 800 pixels; this one holds a window of 1280 x 800.
        screen = resources() / "practice" / "screen.json"
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
    qt_log.install()
    made = QApplication(["oathdesk"])
    made.setApplicationName("Oathdesk")
    made.setApplicationDisplayName("Oathdesk")
    made.setDesktopFileName("oathdesk")
    made.setWindowIcon(app_icon())
    return made


class OptionChanges(QObject):
    """Applies the window's options again where a start has read the configuration anew.

    A QObject, so that the notices of the station's thread reach it on the thread of the window.
    """

    def __init__(
        self, launcher: Launcher, options: WindowOptions, scans: ScanFilter, window: Window
    ) -> None:
        """Begin with the `options` in force, for as long as `window` lives."""
        super().__init__(window)
        self._launcher = launcher
        self._options = options
        self._scans = scans
        self._pages = window.pages

    def show_notice(self, notice: Notice) -> None:
        """Apply what has changed, when a station is ready or says why it is not."""
        if not isinstance(notice, ReadyNotice):
            return
        options = self._launcher.window_options()
        if options != self._options:
            self._options = options
            touch = options.kiosk is not None
            apply_theme(application(), options.theme, motion=options.motion, touch=touch)
            self._scans.set_rhythm(options.wedge)
            self._pages.set_rules(options.rules)


class App:
    """The application with one window on a station: shown on entering, ended on leaving.

    DeskApp and SelfServiceApp say which window.
    """

    window: QMainWindow

    def __init__(self, build: StationFactory, options: WindowOptions | None = None) -> None:
        """Apply `options` to the application; nothing is shown yet."""
        options = options or WindowOptions()
        self.app = application()
        self._language = Language(self.app, options.language)
        guard = options.kiosk
        clip.set_open(on=guard is None or guard.rules.clipboard)
        apply_theme(self.app, options.theme, motion=options.motion, touch=guard is not None)
        self.scans = ScanFilter(options.wedge)
        self.activity = Activity()
        self.bridge = Bridge(build)
        self.window = self.make_window(options)
        remembers = guard is None and not options.lane
        self.placement = Placement(self.window, options.memory if remembers else None)
        self.kiosk = self._make_kiosk(guard) if guard else None
        if self.kiosk is not None:
            self.bridge.noticed.connect(self.kiosk.show_notice)  # after the window

    def _make_kiosk(self, guard: "Guard") -> "Kiosk":
        from app.ui.kiosk.shell import Kiosk  # noqa: PLC0415 - desks never import it

        return Kiosk(self.app, self.kiosk_window(guard), self.scans, guard)

    def make_window(self, options: WindowOptions) -> QMainWindow:
        """Return the window, not yet shown."""
        raise NotImplementedError

    def kiosk_window(self, _guard: "Guard") -> "KioskWindow":
        """Return what a kiosk has to know of the window."""
        from app.ui.kiosk.windows import KioskWindow  # noqa: PLC0415 - desks never import it

        return KioskWindow(self.window)

    def build_pages(self) -> None:
        """Make what the first paint does not wait for."""

    def restore(self) -> None:
        """Undo what was changed in the application for this window alone."""

    def __enter__(self) -> Self:
        """Show the window, make its pages, then start the station behind it."""
        if self.kiosk is not None:
            self.kiosk.install()
        self.scans.install(self.app)
        self.activity.install(self.app)  # asked before the scans, which keep keys to themselves
        self.activity.alive.connect(self._alive)
        self._show()
        self.app.processEvents()  # the first frame is on the screen before the pages are made
        with self._unwatched():
            self.build_pages()
        if self.kiosk is not None:
            self.kiosk.pages_made()
        self.bridge.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the station and the window."""
        self.activity.remove(self.app)
        self.scans.remove(self.app)
        if self.kiosk is not None:
            self.kiosk.let_end()
        clip.set_open(on=True)
        self.bridge.close()
        self.placement.save()
        self.window.close()
        self.window.deleteLater()
        self.restore()
        self._language.end()

    def end(self) -> None:
        """End the program as the system asks for it, also where nobody else can."""
        if self.kiosk is not None:
            self.kiosk.let_end()
        QTimer.singleShot(0, self.app, self.app.quit)  # a loop that does not turn yet hears it too

    @contextmanager
    def _unwatched(self) -> Iterator[None]:
        """Keep the thousands of events of widgets in the making away from the filters of keys.

        A filter written in Python costs some ten microseconds an event. No key is missed: the
        event loop does not turn meanwhile.
        """
        filters = (self.scans, self.activity)  # the last one installed is the first one asked
        for each in filters:
            self.app.removeEventFilter(each)
        yield
        for each in filters:
            self.app.installEventFilter(each)

    def _show(self) -> None:
        if self.kiosk is None:
            self.window.show()
        else:
            self.kiosk.show()

    def _alive(self) -> None:
        self.bridge.ask(lambda station: station.active())


class DeskApp(App):
    """The window of a desk. A `launcher` lets it change to another station."""

    window: Window

    def __init__(
        self,
        build: StationFactory,
        options: WindowOptions | None = None,
        launcher: Launcher | None = None,
    ) -> None:
        """Apply `options`, or the defaults; nothing is shown yet."""
        super().__init__(build, options)
        follow(launcher, self.window.pages, self.bridge)
        if launcher is not None:
            changes = OptionChanges(launcher, options or WindowOptions(), self.scans, self.window)
            self.bridge.noticed.connect(changes.show_notice)

    def make_window(self, options: WindowOptions) -> QMainWindow:
        """Return the window with all its pages."""
        return Window(self.bridge, self.scans, options.rules)

    def kiosk_window(self, guard: "Guard") -> "KioskWindow":
        """Return a window whose pages are a supervisor's, but for a few."""
        from app.ui.kiosk.windows import DeskKioskWindow  # noqa: PLC0415 - desks never import it

        return DeskKioskWindow(self.window, guard.rules)

    def build_pages(self) -> None:
        """Make the pages that work needs at once."""
        self.window.pages.build_first()


class SelfServiceApp(App):
    """The window of a self-service station, in large type and with targets for fingers."""

    window: "LaneWindow"

    def make_window(self, _options: WindowOptions) -> QMainWindow:
        """Return the window. Everything is made large first: widgets take their sizes when made."""
        from app.ui.lane.window import LaneWindow  # noqa: PLC0415 - desks never import it

        look().set_scale(LANE_SCALE)
        look().set_touch(True)
        return LaneWindow(self.bridge, self.scans)

    def restore(self) -> None:
        """Leave type and targets as they were."""
        look().set_scale(1.0)
        look().set_touch(False)


@contextmanager
def alone(ledger_file: Path, options: WindowOptions | None = None) -> Iterator[OneStation | None]:
    """Claim the record at `ledger_file` meanwhile.

    None where it is taken; then the person was told, in the language of `options`, and the first
    window comes forward.
    """
    app = application()  # a local socket works on its loop
    station = OneStation(ledger_file)
    try:
        if station.take():
            yield station
        else:
            language = Language(app, (options or WindowOptions()).language)
            _tell(already_runs(answered=station.ring()))
            language.end()
            yield None
    finally:
        station.let_go()


def run(
    build: StationFactory,
    first: OneStation | None = None,
    options: WindowOptions | None = None,
    launcher: Launcher | None = None,
) -> int:
    """Show the window and run until it closes; return the exit code.

    The window comes forward whenever `first` is asked for it, and `launcher` gives it other
    stations.
    """
    if options is not None and options.lane:
        running: App = SelfServiceApp(build, options)
    else:
        running = DeskApp(build, options, launcher)
    early = _note_early_signals() if running.kiosk else []
    with running, crash.told_on(running.window) as sheet:
        if running.kiosk is not None:
            sheet.go_by_itself(_CRASH_MS)
            running.kiosk.ended.connect(running.app.exit)
        if first is not None:
            first.asked.connect(lambda: bring_forward(running.window))
            if running.kiosk is None:  # a kiosk's own supervisor starts it again
                register_restart(sys.argv[1:])
        watch_session_end(running.app, running.end)
        _let_interrupt(running)
        if early:
            running.end()
        return running.app.exec()


def _note_early_signals() -> list[int]:
    """Return a list that takes the SIGTERMs which come while the window is being made.

    Without a handler they would end a kiosk with a code that is an error to its supervisor.
    """
    early: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: early.append(number))
    return early


def _tell(sentence: str) -> None:
    """Say `sentence` on the terminal, where there is one: a window of Windows has none."""
    if sys.stdout is not None:
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


def _let_interrupt(running: App) -> None:
    """Let Ctrl+C, and at a kiosk the system, end the program: Python sees a signal only if it runs.

    Without a handler a signal of the system ends it at once, which is as good for any other window.
    """
    for number in (signal.SIGINT, signal.SIGTERM) if running.kiosk else (signal.SIGINT,):
        signal.signal(number, lambda *_: running.end())
    timer = QTimer(running.app)
    timer.timeout.connect(lambda: None)
    timer.start(_LISTEN_MS)


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
