"""What is asked for in a first run: tenant, application and cloud, and what became of them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.cloud import Cloud
from app.core.errors import OathdeskError
from app.core.tenancy import Flaw, Typed
from app.station.first_run import FirstRunNotice, FirstRunSettings, Step
from app.ui.pages.desk.message import Message
from app.ui.widgets import (
    Card,
    EvidencePanel,
    PrimaryButton,
    SecondaryButton,
    Segmented,
    Tone,
    Wrapped,
    text,
)
from app.ui.widgets.scrolled import Scrolled
from app.ui.wording import first_run as words
from app.ui.wording.errors import Trouble, evidence_rows
from app.ui.wording.say import say

_LONGEST = 300
_EDGE = 8
"""Pixels that are shown beyond what is scrolled to."""

_TENANT_FLAWS = frozenset({Flaw.TENANT_MISSING, Flaw.TENANT_UNLIKE})
_BUSY = frozenset({Step.CHECKING, Step.SAVING, Step.SAVED})


class FormPanel(Card):
    """Tells `changed` with whatever is typed, `wanted` for a check and `saved` to write it."""

    changed = Signal()
    wanted = Signal()
    saved = Signal()
    demo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(say("Set up this station"))
        self.tenant = _line(say("Tenant"), "contoso.com")
        self.client = _line(say("Application (client) ID"), "66666666-7777-8888-9999-aaaaaaaaaaaa")
        self.cloud = Segmented(say("Cloud"), words.cloud_choices())
        self.fixed = Message()
        self.message = Message()
        self.evidence = EvidencePanel(say("Copy"), say("Details for your administrator"))
        self.check = PrimaryButton(say("Check the tenant"), "Enter")
        self.save = PrimaryButton(say("Save and start"), "Enter")
        self.save_unchecked = SecondaryButton(say("Save anyway"))
        self.demo = SecondaryButton(say("Try the demo"), key="F6")
        self._told_flaw = False
        self._touched = False
        self._lay_out()
        self._wire()
        self._offer(Step.TYPING, savable=False)
        self.demo.hide()
        self.evidence.hide()

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(Wrapped(words.lead(), "muted"))
        column.addWidget(self.fixed)
        for label, part in (
            (say("Tenant: its ID, or a domain name such as contoso.com"), self.tenant),
            (say("Application (client) ID"), self.client),
            (say("Cloud"), self.cloud),
        ):
            column.addWidget(text(label, "smallmuted"))
            column.addWidget(part)
        column.addWidget(self.message)
        column.addWidget(self.evidence)
        column.addLayout(_row(self.check, self.save))
        column.addLayout(_row(self.save_unchecked, self.demo))
        column.addStretch(1)
        self.area = Scrolled(content, say("Set up this station"))
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # whatever gets it is brought in sight
        self.body.addWidget(self.area, 1)

    def _wire(self) -> None:
        for edit in (self.tenant, self.client):
            edit.textEdited.connect(self._edited)
        self.cloud.chosen.connect(self._edited)
        self.check.clicked.connect(self._check)
        self.save.clicked.connect(self.saved)
        self.save_unchecked.clicked.connect(self.saved)
        self.demo.clicked.connect(self.demo_wanted)
        self.area.verticalScrollBar().rangeChanged.connect(self._keep_in_sight)

    def typed(self) -> Typed:
        """Return what is typed now."""
        return Typed(self.tenant.text(), self.client.text(), Cloud(self.cloud.current()))

    def begin(self, settings: FirstRunSettings) -> None:
        """Learn what is configured so far; what was typed already stays."""
        self.set_footer(words.written_to(settings.file))
        self.demo.setVisible(settings.demo)
        if not self._touched:
            self._choose(settings.cloud)
        if settings.fixed:
            self.fixed.set_message(Tone.CAUTION, words.fixed_words(settings.fixed))
        else:
            self.fixed.clear()

    def rest(self) -> None:
        """Say nothing of what was found; what is typed stays."""
        self._told_flaw = False
        self.message.clear()
        self.evidence.hide()
        self._offer(Step.TYPING, savable=False)

    def show_progress(self, notice: FirstRunNotice, asked: Cloud) -> None:
        """Render how far the check or the writing is; `asked` is the cloud it was asked of."""
        match notice.step:
            case Step.CHECKING:
                self.tell(Tone.INFO, words.checking())
            case Step.FOUND if notice.found is not None:
                self._choose(notice.found.cloud)
                plain = notice.found.cloud.documents_hardware_oath
                said = words.found_words(notice.found, asked)
                self.tell(Tone.GOOD if plain else Tone.CAUTION, said)
            case Step.FAILED if notice.error is not None:
                said = words.failed_words(notice.error, savable=notice.savable)
                self.tell(Tone.BAD, said, notice.error)
            case Step.SAVING | Step.SAVED:
                self.tell(Tone.INFO, words.saving())
            case _:
                pass
        self._offer(notice.step, savable=notice.savable, checked=notice.found is not None)

    def tell(self, tone: Tone, said: Trouble, error: OathdeskError | None = None) -> None:
        """Say `said`, with the evidence of `error` below."""
        self._told_flaw = False
        self.message.set_message(tone, said)
        rows = evidence_rows(error)
        self.evidence.set_evidence(rows)
        self.evidence.setVisible(bool(rows))

    def go_on(self) -> None:
        """Do what Enter means now: save what was found, else check what is typed."""
        for button in (self.save, self.check):
            if button.isVisible() and button.isEnabled():
                button.click()
                return

    def focus(self) -> None:
        """Put the focus where the next thing is to be done."""
        first = next((edit for edit in (self.tenant, self.client) if not edit.text()), None)
        (first or (self.save if self.save.isVisible() else self.check)).setFocus()

    def _offer(self, step: Step, *, savable: bool, checked: bool = False) -> None:
        """Offer what can be done at `step`."""
        self.save.setVisible(savable and checked)
        self.check.setVisible(not (savable and checked))
        self.save_unchecked.setVisible(savable and not checked)
        self.check.setEnabled(step not in _BUSY)
        for part in (self.tenant, self.client, self.cloud):
            part.setEnabled(step not in {Step.SAVING, Step.SAVED})

    def _keep_in_sight(self) -> None:
        """Scroll to what has the focus, where more is said than there is room for."""
        focused = QApplication.focusWidget()
        if focused is not None and self.area.isAncestorOf(focused):
            self.area.ensureWidgetVisible(focused, 0, _EDGE)

    def _choose(self, cloud: Cloud) -> None:
        """Choose a cloud that nobody chose by hand."""
        self.cloud.blockSignals(True)
        self.cloud.set_current(cloud.value)
        self.cloud.blockSignals(False)

    def _edited(self, _what: str) -> None:
        """Let what was said of something else go; a flaw that was told is looked at again."""
        self._touched = True
        self._offer(Step.TYPING, savable=False)
        flaws = self.typed().flaws if self._told_flaw else ()
        if flaws:
            self._tell_flaw(flaws[0])
        else:
            self._told_flaw = False
            self.message.clear()
            self.evidence.hide()
        self.changed.emit()

    def _check(self) -> None:
        flaws = self.typed().flaws
        if not flaws:
            self.wanted.emit()
            return
        self._tell_flaw(flaws[0])
        wrong = self.tenant if flaws[0] in _TENANT_FLAWS else self.client
        wrong.setFocus(Qt.FocusReason.OtherFocusReason)
        wrong.selectAll()

    def _tell_flaw(self, flaw: Flaw) -> None:
        self.tell(Tone.CAUTION, words.flaw_words(flaw))
        self._told_flaw = True


def _row(*buttons: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def _line(name: str, example: str) -> QLineEdit:
    edit = QLineEdit()
    edit.setAccessibleName(name)
    edit.setPlaceholderText(example)
    edit.setMaxLength(_LONGEST)
    return edit
