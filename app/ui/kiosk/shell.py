"""The kiosk around the window: what goes through, who gets out, what is left of the last person.

One filter on the application, in front of every widget and behind what catches scans. The pages
know nothing of it: what a kiosk must not do is stopped on its way, whichever page would do it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QKeyEvent, QMouseEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip, QWidget
from shiboken6 import isValid

from app.core.kiosk import (
    LEFT,
    SUMMONS,
    SUPERVISED_SECONDS,
    KioskRules,
    ScreenKeys,
    passes,
)
from app.station.gate import Gate
from app.station.lock import AbandonedNotice
from app.station.notices import Notice, SessionNotice, SessionState
from app.ui import clip
from app.ui.kiosk.chords import chord_of, is_bare, types
from app.ui.kiosk.gesture import Gesture
from app.ui.kiosk.keyboard import Keyboard, focused_field, text_field
from app.ui.kiosk.pin_sheet import PinSheet
from app.ui.kiosk.pointer import Pointer, is_finger
from app.ui.kiosk.strip import Strip
from app.ui.kiosk.windows import KioskWindow
from app.ui.scan_filter import ScanFilter
from app.ui.single import bring_forward

_FRONT_MS = 500
_STAY = "stay_here"
_SCHEMES = ("http", "https", "mailto", "file", "ftp")
_NEVER = frozenset(
    {
        QEvent.Type.ContextMenu,
        QEvent.Type.ToolTip,
        QEvent.Type.WhatsThis,
        QEvent.Type.WhatsThisClicked,
        QEvent.Type.EnterWhatsThisMode,
        QEvent.Type.DragEnter,
        QEvent.Type.DragMove,
        QEvent.Type.Drop,
    }
)
_PRESSES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick})


@dataclass(frozen=True, slots=True)
class Guard:
    """What a kiosk is made of: its rules, and the gate that lets its supervisor out."""

    rules: KioskRules
    gate: Gate


class Kiosk(QObject):
    """Holds the window of `held` on the screen, for as long as that window lives.

    `supervised` tells whether a supervisor has it in hand.
    `ended` carries the exit code that the program is to end with.
    """

    ended = Signal(int)

    def __init__(
        self, app: QApplication, held: KioskWindow, scans: ScanFilter, guard: Guard
    ) -> None:
        super().__init__(held.window)  # what the station tells later finds neither of them
        self._app = app
        self._held = held
        self._window = window = held.window
        self._rules = guard.rules
        self._typing = False
        self._ending = False
        self._unseen = False
        self._browser_open = False
        self._screen_keys = guard.rules.keyboard is ScreenKeys.ALWAYS
        self._before: QWidget | None = None
        self.supervised = False
        self.keyboard = Keyboard(window, self._type)
        self.sheet = PinSheet(window, guard.gate, held.choices)
        self.strip = Strip(window)
        self.pointer = Pointer(app)
        self.gesture = Gesture()
        self.scans = scans
        self._front = QTimer(self)
        self._alone = QTimer(self)
        self._wire()

    def _wire(self) -> None:
        self.gesture.made.connect(self._summoned)
        self.sheet.opened.connect(self._release)
        self.sheet.closed.connect(self._sheet_gone)
        self.sheet.wanted.connect(self._grant)
        self.strip.back.connect(self.take_back)
        self._front.setInterval(_FRONT_MS)
        self._front.timeout.connect(self._to_the_front)
        self.alone_after(SUPERVISED_SECONDS * 1000)
        self._alone.timeout.connect(self.take_back)

    # Beginning and end ----------------------------------------------------------------------

    def install(self) -> None:
        """Stand in front of every widget; to be called before scans are caught."""
        self._app.installEventFilter(self)
        self._app.focusChanged.connect(self._focus_moved)
        self._app.commitDataRequest.connect(self._session_ends, Qt.ConnectionType.DirectConnection)
        if not self._rules.links:
            for scheme in _SCHEMES:
                # PySide's stubs ask for bytes, which it refuses.
                QDesktopServices.setUrlHandler(scheme, self, _STAY)  # type: ignore[arg-type] # - see above
        if not self._rules.clipboard:
            self._app.clipboard().dataChanged.connect(self._nothing_copied)

    def show(self) -> None:
        """Show the window on the whole screen."""
        self._held.close_up()
        self._window.showFullScreen()
        self._front.start()

    def pages_made(self) -> None:
        """Take what is not for strangers off the pages that were just made."""
        self._held.pages_made()

    def alone_after(self, milliseconds: float) -> None:
        """Take the window back from a supervisor who did nothing for so long."""
        self._alone.setInterval(round(milliseconds))

    def let_end(self) -> None:
        """Hold nothing back any more: the program, or the session it runs in, ends."""
        if self._ending:
            return
        self._ending = True
        self._front.stop()
        self._alone.stop()
        self._app.removeEventFilter(self)
        self._app.focusChanged.disconnect(self._focus_moved)
        self.pointer.appear()
        self.sheet.end()
        for scheme in () if self._rules.links else _SCHEMES:
            QDesktopServices.unsetUrlHandler(scheme)
        if not self._rules.clipboard:
            self._app.clipboard().dataChanged.disconnect(self._nothing_copied)

    def end(self, code: int) -> None:
        """End the program with `code`."""
        self.let_end()
        self.ended.emit(code)

    def _session_ends(self, _manager: QObject) -> None:
        self.let_end()

    # What goes through ----------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stop what a kiosk does not do; True stops an event."""
        kind = event.type()
        if kind is QEvent.Type.Close and watched is self._window:
            return self._closing(event)
        if self.supervised:
            if kind in _PRESSES or kind is QEvent.Type.KeyPress:
                self._alone.start()
            return False
        if kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event, watched)
        if isinstance(event, QMouseEvent):
            return self._mouse(watched, event)
        if kind is QEvent.Type.Show and isinstance(watched, QWidget):
            self._shown(watched)
        return kind in _NEVER

    def _closing(self, event: QEvent) -> bool:
        """A close is a supervisor's to ask for, and then ends the program for good."""
        event.ignore()
        if self.supervised:
            self.end(LEFT)
        return True

    def _key(self, event: QKeyEvent, watched: QObject) -> bool:
        chord = chord_of(event)
        if chord == SUMMONS:
            self._summoned()
            return True
        if is_bare(event):
            return False
        if not passes(self._rules, chord, types=types(event)):
            return True
        if not self._typing and watched.isWidgetType() and types(event):
            self._typed_by_hand()
        return False

    def _mouse(self, watched: QObject, event: QMouseEvent) -> bool:
        self.pointer.moved(event)
        if event.type() in _PRESSES and isinstance(watched, QWindow):
            place = event.globalPosition().toPoint()
            self.gesture.tapped(self._window.mapFromGlobal(place))
        if event.type() in _PRESSES and event.button() is not Qt.MouseButton.LeftButton:
            return True
        if event.type() in _PRESSES and isinstance(watched, QLineEdit):
            self._field_touched(watched, by_finger=is_finger(event))
        return False

    def _shown(self, widget: QWidget) -> None:
        """Keep any other window off the screen; a menu or dialog that waits for it goes on."""
        if widget.isWindow() and widget is not self._window:
            widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            QTimer.singleShot(0, widget, widget.close)

    @Slot(QUrl)
    def stay_here(self, _address: QUrl) -> None:
        """Open nothing outside."""

    def _nothing_copied(self) -> None:
        if not self.supervised and self._app.clipboard().text():
            clip.clear()

    def _to_the_front(self) -> None:
        """Be in front and whole again, whatever the session let happen.

        A confined browser stays in front: it fills the screen but for a strip of this window, and
        whoever touches the strip does not bring the window before it.
        """
        if self.supervised:
            return
        window = self._window
        if self._browser_open:
            if self._stacks:
                window.lower()
            return
        if self._is_hidden_by_others():
            window.hide()
        if not window.isFullScreen() or not window.isVisible():
            window.showFullScreen()
        if not window.isActiveWindow():
            bring_forward(window)

    @property
    def _stacks(self) -> bool:
        """Whether a window may choose its place among others, as under X11 alone."""
        return self._app.platformName() == "xcb"

    def _let_browser_be_in_front(self, *, on: bool) -> None:
        """Take no keyboard while a browser is open: a window that has it is before all others."""
        self._browser_open = on
        if self._stacks:
            self._window.windowHandle().setFlag(Qt.WindowType.WindowDoesNotAcceptFocus, on)

    def _is_hidden_by_others(self) -> bool:
        """Tell whether the window manager holds it hidden, twice in a row.

        Some have a key that shows their desktop. Under X11 a window is let go of then only by
        being withdrawn and shown anew.
        """
        handle = self._window.windowHandle()
        gone = self._window.isVisible() and not handle.isExposed()
        before, self._unseen = self._unseen, gone
        return gone and before and self._stacks

    # Typing on the screen -------------------------------------------------------------------

    def _type(self, event: QKeyEvent) -> None:
        self._typing = True
        try:
            self.scans.pass_on(event)
        finally:
            self._typing = False

    def _field_touched(self, field: QLineEdit, *, by_finger: bool) -> None:
        wanted = by_finger and self._rules.keyboard is ScreenKeys.TOUCH
        self._screen_keys = wanted or self._rules.keyboard is ScreenKeys.ALWAYS
        if self._screen_keys and text_field(field) is not None:
            self.keyboard.write_to(field)

    def _typed_by_hand(self) -> None:
        """Somebody has a real keyboard: the one on the screen is in the way."""
        if self._rules.keyboard is not ScreenKeys.ALWAYS:
            self._screen_keys = False
            self.keyboard.put_away()

    def _focus_moved(self, _old: QWidget | None, _new: QWidget | None) -> None:
        field = focused_field()
        if self.supervised or field is None or not self._screen_keys:
            self.keyboard.put_away()
        else:
            self.keyboard.write_to(field)

    # The supervisor -------------------------------------------------------------------------

    def _summoned(self) -> None:
        if self.sheet.isHidden():
            self._before = QApplication.focusWidget()
            self._held.contents.setEnabled(False)
            self._screen_keys = self._rules.keyboard is not ScreenKeys.NEVER
            self.sheet.ask()

    def _sheet_gone(self) -> None:
        self._held.contents.setEnabled(True)
        self._screen_keys = self._rules.keyboard is ScreenKeys.ALWAYS
        self.keyboard.put_away()
        self._go_on_typing()
        if self.supervised and not self.strip.isVisible():
            self.strip.appear()

    def _go_on_typing(self) -> None:
        """Put the keys back where they went before the sheet took them."""
        before, self._before = self._before, None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus()
        else:
            self._held.go_on_typing()

    def _release(self) -> None:
        """Let the window do what any window does, until the supervisor gives it back."""
        self.supervised = True
        clip.set_open(on=True)
        self._screen_keys = False
        self.keyboard.put_away()
        self._alone.start()

    def _grant(self, choice: str) -> None:
        acts: dict[str, Callable[[], None]] = {
            "leave": self._leave_full_screen,
            "end": lambda: self.end(LEFT),
            "back": self.take_back,
        }
        if choice in acts:
            acts[choice]()
        else:
            self._held.open_up()
            self._held.go(choice)

    def _leave_full_screen(self) -> None:
        self._held.open_up()
        self._window.showNormal()

    def take_back(self) -> None:
        """Be a kiosk again, with nothing of the supervisor's left on it."""
        if not self.supervised:
            return
        self.supervised = False
        self._alone.stop()
        self.strip.hide()
        self.sheet.put_away()
        for other in QApplication.topLevelWidgets():
            if other is not self._window and other.isVisible():
                other.close()
        clip.set_open(on=self._rules.clipboard)
        self.show()
        self.wipe()

    # What is left ---------------------------------------------------------------------------

    def show_notice(self, notice: Notice) -> None:
        """Follow what the window was told; to be connected after the window itself."""
        self._held.follow(notice)
        if isinstance(notice, SessionNotice):
            self._let_browser_be_in_front(on=notice.state is SessionState.IN_CONFINED_BROWSER)
        match notice:
            case AbandonedNotice() | SessionNotice(state=SessionState.SIGNED_OUT):
                self.wipe()

    def wipe(self) -> None:
        """Leave nothing of whoever was here: the window is emptied, and fields are empty."""
        self.keyboard.put_away()
        QToolTip.hideText()
        self._held.wipe()
        for field in self._window.findChildren(QLineEdit):
            field.setText("")  # unlike clear(), it cannot be undone
        if not self._rules.clipboard:
            clip.clear()
