"""A receipt on one sheet of paper: composed once, drawn on a screen, into a PDF or on a printer.

Everything is laid out in pixels of 96 to the inch, whatever it is drawn on, so that lines break on
paper where they break on the screen. The words are those of people and of an organisation: they are
put down as plain text, in their own direction of writing, and shrink until they fit. There is never
a second sheet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPen,
    QPolygonF,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextLength,
    QTextTableFormat,
)

from app.core.receipt import Paper, Receipt, ReceiptRules, Signature, paragraphs
from app.ui.receipts.language import OWN, SheetLanguage, sheet_language
from app.ui.widgets import displayable

DPI: Final = 96.0
_MM: Final = DPI / 25.4
_MARGIN: Final = 20 * _MM
_SIZES: Final = {
    Paper.A4: QPageSize(QPageSize.PageSizeId.A4),
    Paper.LETTER: QPageSize(QPageSize.PageSizeId.Letter),
}

LARGEST: Final = 11.0
SMALLEST: Final = 7.0
"""Points of the body: smaller is not read by everybody."""

_STEP: Final = 0.5
_SIGNATURE_HEIGHT: Final = 42 * _MM
_BOX_HEIGHT: Final = 28 * _MM
_DATE_SHARE: Final = 0.36
_LABEL_PERCENT: Final = 28.0
_LINE: Final = 1.5
"""The least height of a line, in those of its letters."""

_POINTS_PER_INCH: Final = 72
_INK: Final = "#16202e"
_MUTED: Final = "#4a5565"
_RULE: Final = QColor("#8a94a3")
_PEN_WIDTH: Final = 1.8
_SMALL_PIXELS: Final = 12
_SIDE: Final = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip

Strokes = tuple[tuple[QPointF, ...], ...]
"""What a finger drew, each point as a share (0 to 1) of the signature's box."""


class ReceiptTooLong(ValueError):
    """The organisation's own words leave no room for one sheet, at the smallest size there is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One receipt, ready to be drawn. `rules` say what the organisation wants of it."""

    receipt: Receipt
    rules: ReceiptRules
    language: SheetLanguage
    document: QTextDocument
    points: float

    @property
    def size(self) -> QSizeF:
        """The sheet, in pixels of 96 to the inch."""
        return _size(self.rules)

    @property
    def box(self) -> QRectF:
        """Where it is signed, in the same pixels."""
        size = self.size
        top = size.height() - _MARGIN - _BOX_HEIGHT - 5 * _MM
        width = size.width() - 2 * _MARGIN
        date = 0.0 if self.rules.signature is Signature.SCREEN else width * _DATE_SHARE + 8 * _MM
        return QRectF(_MARGIN + date, top, width - date, _BOX_HEIGHT)


@dataclass(frozen=True, slots=True)
class _Style:
    """How a paragraph is set: `points` large, with `below` pixels under it.

    `any_way` lets it be written from right to left where that is how it begins.
    """

    points: float
    ink: str = _INK
    bold: bool = False
    below: float = 0.0
    any_way: bool = False


def compose(receipt: Receipt, rules: ReceiptRules) -> Sheet:
    """Return the sheet of `receipt`. Raises ReceiptTooLong."""
    language = sheet_language(receipt, rules)
    size = _size(rules)
    room = size.height() - 2 * _MARGIN
    if rules.signature is not Signature.NONE:
        room -= _SIGNATURE_HEIGHT
    points = LARGEST
    while points >= SMALLEST:
        document = _document(receipt, rules, language, points, size.width() - 2 * _MARGIN)
        if document.size().height() <= room:
            return Sheet(receipt, rules, language, document, points)
        points -= _STEP
    raise ReceiptTooLong


def draw(sheet: Sheet, painter: QPainter, strokes: Strokes = ()) -> None:
    """Draw `sheet` at the origin of `painter`, whose unit is a pixel of 96 to the inch."""
    painter.save()
    painter.translate(_MARGIN, _MARGIN)
    sheet.document.drawContents(painter)
    painter.restore()
    if sheet.rules.signature is not Signature.NONE:
        _draw_signature(sheet, painter, strokes)


def draw_on(device: QPagedPaintDevice, sheet: Sheet, strokes: Strokes = ()) -> bool:
    """Draw `sheet` on a whole page of `device`; tell whether that could be begun."""
    whole = QPageLayout(
        _SIZES[sheet.rules.paper], QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)
    )
    whole.setMode(QPageLayout.Mode.FullPageMode)
    device.setPageLayout(whole)
    painter = QPainter()
    if not painter.begin(device):
        return False
    scale = device.logicalDpiX() / DPI
    painter.scale(scale, scale)
    draw(sheet, painter, strokes)
    return painter.end()


def picture(sheet: Sheet, width: int, strokes: Strokes = ()) -> QImage:
    """Return `sheet` as a picture of `width` pixels."""
    scale = width / sheet.size.width()
    image = QImage(width, round(sheet.size.height() * scale), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    hints = QPainter.RenderHint
    painter.setRenderHints(hints.Antialiasing | hints.TextAntialiasing)
    painter.scale(scale, scale)
    draw(sheet, painter, strokes)
    painter.end()
    return image


def rows(receipt: Receipt, language: SheetLanguage) -> Iterator[tuple[str, str]]:
    """Give the table of facts: a label and what is known."""
    handover = receipt.handover.value
    known = (
        ("person", receipt.person_name),
        ("account", receipt.person_upn),
        ("serial", receipt.serial_number),
        ("model", receipt.model),
        ("desk", receipt.desk),
        (f"operator.{handover}", "" if receipt.own else receipt.operator_name),
        ("at", language.moment(receipt.at)),
        ("request", receipt.request_id),
        ("record", receipt.enrollment_id),
        ("head", str(receipt.head or "")),
    )
    return ((language.says(key), displayable(value)) for key, value in known if value)


def _size(rules: ReceiptRules) -> QSizeF:
    return _SIZES[rules.paper].size(QPageSize.Unit.Inch) * DPI


def _document(
    receipt: Receipt, rules: ReceiptRules, language: SheetLanguage, points: float, width: float
) -> QTextDocument:
    document = QTextDocument()
    document.documentLayout().setPaintDevice(_ruler())
    document.setUseDesignMetrics(True)
    document.setDocumentMargin(0)
    document.setDefaultFont(_font(points))
    document.setTextWidth(width)
    cursor = QTextCursor(document)
    handover = receipt.handover.value
    lead = OWN if receipt.own else f"lead.{handover}"
    if rules.header:
        top = _Style(points * 1.05, _MUTED, bold=True, below=points * 1.6, any_way=True)
        _put(cursor, rules.header, top)
    title = _Style(points * 1.9, bold=True, below=points)
    _put(cursor, language.says(f"title.{handover}"), title)
    _put(cursor, language.says(lead, name=receipt.person_name), _Style(points, below=points))
    _put_table(cursor, list(rows(receipt, language)), points)
    own = _Style(points, below=points * 0.6, any_way=True)
    for paragraph in paragraphs(rules.text, language.tag):
        _put(cursor, paragraph, own)
    return document


def _put(cursor: QTextCursor, words: str, style: _Style) -> None:
    """Put down a paragraph of plain text."""
    cursor.setBlockFormat(_block(style))
    cursor.insertText(words, _letters(style))
    cursor.insertBlock()


def _block(style: _Style) -> QTextBlockFormat:
    """Return the format of a paragraph, whose lines have air, in whatever script they are."""
    block = QTextBlockFormat()
    ways = Qt.LayoutDirection
    block.setLayoutDirection(ways.LayoutDirectionAuto if style.any_way else ways.LeftToRight)
    block.setBottomMargin(style.below)
    height = style.points * _LINE * DPI / _POINTS_PER_INCH
    block.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
    return block


def _letters(style: _Style) -> QTextCharFormat:
    letters = QTextCharFormat()
    letters.setFontPointSize(style.points)
    letters.setForeground(QColor(style.ink))
    if style.bold:
        letters.setFontWeight(QFont.Weight.DemiBold)
    return letters


def _put_table(cursor: QTextCursor, facts: list[tuple[str, str]], points: float) -> None:
    looks = QTextTableFormat()
    looks.setBorder(0)
    looks.setCellPadding(0)
    looks.setCellSpacing(0)
    kinds = QTextLength.Type
    columns = (_LABEL_PERCENT, 100.0 - _LABEL_PERCENT)
    looks.setColumnWidthConstraints(
        [QTextLength(kinds.PercentageLength, percent) for percent in columns]
    )
    looks.setBottomMargin(points * 1.2)
    table = cursor.insertTable(len(facts), len(columns), looks)
    for row, (label, value) in enumerate(facts):
        for column, (words, ink) in enumerate(((label, _MUTED), (value, _INK))):
            cell = table.cellAt(row, column).firstCursorPosition()
            style = _Style(points, ink, below=points * 0.45)
            cell.setBlockFormat(_block(style))
            cell.insertText(words, _letters(style))
    cursor.movePosition(QTextCursor.MoveOperation.End)


def _draw_signature(sheet: Sheet, painter: QPainter, strokes: Strokes) -> None:
    box, says = sheet.box, sheet.language.says
    painter.setFont(_small_font())
    painter.setPen(QPen(_RULE, 1))
    painter.drawLine(box.bottomLeft(), box.bottomRight())
    under = QRectF(box.left(), box.bottom() + 1.5 * _MM, box.width(), 6 * _MM)
    left = QRectF(_MARGIN, under.top(), box.left() - _MARGIN - 8 * _MM, under.height())
    if sheet.rules.signature is Signature.PAPER:
        painter.drawLine(QPointF(_MARGIN, box.bottom()), QPointF(left.right(), box.bottom()))
    painter.setPen(QColor(_MUTED))
    metrics = painter.fontMetrics()
    words = says("signature", name=sheet.receipt.person_name)
    kept = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(under.width()))
    painter.drawText(under, _SIDE, kept)
    if sheet.rules.signature is Signature.PAPER:
        painter.drawText(left, _SIDE, says("place"))
    _draw_strokes(painter, box, strokes)


def _draw_strokes(painter: QPainter, box: QRectF, strokes: Strokes) -> None:
    style = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(QColor(_INK), _PEN_WIDTH, *style))
    for stroke in strokes:
        points = [
            QPointF(box.left() + at.x() * box.width(), box.top() + at.y() * box.height())
            for at in stroke
        ]
        if len(points) == 1:
            painter.drawPoint(points[0])
        else:
            painter.drawPolyline(QPolygonF(points))


def _font(points: float) -> QFont:
    font = _plain_font()
    font.setPointSizeF(points)
    return font


def _plain_font() -> QFont:
    """Return the window's font without its finer forms.

    Whoever searches a PDF, or copies from it, finds only letters drawn as the font has them: Inter,
    for one, has a colon of its own between two digits (calt), and that is told as no letter.
    """
    font = QFont(QGuiApplication.font())
    font.clearFeatures()
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def _small_font() -> QFont:
    """Return the font of what a painter draws by itself: points would be those of its device."""
    font = _plain_font()
    font.setPixelSize(_SMALL_PIXELS)
    return font


@cache
def _ruler() -> QImage:
    """Return a device that has 96 pixels to the inch, whatever screen there is."""
    ruler = QImage(1, 1, QImage.Format.Format_RGB32)
    for set_dots in (ruler.setDotsPerMeterX, ruler.setDotsPerMeterY):
        set_dots(round(DPI / 0.0254))
    return ruler
