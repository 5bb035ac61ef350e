"""Finding a person as one types, by keyboard alone.

The list is a child of the window, not a window of its own: focus never leaves the field, a kiosk
has nothing to close, and a picture of the window shows what the operator sees. An answer is shown
only where it belongs to what stands in the field now.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAction,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.assets import icon
from app.ui.theme import look
from app.ui.widgets.buttons import SecondaryButton
from app.ui.widgets.person_rows import PersonDelegate, PersonRows, Row
from app.ui.widgets.step_ring import Spinner
from app.ui.widgets.text import restyle, text
from app.ui.widgets.tone import Tone

__all__ = ["PersonSearch", "Row"]

PAUSE_MS: Final = 150
LONGEST_QUERY: Final = 256
MOST_ROWS_SHOWN: Final = 6
NARROWEST: Final = 460
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ResultPanel(QFrame):
    """The rows of an answer and a note below them."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.model = PersonRows()
        self.view = QListView()
        self.note = text(role="smallmuted", wrap=True)
        self.again = SecondaryButton(key="Enter")
        self.again.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the field keeps it, and takes Enter
        self.again.hide()
        self.view.setModel(self.model)
        self.view.setItemDelegate(PersonDelegate(self))
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setMouseTracking(True)
        self.view.setUniformItemSizes(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(0)
        column.addWidget(self.view)
        line = QVBoxLayout()
        line.setContentsMargins(10, 6, 10, 6)
        line.addWidget(self.note)
        line.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(line)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        owner.destroyed.connect(self.deleteLater)  # it lives in the window once it was shown
        self.hide()

    def fill(self, rows: Sequence[Row], note: str, tone: Tone, again: str = "") -> None:
        """Show an answer, its first row chosen; `again` is on the button that asks once more."""
        self.again.set_words(again, "Enter")
        self.again.setVisible(bool(again))
        self.model.set_rows(rows)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        restyle(self.note, tone=tone.value)
        self.view.setVisible(bool(rows))
        if rows:
            self.view.setCurrentIndex(self.model.index(0))

    def wanted_height(self, width: int) -> int:
        """The height in px for the rows, six at most, and the note."""
        count = min(self.model.rowCount(), MOST_ROWS_SHOWN)
        rows = count * self.view.sizeHintForRow(0) + 2 if count else 0
        note = self.note.heightForWidth(width - 28) + 12 if self.note.text() else 12
        button = 0 if self.again.isHidden() else self.again.sizeHint().height() + 6
        return rows + note + button + 10


class PersonSearch(QWidget):
    """The field, its list, and the pause between a letter and the question."""

    query_changed = Signal(str)
    chosen = Signal(str)
    escaped = Signal()

    def __init__(self, name: str, placeholder: str) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self._panel = ResultPanel(self)
        self._spinner = Spinner()
        self._pause = QTimer(self)
        self._glass = QAction(self)
        self._asked = ""
        self._awaiting = False
        self._answered: str | None = None
        self._enter_waits = False
        self._dress(name, placeholder)
        self._wire()

    def _dress(self, name: str, placeholder: str) -> None:
        self.edit.setMaxLength(LONGEST_QUERY)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setAccessibleName(name)
        self.edit.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.setFocusProxy(self.edit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.edit)
        self._spinner.setParent(self.edit)
        self._spinner.hide()
        self._tint()

    def _wire(self) -> None:
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.edit.textChanged.connect(self._typed)
        self.edit.installEventFilter(self)
        self._panel.view.clicked.connect(self._clicked)
        self._panel.again.clicked.connect(self._ask)
        self._panel.view.selectionModel().currentChanged.connect(self._announce)
        look().changed.connect(self._tint)

    def query(self) -> str:
        """What is looked for: the text without the space around it, 256 characters at most."""
        return self.edit.text().strip()

    def set_results(
        self,
        query: str,
        rows: Sequence[Row],
        note: str = "",
        tone: Tone = Tone.NEUTRAL,
        *,
        again: str = "",
    ) -> None:
        """Show the answer to `query`, unless another question stands in the field by now.

        `note` is the last line: nobody found, more than are shown, or what went wrong. `again` is
        on a button that asks the same once more, as Enter does; without it there is none.
        """
        if query == self._asked:
            self._awaiting = False
        if not query or query != self.query():
            return
        enter_waited, self._enter_waits = self._enter_waits, False
        self._answered = query
        self._set_busy(False)
        self._panel.fill(rows, note, tone, again)
        if enter_waited and len(rows) == 1:
            self._choose(0)
        elif self.edit.hasFocus():
            self._open()

    def set_note(self, query: str, note: str) -> None:
        """Change the last line, while the answer to `query` is shown."""
        if query == self._answered:
            self._panel.note.setText(note)
            if self.is_open():
                self._place()

    def note(self) -> str:
        """The last line of the present answer."""
        return self._panel.note.text()

    def set_photo(self, key: str, photo: bytes) -> None:
        """Add a photo that came after the answer."""
        self._panel.model.set_photo(key, photo)

    def set_busy_words(self, words: str) -> None:
        """What a screen reader says of the field while an answer is awaited."""
        self._spinner.setAccessibleName(words)

    def is_busy(self) -> bool:
        """Whether an answer is awaited."""
        return not self._spinner.isHidden()

    def is_open(self) -> bool:
        """Whether the list is shown."""
        return not self._panel.isHidden()

    def rows_shown(self) -> list[Row]:
        """The rows of the present answer."""
        return [self._panel.model.row_at(at) for at in range(self._panel.model.rowCount())]

    def clear(self) -> None:
        """Forget question and answer."""
        self.edit.clear()
        self._panel.fill((), "", Tone.NEUTRAL)

    def forget_photos(self) -> None:
        """Show initials in place of every photo."""
        self._panel.model.forget_photos()

    def close_popup(self) -> None:
        """Hide the list; the text stays."""
        self._panel.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The field's keys, and the window's size for the list that floats in it."""
        if watched is self.edit:
            if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._pressed(event)
            if event.type() is QEvent.Type.FocusOut:
                self.close_popup()
            elif event.type() is QEvent.Type.FocusIn and self._is_current():
                self._open()
        elif event.type() is QEvent.Type.Resize and self.is_open():
            self._place()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the spinner at the far end and the list below the field."""
        super().resizeEvent(event)
        self._place_spinner()
        if self.is_open():
            self._place()

    def _pressed(self, event: QKeyEvent) -> bool:
        if event.key() in _ENTER:
            return self._enter()
        if event.key() == Qt.Key.Key_Escape:
            return self._escape()
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5}
        steps[Qt.Key.Key_PageUp] = -5
        if event.key() in steps and self._is_current():
            self._move(steps[Qt.Key(event.key())])
            return True
        return False

    def _enter(self) -> bool:
        if not self.query():
            return False
        if self._is_current() and self._panel.model.rowCount():
            self._choose(self._panel.view.currentIndex().row())
            return True
        self._enter_waits = True
        self._ask()
        return True

    def _escape(self) -> bool:
        if self.is_open():
            self.close_popup()
        elif self.edit.text():
            self.clear()
        else:
            self.escaped.emit()
        return True

    def _move(self, steps: int) -> None:
        if not self.is_open():
            self._open()
            return
        last = self._panel.model.rowCount() - 1
        if last >= 0:
            position = min(max(self._panel.view.currentIndex().row() + steps, 0), last)
            self._panel.view.setCurrentIndex(self._panel.model.index(position))

    def _typed(self, _words: str) -> None:
        self._enter_waits = False
        if self.query() == self._answered:
            return
        self._answered = None
        if self.query():
            self._pause.start()
            return
        self.close_popup()
        self._set_busy(False)
        self._pause.stop()
        if self._asked:
            self._asked = ""
            self._awaiting = False
            self.query_changed.emit("")

    def _ask(self) -> None:
        self._pause.stop()
        if self.query() and not (self._awaiting and self._asked == self.query()):
            self._asked = self.query()
            self._awaiting = True
            self._set_busy(True)
            self.query_changed.emit(self._asked)

    def _is_current(self) -> bool:
        return bool(self.query()) and self._answered == self.query()

    def _clicked(self, index: QModelIndex) -> None:
        self._choose(index.row())

    def _choose(self, position: int) -> None:
        key = self._panel.model.row_at(position).key
        self._enter_waits = False
        self.close_popup()
        self.chosen.emit(key)

    def _announce(self, current: QModelIndex) -> None:
        if QAccessible.isActive() and current.isValid():
            spoken = self._panel.model.row_at(current.row()).spoken()
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.edit, spoken))

    def _set_busy(self, busy: bool) -> None:
        self._spinner.setVisible(busy)
        self._place_spinner()

    def _open(self) -> None:
        window = self.window()
        if self._panel.parentWidget() is not window:
            self._panel.setParent(window)
            window.installEventFilter(self)
        self._place()
        self._panel.show()
        self._panel.raise_()

    def _place(self) -> None:
        """Below the field, inside the window, above the field where there is more room."""
        window = self.window()
        here = QRect(self.edit.mapTo(window, QPoint(0, 0)), self.edit.size())
        width = min(max(here.width(), NARROWEST), window.width() - 16)
        left = here.right() + 1 - width if self.isRightToLeft() else here.left()
        left = min(max(left, 8), window.width() - width - 8)
        floor = window.property("floor") or window.height()  # a keyboard may lie on the rest
        below = floor - here.bottom() - 14
        height = self._panel.wanted_height(width)
        upwards = height > below and here.top() - 14 > below
        height = min(height, here.top() - 14 if upwards else below)
        top = here.top() - 6 - height if upwards else here.bottom() + 6
        self._panel.setGeometry(left, top, width, height)

    def _place_spinner(self) -> None:
        size = self._spinner.sizeHint()
        gap = (self.edit.height() - size.height()) // 2
        left = gap if self.isRightToLeft() else self.edit.width() - gap - size.width()
        self._spinner.setGeometry(left, gap, size.width(), size.height())

    def _tint(self) -> None:
        self._glass.setIcon(icon("search", "muted", 20))
