"""Every row of the file, how it stands, and what is to be done with the rows that can go."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.core.importing import Handing, Preview, Standing
from app.core.preflight import OverrideReason
from app.station.import_notices import ImportNotice, ImportState
from app.ui.models.preview import KIND, PERSON, ROW, SERIAL, STANDING, TOKEN, WHY, PreviewModel
from app.ui.pages.listing import ListView
from app.ui.widgets import (
    Card,
    Chip,
    PrimaryButton,
    SecondaryButton,
    Segmented,
    Wrapped,
)
from app.ui.wording.desk import override_reason
from app.ui.wording.importing import (
    activate_meaning,
    activate_words,
    assign_words,
    busy_words,
    counted,
    reason_meaning,
    standing_chip,
    upload_words,
    without_reason,
)
from app.ui.wording.say import say

_ALL: Final = "all"
_WIDTHS: Final = {ROW: 70, SERIAL: 170, TOKEN: 190, KIND: 120, PERSON: 210, STANDING: 110}
_LEAST_HEIGHT: Final = 100
_ROOM_FOR_TOKEN: Final = 780
_ROOM_FOR_KIND: Final = 900


class RowsView(ListView):
    """The table; a row that cannot go has room for why, and one that goes for whose it is."""

    def __init__(self) -> None:
        super().__init__()
        self.has_people = False
        self.only_faults = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out first what is the same for most rows."""
        super().resizeEvent(event)
        self.fit()

    def sizeHint(self) -> QSize:
        """No more than its least; it takes what is left."""
        return QSize(super().sizeHint().width(), _LEAST_HEIGHT)

    def fit(self) -> None:
        """Show the columns that there is room and a reason for."""
        room = self.viewport().width()
        room -= _WIDTHS[PERSON] if self.has_people else 0
        self.setColumnHidden(PERSON, self.only_faults or not self.has_people)
        self.setColumnHidden(TOKEN, self.only_faults or room < _ROOM_FOR_TOKEN)
        self.setColumnHidden(KIND, self.only_faults or room < _ROOM_FOR_KIND)


class PreviewPanel(Card):
    """Tells `wanted` with a Handing and an OverrideReason or None, and what else is asked for."""

    wanted = Signal(object, object)
    stopped = Signal()
    put_away = Signal()
    faults_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(say("Rows of the file"))
        self.model = PreviewModel()
        self.view = RowsView()
        self.chips = {standing: Chip() for standing in Standing}
        choices = [(_ALL, say("All"))]
        choices += [(standing.value, standing_chip(standing)[0]) for standing in Standing]
        self.only = Segmented(say("Which rows"), choices)
        self.busy = Wrapped(role="small")
        self.bar = QProgressBar()
        self.assign = QCheckBox()
        self.activate = QCheckBox(activate_words())
        self.reason = QComboBox()
        self.meaning = Wrapped(activate_meaning(), role="smallmuted")
        self.upload = PrimaryButton()
        self.faults = SecondaryButton(say("Save the &faults"))
        self.stop_button = SecondaryButton(say("&Stop"))
        self.other = SecondaryButton(say("&Other file"))
        self._ready = False
        self._notice = ImportNotice()
        self._lay_out()
        self._wire()
        self.hide()

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setSpacing(10)
        for chip in self.chips.values():
            above.addWidget(chip)
        above.addStretch(1)
        above.addWidget(self.only)
        below.addWidget(self.upload)
        for button in (self.faults, self.stop_button, self.other):
            below.addWidget(button)
        self.body.addLayout(above)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(self.busy)
        self.body.addWidget(self.bar)
        self.body.addWidget(self._choices())
        self.body.addLayout(below)
        self._dress()

    def _choices(self) -> QWidget:
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.assign, self.activate, self.meaning):
            column.addWidget(part)
        column.addWidget(self.reason, 0, Qt.AlignmentFlag.AlignLeading)
        self.reason.setAccessibleName(say("Reason for rows that need one"))
        self.reason.setToolTip(reason_meaning())
        self.reason.addItem(without_reason())
        for each in OverrideReason:
            self.reason.addItem(override_reason(each), each)
        self.people = QWidget()
        self.people.setLayout(column)
        return self.people

    def _dress(self) -> None:
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(say("Progress of the reading"))
        name = say("Rows of the file")
        self.view.set_up(self.model, name, _WIDTHS, stretched=WHY, chip=STANDING)
        self.view.setMinimumHeight(_LEAST_HEIGHT)

    def _wire(self) -> None:
        self.only.chosen.connect(self._narrow)
        self.assign.toggled.connect(self._offer_activation)
        self.activate.toggled.connect(self._offer_activation)
        self.upload.clicked.connect(self._want)
        self.faults.clicked.connect(self.faults_wanted)
        self.stop_button.clicked.connect(self.stopped)
        self.other.clicked.connect(self.put_away)

    def show_file(self, notice: ImportNotice) -> None:
        """Show the file as far as it is known."""
        busy = busy_words(notice)
        self.model.set_preview(notice.preview)
        self.set_title(notice.file or say("Rows of the file"))
        self.busy.setText(busy)
        for part in (self.busy, self.bar, self.stop_button):
            part.setVisible(bool(busy))
        self._count(notice)
        self._offer(notice)
        self.view.setVisible(bool(notice.preview.rows))

    def forget(self) -> None:
        """Show no file."""
        self.model.set_preview(Preview())
        self.only.set_current(_ALL)
        self.assign.setChecked(False)
        self.reason.setCurrentIndex(0)
        self.hide()

    def handing(self) -> Handing:
        """Return what is to become of the tokens beyond the inventory."""
        if self.assign.isHidden() or not self.assign.isChecked():
            return Handing.NOTHING
        return Handing.ACTIVATE if self.activate.isChecked() else Handing.ASSIGN

    def reason_given(self) -> OverrideReason | None:
        """Return the one reason for all rows whose person needs one, where it was chosen."""
        chosen = self.reason.currentData()
        is_wanted = self.handing() is not Handing.NOTHING
        return chosen if is_wanted and isinstance(chosen, OverrideReason) else None

    def _count(self, notice: ImportNotice) -> None:
        for standing, count in notice.preview.counts().items():
            chip = self.chips[standing]
            chip.set_chip(counted(standing, count), standing_chip(standing)[1])
            chip.setVisible(count > 0)
        self.only.setVisible(bool(notice.preview.rows))

    def _offer(self, notice: ImportNotice) -> None:
        self._notice = notice
        people = notice.preview.people()
        self.upload.setVisible(notice.state in {ImportState.READY, ImportState.LOOKING})
        self.faults.setVisible(notice.preview.counts()[Standing.FAULTY] > 0)
        self.other.setVisible(notice.state is not ImportState.ASKING)  # which offers it above
        self.assign.setText(assign_words(people))
        self.people.setVisible(people > 0 and notice.state is ImportState.READY)
        self._offer_activation()
        self.view.has_people = people > 0
        self.view.fit()

    def _offer_activation(self) -> None:
        """What is not asked for is not there to be asked for by accident."""
        chosen = self.assign.isChecked()
        if not chosen:
            self.activate.setChecked(False)
        self.activate.setVisible(chosen)
        self.reason.setVisible(chosen)
        self.meaning.setVisible(chosen and self.activate.isChecked())
        self._offer_upload()

    def _offer_upload(self) -> None:
        """Say how many rows go, as things are chosen."""
        notice = self._notice
        going = notice.preview.going(self.handing())
        self._ready = notice.state is ImportState.READY and going > 0 and notice.lacks is None
        self.upload.set_words(upload_words(going), say("Ctrl+Enter"))
        self.upload.setEnabled(self._ready)

    def _narrow(self, key: str) -> None:
        only = None if key == _ALL else Standing(key)
        self.model.show_only(only)
        self.view.only_faults = only is Standing.FAULTY
        self.view.fit()

    def _want(self) -> None:
        if self._ready:
            self.wanted.emit(self.handing(), self.reason_given())
