"""The dark rail at the side: where one is, and where one can go."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout

from app.ui.assets import RATIOS, pixmap
from app.ui.theme import look
from app.ui.widgets.glyph import Glyph
from app.ui.widgets.text import plain_tip

ICON: Final = 24
MARK: Final = 40


class NavButton(QToolButton):
    """One place to go: icon above word."""

    def __init__(self, icon: str, words: str, tip: str) -> None:
        super().__init__()
        self._icon = icon
        self.setText(words)
        self.setToolTip(plain_tip(tip))
        self.setAccessibleName(words.replace("&", ""))
        self.setAccessibleDescription(tip)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(ICON, ICON))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(56)
        self._tint()
        look().changed.connect(self._tint)

    def _tint(self) -> None:
        icon = QIcon()
        for ratio in RATIOS:
            for role, state in (("rail_muted", QIcon.State.Off), ("rail_ink", QIcon.State.On)):
                picture = pixmap(self._icon, role, ICON, ratio)
                icon.addPixmap(picture, QIcon.Mode.Normal, state)
        self.setIcon(icon)


class NavRail(QFrame):
    """Places as icon and word; `chosen(key)` when the operator goes to one."""

    chosen = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._buttons: dict[str, NavButton] = {}
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 16, 6, 16)
        self._column.setSpacing(2)  # ten places fit the smallest window
        self._column.addWidget(Glyph("app", size=MARK), 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addSpacing(14)
        self._column.addStretch(1)
        self._bottom = self._column.count() - 1
        self._column.addStrut(64)  # at least; no word of an entry is cut
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(name)

    def add_entry(
        self, key: str, icon: str, words: str, *, tip: str = "", bottom: bool = False
    ) -> NavButton:
        """Add a place, above the gap or below it (`bottom`)."""
        button = NavButton(icon, words, tip)
        self._buttons[key] = button
        self._group.addButton(button)
        if bottom:
            self._column.addWidget(button)
        else:
            self._column.insertWidget(self._bottom, button)
            self._bottom += 1
        button.clicked.connect(lambda: self.chosen.emit(key))
        return button

    def set_current(self, key: str) -> None:
        """Show where one is; raises KeyError for an unknown place."""
        self._buttons[key].setChecked(True)
