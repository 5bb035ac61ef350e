"""The face of a person, or their initials where the directory has no photo.

The operator compares the face with the person at the desk, so the photo is shown large and sharp;
initials are drawn in any script. A photo is data from outside: its size is bounded before it is
decoded.
"""

import unicodedata
import zlib
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QImageReader,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

LARGEST_SIDE: Final = 4096
LARGEST_BYTES: Final = 4_000_000
FORMATS: Final = frozenset({b"jpeg", b"png"})
GRADIENTS: Final = (
    ("#6d9bd6", "#35547f"),
    ("#5aa596", "#2a5f59"),
    ("#a58bd0", "#56437f"),
    ("#c98b7c", "#7c453d"),
    ("#8b9a62", "#4c5a30"),
    ("#b788a8", "#6b4260"),
)
_THAI_LEADING_VOWELS: Final = "เแโใไ"
_ONE_LETTER: Final = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "ARABIC", "HEBREW")


def initials_of(name: str) -> str:
    """One or two letters that stand for `name`.

    Two where letters stand apart (Latin, Greek, Devanagari ...), one where a single character
    says more (Han, kana) or letters join (Arabic).
    """
    words = [word for word in name.split() if any(letter.isalpha() for letter in word)]
    if not words:
        return ""
    first = first_letter(words[0])
    script = unicodedata.name(first[0], "")
    if len(words) == 1 or script.startswith(_ONE_LETTER):
        return first
    return first + first_letter(words[-1])


def first_letter(word: str) -> str:
    """The first letter of `word` with the marks on it, in upper case."""
    start = next(index for index, letter in enumerate(word) if letter.isalpha())
    if word[start] in _THAI_LEADING_VOWELS and start + 1 < len(word):
        start += 1
    end = start + 1
    while end < len(word) and unicodedata.category(word[end]) in ("Mn", "Mc"):
        end += 1
    return unicodedata.normalize("NFC", word[start:end]).upper()


@lru_cache(maxsize=256)
def decode_photo(photo: bytes) -> QImage | None:
    """The picture in `photo` (JPEG or PNG, at most 4 MB and 4096 px a side), else None."""
    if len(photo) > LARGEST_BYTES:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(photo))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    bounded = 0 < size.width() <= LARGEST_SIDE and 0 < size.height() <= LARGEST_SIDE
    if not bounded or bytes(reader.format().data()) not in FORMATS:
        return None
    reader.setAutoTransform(True)
    image = reader.read()
    return None if image.isNull() else image


class Avatar(QWidget):
    """A rounded square of `size` px with the photo, or with initials on a quiet gradient."""

    def __init__(self, size: int = 76) -> None:
        super().__init__()
        self._size = size
        self._photo: bytes | None = None
        self._initials = ""
        self._seed = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_person(self, photo: bytes | None, initials: str, seed: str = "") -> None:
        """Show a person; the same `seed` (an id, say) always gives the same gradient."""
        self._photo = photo
        self._initials = initials
        self._seed = seed or initials
        self.update()

    def has_photo(self) -> bool:
        """Whether a photo is shown, not initials."""
        return self._photo is not None and decode_photo(self._photo) is not None

    def sizeHint(self) -> QSize:
        """The square it was made for."""
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw photo or initials."""
        painter = QPainter(self)
        paint_avatar(painter, QRectF(self.rect()), self._photo, self._initials, self._seed)


def paint_avatar(
    painter: QPainter, box: QRectF, photo: bytes | None, initials: str, seed: str
) -> None:
    """Draw a person into the square `box`, for widgets and for rows of a list."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if photo and decode_photo(photo):
        _paint_photo(painter, box, photo)
    else:
        _paint_initials(painter, box, initials, seed)
    painter.restore()


def _radius(box: QRectF) -> float:
    return min(10.0, box.width() * 0.22)


def _paint_photo(painter: QPainter, box: QRectF, photo: bytes) -> None:
    ratio = painter.device().devicePixelRatio()
    fitted = _fitted(photo, round(box.width() * ratio))
    outline = QPainterPath()
    outline.addRoundedRect(box, _radius(box), _radius(box))
    painter.setClipPath(outline)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(box, fitted)


@lru_cache(maxsize=256)
def _fitted(photo: bytes, side: int) -> QImage:
    """The upper middle square of `photo` at `side` device px, kept for repaints."""
    image = decode_photo(photo)
    if image is None:
        return QImage()
    scaled = image.scaled(
        side,
        side,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    left = (scaled.width() - side) // 2
    top = (scaled.height() - side) // 4  # faces sit above the middle
    return scaled.copy(left, top, side, side)


def _paint_initials(painter: QPainter, box: QRectF, initials: str, seed: str) -> None:
    light, deep = GRADIENTS[zlib.crc32(seed.encode("utf-8", "replace")) % len(GRADIENTS)]
    gradient = QLinearGradient(QPointF(box.topLeft()), QPointF(box.bottomLeft()))
    gradient.setColorAt(0, QColor(light))
    gradient.setColorAt(1, QColor(deep))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRoundedRect(box, _radius(box), _radius(box))
    font = QFont(painter.font())
    font.setPixelSize(max(9, round(box.height() * 0.36)))
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), initials)
