"""The face of a person, or their initials where the directory has no photo.

The operator compares the face with the person at the desk, so the photo is shown large and sharp;
initials are drawn in any script.

A photo is data from outside, and personal. Its kind is told by its first bytes, and its pixels are
counted before it is decoded. A JPEG is made smaller while it is decoded; what cannot be (PNG, and
a progressive JPEG, of which all coefficients are held first) may have fewer pixels. What is kept
for repaints is bounded in bytes, and `FACES.forget()` lets go of it.
"""

import unicodedata
import zlib
from collections import OrderedDict
from collections.abc import Callable
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
MOST_PIXELS: Final = 2_000_000
"""Pixels of a picture that is decoded whole: at most 16 MB while that lasts."""
MOST_HELD: Final = 12_000_000
"""Bytes of photos and of what they were decoded to that are kept."""
SIDE: Final = 256
"""Pixels of the shorter side that a photo is kept at; it is shown at 76 px and twice that."""
LONGEST: Final = 4
"""How many times as long as the other a side may be; no face is in a longer picture."""
KINDS: Final = {b"\xff\xd8\xff": b"jpeg", b"\x89PNG\r\n\x1a\n": b"png"}
"""First bytes and Qt's name of the formats (ITU T.81, B.1.1; PNG specification, 5.2)."""
_STARTS_OF_FRAME: Final = {0xC0: False, 0xC1: False, 0xC2: True}
"""JPEG markers SOF0 (baseline), SOF1 (extended) and SOF2 (progressive): ITU T.81, table B.1."""
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


def decode_photo(photo: bytes) -> QImage | None:
    """Return the picture in `photo`, 256 px or less on its shorter side, or None.

    None for what is no JPEG or PNG, has more than 4 MB, more than 4096 px a side, or more pixels
    than may be decoded whole.
    """
    return FACES.get(photo, 0, lambda: _decoded(photo))


def _decoded(photo: bytes) -> QImage | None:
    kind = next((KINDS[start] for start in KINDS if photo.startswith(start)), None)
    if kind is None or len(photo) > LARGEST_BYTES:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(photo))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(kind))
    reader.setAutoDetectImageFormat(False)
    reader.setDecideFormatFromContent(False)
    size = reader.size()
    if not _is_bounded(size) or (_is_decoded_whole(photo, kind) and _pixels(size) > MOST_PIXELS):
        return None
    shorter = min(size.width(), size.height())
    if shorter > SIDE:
        reader.setScaledSize(size * (SIDE / shorter))
    reader.setAutoTransform(True)
    image = reader.read()
    return None if image.isNull() else image


def _pixels(size: QSize) -> int:
    return size.width() * size.height()


def _is_bounded(size: QSize) -> bool:
    shorter, longer = sorted((size.width(), size.height()))
    return shorter > 0 and longer <= LARGEST_SIDE and longer <= LONGEST * shorter


def _is_decoded_whole(photo: bytes, kind: bytes) -> bool:
    """Return whether the decoder holds the whole picture at its full size: PNG, progressive JPEG.

    A JPEG whose frame header is not found among its first segments counts as one.
    """
    if kind != b"jpeg":
        return True
    at = 2
    while at + 4 <= len(photo) and photo[at] == 0xFF:
        marker = photo[at + 1]
        if marker in _STARTS_OF_FRAME:
            return _STARTS_OF_FRAME[marker]
        at += 2 + int.from_bytes(photo[at + 2 : at + 4], "big")
    return True


class Faces:
    """Decoded photos, kept for repaints up to a number of bytes; the oldest go first."""

    def __init__(self, most: int = MOST_HELD) -> None:
        self._most = most
        self._images: OrderedDict[tuple[bytes, int], QImage | None] = OrderedDict()
        self.held = 0
        """Bytes that are kept, photos and pictures together."""

    def get(self, photo: bytes, side: int, make: Callable[[], QImage | None]) -> QImage | None:
        """Return what was made of `photo` for `side` px, or make it."""
        key = photo, side
        if key in self._images:
            self._images.move_to_end(key)
            return self._images[key]
        image = make()
        self._images[key] = image
        self.held += _weight(photo, image)
        while self.held > self._most and self._images:
            (old, _), gone = self._images.popitem(last=False)
            self.held -= _weight(old, gone)
        return image

    def forget(self) -> None:
        """Keep no face."""
        self._images.clear()
        self.held = 0


def _weight(photo: bytes, image: QImage | None) -> int:
    return len(photo) + (image.sizeInBytes() if image is not None else 0)


FACES: Final = Faces()
"""The faces that were painted last, of every widget."""


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


def _fitted(photo: bytes, side: int) -> QImage:
    """The upper middle square of `photo` at `side` device px, kept for repaints."""
    return FACES.get(photo, side, lambda: _cut_out(photo, side)) or QImage()


def _cut_out(photo: bytes, side: int) -> QImage:
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
