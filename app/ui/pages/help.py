"""The help page: the documentation of resources/help, shown inside the window."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextLength, QTextTable, QTextTableFormat
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QTextBrowser, QWidget

from app.assets import resources
from app.ui.theme import look
from app.ui.wording.say import say

_LINE_PERCENT = 130
_CELL_PADDING = 7
_WHOLE_WIDTH = 100
_LIST_WIDTH = 260
"""Pixels of the list of chapters, where no title needs more."""
_ORDER = (
    "desk.md",
    "life.md",
    "scanning.md",
    "readers.md",
    "codes.md",
    "import.md",
    "session.md",
    "kiosk.md",
    "offline.md",
    "trouble.md",
    "doctor.md",
    "inventory.md",
    "record.md",
    "receipt.md",
    "self-service.md",
    "states.md",
    "tenant.md",
    "installation.md",
    "practice.md",
)


def chapters() -> tuple[tuple[str, str], ...]:
    """Return (file name, title) of each chapter, in reading order; the title is its first line."""
    folder = resources() / "help"
    return tuple((name, _title((folder / name).read_text("utf-8"))) for name in _ORDER)


def _title(text: str) -> str:
    return text.splitlines()[0].lstrip("# ")


class HelpPage(QWidget):
    """Chapters at one side, the text at the other. Links lead from chapter to chapter only."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self._chapters = chapters()
        self.list = QListWidget()
        self.list.setAccessibleName(say("Chapters"))
        self.list.setObjectName("chapters")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.addItems([title for _, title in self._chapters])
        self.text = QTextBrowser()
        self.text.setAccessibleName(say("Help"))
        self.text.setOpenLinks(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 20, 24, 20)
        row.setSpacing(16)
        row.addWidget(self.list)
        row.addWidget(self.text, 1)
        self.list.currentRowChanged.connect(self._show)
        self.text.anchorClicked.connect(self._follow)
        self.list.setCurrentRow(0)
        look().changed.connect(self._again)

    def showEvent(self, _event: object) -> None:
        """Begin at the list of chapters."""
        self._fit_list()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _again(self) -> None:
        self._fit_list()
        self._show(self.list.currentRow())

    def _fit_list(self) -> None:
        """Make the list as wide as its longest title, whatever the system's font and scale are."""
        around = self.list.width() - self.list.viewport().width()
        bar = self.list.verticalScrollBar()
        around += 0 if bar.isVisible() else bar.sizeHint().width()
        self.list.setFixedWidth(max(_LIST_WIDTH, self.list.sizeHintForColumn(0) + around))

    def _show(self, row: int) -> None:
        name, _ = self._chapters[row]
        self.text.setMarkdown((resources() / "help" / name).read_text("utf-8"))
        self._space_out()

    def _space_out(self) -> None:
        """Give lines and tables the air that Markdown has no words for."""
        cursor = QTextCursor(self.text.document())
        cursor.select(QTextCursor.SelectionType.Document)
        block = QTextBlockFormat()
        block.setLineHeight(
            _LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
        cursor.mergeBlockFormat(block)
        for frame in self.text.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                frame.setFormat(self._table_format(frame))

    def _table_format(self, table: QTextTable) -> QTextTableFormat:
        looks = QTextTableFormat(table.format())
        looks.setCellPadding(_CELL_PADDING)
        looks.setBorder(0)
        looks.setWidth(QTextLength(QTextLength.Type.PercentageLength, _WHOLE_WIDTH))
        looks.setBottomMargin(_CELL_PADDING * 2)
        return looks

    def _follow(self, url: QUrl) -> None:
        names = [name for name, _ in self._chapters]
        if url.path() in names:
            self.list.setCurrentRow(names.index(url.path()))
