"""The import page: from the vendor's file to tokens in the tenant, row by row."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.errors import SeedFileWrongKey
from app.core.importing import Handing
from app.core.preflight import OverrideReason
from app.core.seed import SeedOptions
from app.station.import_notices import (
    FaultsNotice,
    ImportNotice,
    ImportState,
)
from app.station.jobs import JobNotice
from app.station.notices import Notice
from app.ui.bridge import Gesture
from app.ui.pages.desk.message import Message
from app.ui.pages.importing.ask_panel import AskPanel
from app.ui.pages.importing.open_panel import OpenPanel
from app.ui.pages.importing.preview_panel import PreviewPanel
from app.ui.widgets import SecondaryButton, Tone, Wrapped
from app.ui.widgets.job_panel import JobPanel
from app.ui.widgets.scrolled import Ground, Scrolled
from app.ui.wording.errors import trouble
from app.ui.wording.importing import (
    faults_words,
    file_advice,
    left_words,
    problem_of,
    state_words,
)
from app.ui.wording.rights import cannot
from app.ui.wording.say import say
from app.ui.wording.seeds import row_fault

_CONTROL = Qt.KeyboardModifier.ControlModifier
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_ROWS = frozenset(ImportState) - {ImportState.EMPTY, ImportState.REFUSED, ImportState.UPLOADING}


class ImportPage(QWidget):
    """Renders files and uploads. Tells `left` when the operator goes back to the desk."""

    left = Signal()

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAcceptDrops(True)
        self._ask = ask
        self._notice = ImportNotice()
        self.rights = Message()
        self.earlier = Message()
        self.forget_button = SecondaryButton(say("&Let it go"))
        self.message = Message()
        self.problem = Wrapped(role="smallmuted")
        self.saved = Message()
        self.copy_button = SecondaryButton(say("Copy &path"), icon="copy")
        self.open = OpenPanel()
        self.asking = AskPanel()
        self.preview = PreviewPanel()
        self.job = JobPanel()
        self.advice = Message()
        self.rest = QWidget()
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        ground = Ground()
        area = Scrolled(ground, say("Import"))  # in a low window it is cut, not squeezed
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)
        column = QVBoxLayout(ground)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        column.addWidget(self.rights)
        column.addLayout(_beside(self.earlier, self.forget_button))
        column.addWidget(self.message)
        column.addWidget(self.problem)
        column.addLayout(_beside(self.saved, self.copy_button))
        column.addWidget(self.open, 1)
        column.addWidget(self.asking)
        column.addWidget(self.preview, 1)
        column.addWidget(self.advice)
        column.addWidget(self.job, 1)
        column.addWidget(self.rest, 1)
        for part in (self.forget_button, self.problem, self.copy_button):
            part.hide()

    def _wire(self) -> None:
        self.open.chosen.connect(self.open_file)
        self.asking.answered.connect(self._answer)
        self.asking.put_away.connect(self._put_away)
        self.preview.put_away.connect(self._put_away)
        self.preview.stopped.connect(self._put_away)
        self.preview.wanted.connect(self._upload)
        self.preview.faults_wanted.connect(self._save_faults)
        self.forget_button.clicked.connect(self._forget_left)
        self.copy_button.clicked.connect(self._copy)
        self.job.paused.connect(lambda: self._ask(lambda s: s.importing.upload.job.pause()))
        self.job.resumed.connect(lambda: self._ask(lambda s: s.importing.upload.job.resume()))
        self.job.cancelled.connect(lambda: self._ask(lambda s: s.importing.upload.job.cancel()))
        self.job.again.connect(lambda: self._ask(lambda s: s.importing.upload.job.again()))
        self.job.dismissed.connect(lambda: self._ask(lambda s: s.importing.dismiss()))

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: Notice) -> None:
        """Render `notice` where it belongs."""
        match notice:
            case ImportNotice():
                self._show_file(notice)
            case JobNotice():
                self._show_upload(notice)
            case FaultsNotice():
                self._show_saved(notice)
            case _:
                pass

    def forget(self) -> None:
        """Leave nothing of the last operator's work on the page."""
        self._show_file(ImportNotice())
        self.job.forget()
        self.advice.clear()

    # What somebody does ---------------------------------------------------------------------

    def open_file(self, path: str) -> None:
        """Read the file at `path`."""
        name = Path(path).name
        self.asking.forget()
        self.saved.clear()
        self.copy_button.hide()
        self._ask(lambda station: station.importing.open(path, name))

    def showEvent(self, _event: object) -> None:
        """Ask what there is: a right may have come, an upload may have been left."""
        self._ask(lambda station: station.importing.look())
        self._focus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file of this machine."""
        if self.open.isVisible() and _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        path = _dropped(event)
        if path and self.open.isVisible():
            event.acceptProposedAction()
            self.open_file(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leads back to the desk, F5 asks the tenant again, Ctrl+Enter uploads."""
        key, held = Qt.Key(event.key()), event.modifiers()
        if key is Qt.Key.Key_Escape:
            self.left.emit()
        elif key is Qt.Key.Key_F5:
            self._ask(lambda station: station.importing.look_up())
        elif key is Qt.Key.Key_O and held == _CONTROL and self.open.isVisible():
            self.open.choose()
        elif key in _ENTER and held == _CONTROL and self.preview.isVisible():
            self.preview.upload.click()
        else:
            super().keyPressEvent(event)

    # Inside ---------------------------------------------------------------------------------

    def _show_file(self, notice: ImportNotice) -> None:
        before, self._notice = self._notice, notice
        self._say(notice)
        if notice.state is ImportState.EMPTY:
            self.asking.forget()
            self.preview.forget()
        else:
            self.asking.show_file(notice)
        if notice.state in _ROWS:
            self.preview.show_file(notice)
        asks = notice.state is ImportState.ASKING
        self.preview.setVisible(notice.state in _ROWS and not (asks and not notice.preview.rows))
        wrong_key = isinstance(notice.error, SeedFileWrongKey)
        refused = notice.state is ImportState.REFUSED and not wrong_key
        self.open.setVisible(notice.state is ImportState.EMPTY or refused)
        self.rest.setVisible(self.open.isHidden() and self.preview.isHidden() and wrong_key | asks)
        if notice.state is ImportState.UPLOADING:
            self.asking.hide()
        if notice.state is not before.state:
            self._focus()

    def _say(self, notice: ImportNotice) -> None:
        said = state_words(notice)
        problem = "" if isinstance(notice.error, SeedFileWrongKey) else problem_of(notice)
        self.problem.setText(problem)
        self.problem.setVisible(bool(said and problem))
        if said is None:
            self.message.clear()
        else:
            self.message.set_message(*said)
        if notice.lacks is None:
            self.rights.clear()
        else:
            self.rights.set_message(Tone.CAUTION, cannot(notice.lacks))
        self.forget_button.setVisible(notice.left is not None)
        if notice.left is None:
            self.earlier.clear()
        else:
            self.earlier.set_message(Tone.CAUTION, left_words(notice.left))

    def _show_upload(self, notice: JobNotice) -> None:
        self.job.show_job(notice)
        if notice.error is not None:
            self.message.set_message(Tone.BAD, trouble(notice.error))
        if notice.rows is not None:
            self.job.pause_button.setFocus()
        if notice.progress is not None and notice.progress.is_over:
            self.advice.set_message(Tone.INFO, file_advice(notice.job.file))
        else:
            self.advice.clear()

    def _show_saved(self, notice: FaultsNotice) -> None:
        self.saved.set_message(*faults_words(notice))
        self.copy_button.setVisible(notice.error is None)
        self.copy_button.setProperty("path", notice.path)

    def _focus(self) -> None:
        """Put the focus where the next thing is done."""
        if not self.isVisible():
            return
        parts = (self.open.button, self.preview.upload, self.preview.stop_button)
        target = next((part for part in parts if part.isVisible() and part.isEnabled()), None)
        if target is not None and not self.asking.asks:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _answer(self, options: SeedOptions) -> None:
        self._ask(lambda station: station.importing.answer(options))

    def _put_away(self) -> None:
        self._ask(lambda station: station.importing.stop())

    def _upload(self, handing: Handing, reason: OverrideReason | None) -> None:
        self._ask(lambda station: station.importing.begin(handing, reason))

    def _save_faults(self) -> None:
        self._ask(lambda station: station.importing.save_faults(row_fault))

    def _forget_left(self) -> None:
        self._ask(lambda station: station.importing.forget_left())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self.copy_button.property("path") or ""))


def _beside(message: Message, button: SecondaryButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(message, 1)
    row.addWidget(button)
    return row


def _dropped(event: QDropEvent) -> str:
    """Return the path of the one file that was dropped, or ""."""
    urls = event.mimeData().urls()
    return urls[0].toLocalFile() if len(urls) == 1 and urls[0].isLocalFile() else ""
