"""A chip: one state in a word, told by icon, word and colour at once."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.ui.assets import paint_icon
from app.ui.theme import color, current_palette, look
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.glyph import Glyph
from app.ui.widgets.text import Elided, displayable, restyle
from app.ui.widgets.tone import Tone

SIDE: Final = 9
ICON: Final = 14
GAP: Final = 4


class Chip(QWidget):
    """`words` on a pill in the colours of `tone`; `icon` replaces the tone's own."""

    def __init__(self, words: str = "", tone: Tone = Tone.NEUTRAL, icon: str | None = None) -> None:
        super().__init__()
        self._icon = Glyph("dot", size=ICON)
        self._words = Elided(role="smallstrong")
        row = QHBoxLayout(self)
        row.setContentsMargins(SIDE - 2, 3, SIDE, 3)
        row.setSpacing(GAP)
        row.addWidget(self._icon)
        row.addWidget(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_chip(words, tone, icon)

    def set_chip(self, words: str, tone: Tone, icon: str | None = None) -> None:
        """Tell another state."""
        self.tone = tone
        self._words.setText(words)
        restyle(self._words, tone=tone.value)
        self._icon.set_icon(icon or tone.icon, tone.ink)
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """What the chip says."""
        return self._words.text()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pill behind icon and word."""
        painter = QPainter(self)
        paint_pill(painter, QRectF(self.rect()), self.tone.ground, self.tone.ink)


class ChipRow(QWidget):
    """Chips side by side, broken into rows where the width ends."""

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout()
        self.setLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_chips(self, chips: Sequence[tuple[str, Tone]]) -> None:
        """Show exactly these (words, tone); chips that stay are not made anew."""
        for index, (words, tone) in enumerate(chips):
            self._chip_at(index).set_chip(words, tone)
        while self._flow.count() > len(chips):
            self._drop_last()
        self.setVisible(bool(chips))
        self.updateGeometry()

    def chips(self) -> list[Chip]:
        """The chips shown, in order."""
        items = [self._flow.itemAt(index) for index in range(self._flow.count())]
        return [chip for item in items if item and isinstance(chip := item.widget(), Chip)]

    def _chip_at(self, index: int) -> Chip:
        shown = self.chips()
        if index < len(shown):
            return shown[index]
        made = Chip()
        self._flow.addWidget(made)
        made.show()
        return made

    def _drop_last(self) -> None:
        item = self._flow.takeAt(self._flow.count() - 1)
        chip = item.widget() if item else None
        if chip:
            chip.hide()
            chip.deleteLater()


def paint_pill(painter: QPainter, box: QRectF, ground: str, ink: str) -> None:
    """A fully rounded ground; in high contrast outlined, since grounds are near black there."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outlined = current_palette().edge > 1
    painter.setPen(color(ink) if outlined else Qt.PenStyle.NoPen)
    painter.setBrush(color(ground))
    inner = box.adjusted(0.5, 0.5, -0.5, -0.5) if outlined else box
    painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)


def chip_font(base: QFont) -> QFont:
    """The face of a chip painted without a widget."""
    font = QFont(base)
    font.setPointSizeF(look().base_points * 0.87)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def chip_size(words: str, font: QFont) -> QSize:
    """The size in px that `paint_chip` takes for `words`."""
    metrics = QFontMetrics(chip_font(font))
    width = metrics.horizontalAdvance(displayable(words)) + ICON + GAP + 2 * SIDE
    return QSize(width, metrics.height() + 7)


def paint_chip(painter: QPainter, box: QRectF, words: str, tone: Tone, font: QFont) -> None:
    """Draw a chip into `box`, for rows of a list or table; words that do not fit are elided."""
    painter.save()
    paint_pill(painter, box, tone.ground, tone.ink)
    side = QRectF(box.left() + SIDE - 2, box.center().y() - ICON / 2, ICON, ICON)
    paint_icon(painter, side, tone.icon, color(tone.ink))
    painter.setFont(chip_font(font))
    painter.setPen(color(tone.ink))
    room = box.adjusted(SIDE - 2 + ICON + GAP, 0, -SIDE + 1, 0)
    line = painter.fontMetrics().elidedText(
        displayable(words), Qt.TextElideMode.ElideRight, round(room.width()) + 1
    )
    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), line)
    painter.restore()
