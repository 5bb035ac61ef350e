"""A card: one thing the operator fills in, with its state told in the corner."""

from enum import Enum
from typing import Final

from PySide6.QtCore import QAbstractAnimation, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.assets import paint_icon
from app.ui.theme import color, look
from app.ui.widgets.keycap import KeyHint
from app.ui.widgets.text import Elided, restyle, text
from app.ui.widgets.tone import Tone

FLASH_MS: Final = 600
RADIUS: Final = 12
MARGIN: Final = 18


class Mark(Enum):
    """What the corner of a card says about it."""

    NONE = "none"
    NUMBER = "number"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


_TONES: Final = {Mark.GOOD: Tone.GOOD, Mark.CAUTION: Tone.CAUTION, Mark.BAD: Tone.BAD}


class Marker(QWidget):
    """The disc before the title: the number of the step, or how it stands."""

    def __init__(self) -> None:
        super().__init__()
        self._mark = Mark.NONE
        self._number = 0
        self._dim = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def mark(self) -> Mark:
        """Return what is shown."""
        return self._mark

    def set_mark(self, mark: Mark, number: int, dim: bool) -> None:
        """Show `mark`; `dim` greys the number of a step whose turn has not come."""
        self._mark, self._number, self._dim = mark, number, dim
        self.setVisible(mark is not Mark.NONE)
        self.update()

    def sizeHint(self) -> QSize:
        """A little larger than a line of text."""
        side = max(20, round(look().base_points * 1.9))
        return QSize(side, side)

    def set_number(self, number: int) -> None:
        """Be another step."""
        self._number = number
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the disc."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._mark is Mark.NUMBER:
            self._paint_number(painter)
        elif self._mark in _TONES:
            paint_disc(painter, QRectF(self.rect()), _TONES[self._mark])

    def _paint_number(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("neutral_ground" if self._dim else "accent"))
        painter.drawEllipse(self.rect())
        painter.setPen(color("muted" if self._dim else "accent_ink"))
        font = QFont(self.font())
        font.setPointSizeF(look().base_points * 0.87)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._number))


def paint_disc(painter: QPainter, box: QRectF, tone: Tone) -> None:
    """A disc in the tone's ground with its icon: check, exclamation mark or cross."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(tone.ground))
    painter.drawEllipse(box)
    inset = box.width() * 0.18
    paint_icon(painter, box.adjusted(inset, inset, -inset, -inset), tone.icon, color(tone.ink))


class Card(QFrame):
    """Title row, `body` to fill, and a footer with a note and a key.

    Made to be subclassed, so its own names are mangled: a panel may call its parts as it likes.
    """

    footer_activated = Signal()

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.number = 0
        self.__marker = Marker()
        self.__title = text(title, "cardtitle")
        self.__header = QHBoxLayout()
        self.__note = Elided(role="smallmuted")
        self.__hint = KeyHint()
        self.__footer = QWidget()
        self.body = QVBoxLayout()
        self.__flash = QVariantAnimation(self)
        self.__flash_tone = Tone.GOOD
        self.__lay_out()
        self.__prepare_flash()
        self.setAccessibleName(title)
        self.__hint.clicked.connect(self.footer_activated)

    def __lay_out(self) -> None:
        self.__header.setSpacing(9)
        self.__header.addWidget(self.__marker)
        self.__header.addWidget(self.__title)
        self.__header.addStretch(1)
        footer = QHBoxLayout(self.__footer)
        footer.setContentsMargins(0, 6, 0, 0)
        footer.addWidget(self.__note, 1)
        footer.addWidget(self.__hint)
        self.__footer.hide()
        self.body.setSpacing(10)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN - 2, MARGIN, MARGIN - 4)
        column.setSpacing(10)
        column.addLayout(self.__header)
        column.addLayout(self.body, 1)
        column.addWidget(self.__footer)

    def set_title(self, title: str) -> None:
        """Name the card, to the eye and to a screen reader."""
        self.__title.setText(title)
        self.setAccessibleName(title)

    def set_mark(self, mark: Mark, number: int = 0, word: str = "", *, dim: bool = False) -> None:
        """Tell the state in the corner; `word` says it to a screen reader."""
        self.__marker.set_mark(mark, number, dim)
        self.__marker.setAccessibleName(word)
        self.setAccessibleDescription(word)

    def set_number(self, number: int) -> None:
        """Stand at another place in the order of the cards."""
        self.number = number
        self.__marker.set_number(number)

    def add_header(self, widget: QWidget) -> None:
        """Put `widget` at the far end of the title row."""
        self.__header.addWidget(widget)

    def set_footer(self, left: str, key: str = "", right: str = "") -> None:
        """A note at one side, a key and what it does at the other; empty hides the row."""
        self.__note.setText(left)
        self.__hint.set_hint(key, right)
        self.__footer.setVisible(bool(left or key or right))

    def set_active(self, active: bool) -> None:
        """Outline the card where the next thing will be typed."""
        restyle(self, active="true" if active else "false")

    def flash(self, tone: Tone = Tone.GOOD) -> None:
        """Outline the card in `tone` for 600 ms; without motion it does not fade."""
        self.__flash_tone = tone
        self.__flash.setStartValue(1.0)
        self.__flash.setEndValue(0.0 if look().motion else 1.0)
        self.__flash.start()

    def is_flashing(self) -> bool:
        """Whether the outline is still shown."""
        return self.__flash.state() == QAbstractAnimation.State.Running

    def __prepare_flash(self) -> None:
        self.__flash.setDuration(FLASH_MS)
        self.__flash.valueChanged.connect(self.__repaint_edge)
        self.__flash.finished.connect(self.__repaint_edge)

    def __repaint_edge(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame from the stylesheet and the flash above it."""
        super().paintEvent(event)
        if self.is_flashing():
            self.__paint_flash(float(self.__flash.currentValue()))

    def __paint_flash(self, strength: float) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tint = QColor(color(self.__flash_tone.ink))
        tint.setAlphaF(strength)
        painter.setPen(QPen(tint, 3))
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.drawRoundedRect(box, RADIUS - 1.5, RADIUS - 1.5)
