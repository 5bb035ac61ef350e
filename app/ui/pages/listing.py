"""The parts that every page with a list is made of: the field to find by, the table, the card.

History, inventory, the check-up and the rows of a file list different things in the same way: a
field that narrows the list down, a table that leaves out columns where there is no room, and a
sentence where it is empty.
"""

from collections.abc import Mapping

from PySide6.QtCore import QAbstractTableModel, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.history import LONGEST_TEXT
from app.ui.assets import icon
from app.ui.theme import look
from app.ui.widgets import Card, ChipDelegate, SecondaryButton, Wrapped, text
from app.ui.widgets.rows import dress_rows
from app.ui.wording.errors import Trouble
from app.ui.wording.say import say

_LIST, _EMPTY = 0, 1


class FindEdit(QLineEdit):
    """A field to find by, with a glass before what is typed and a way to clear it behind."""

    def __init__(self, name: str, placeholder: str) -> None:
        super().__init__()
        self._glass = QAction(self)
        self._wipe = QAction(self)
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setMaxLength(LONGEST_TEXT)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.addAction(self._wipe, QLineEdit.ActionPosition.TrailingPosition)
        self._wipe.setToolTip(say("Clear"))
        self._wipe.setVisible(False)
        self._wipe.triggered.connect(self.clear)
        self.textChanged.connect(lambda words: self._wipe.setVisible(bool(words)))
        self._tint()
        look().changed.connect(self._tint)

    def _tint(self) -> None:
        self._glass.setIcon(icon("search", "muted", 18))
        self._wipe.setIcon(icon("cross", "muted", 18))


class ListView(QTableView):
    """A table of rows. Enter opens one, Home and End lead along the list.

    `room` says for a column how wide the list must be, in px, for it to be shown; `column` is the
    one that the keyboard stands in.
    """

    opened = Signal()

    def __init__(self, room: Mapping[int, int] | None = None, column: int = 0) -> None:
        super().__init__()
        self._room = dict(room or {})
        self._column = column

    def set_up(
        self,
        model: QAbstractTableModel,
        name: str,
        widths: Mapping[int, int],
        *,
        stretched: int,
        chip: int,
    ) -> None:
        """List `model`, called `name`: the column `chip` as a state, `stretched` as wide as fits.

        `widths` are in px at normal text size.
        """
        self.setModel(model)
        self.setItemDelegateForColumn(chip, ChipDelegate(self))
        self.setAccessibleName(name)
        dress_rows(self, dict(widths), stretched=stretched)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what matters least where there is no room."""
        super().resizeEvent(event)
        for column, least in self._room.items():
            self.setColumnHidden(column, self.viewport().width() < least)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean the whole list; Qt tells of Enter on some platforms only."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if plain:
                self.opened.emit()
            case Qt.Key.Key_Home if plain:
                self._go_to(0)
            case Qt.Key.Key_End if plain:
                self._go_to(self.model().rowCount() - 1)
            case _:
                super().keyPressEvent(event)

    def _go_to(self, row: int) -> None:
        self.setCurrentIndex(self.model().index(row, self._column))


class EmptyList(QWidget):
    """What is said instead of a list."""

    def __init__(self) -> None:
        super().__init__()
        self._sentence = Wrapped(role="strong")
        self._advice = Wrapped(role="muted")
        self.all = SecondaryButton(say("Show &all"))
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 12, 4, 12)
        column.setSpacing(8)
        column.addWidget(self._sentence)
        column.addWidget(self._advice)
        column.addSpacing(4)
        column.addWidget(self.all, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def tell(self, said: Trouble, narrowed: bool) -> None:
        """Say `said`; what was narrowed down can be widened."""
        self._sentence.setText(said.sentence)
        self._advice.setText(said.advice)
        self.all.setVisible(narrowed)
        self.setAccessibleName(f"{said.sentence} {said.advice}")


class ListCard(Card):
    """A card with a list and how much is listed; with `empty`, a sentence where that is nothing."""

    def __init__(self, title: str, view: ListView, empty: EmptyList | None = None) -> None:
        super().__init__(title)
        self.view = view
        self.count = text(role="smallmuted")
        self._empty = empty
        self._stack = QStackedWidget()
        self._stack.addWidget(view)
        if empty is not None:
            self._stack.addWidget(empty)
        self.add_header(self.count)
        self.body.addWidget(self._stack, 1)

    def show_rows(self, said: Trouble | None = None, *, narrowed: bool = False) -> None:
        """Show the list, or instead of an empty one `said`."""
        if self.view.model().rowCount() or said is None or self._empty is None:
            self._stack.setCurrentIndex(_LIST)
        else:
            self._empty.tell(said, narrowed)
            self._stack.setCurrentIndex(_EMPTY)
