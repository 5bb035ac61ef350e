"""What only the operator can tell about a file: a key, a password, columns, a time step.

A question that was asked stays until the file is put away, so that the next answer holds all
earlier ones. The key and the password are masked, are no longer in their fields once the file was
read, and go nowhere else.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.core.errors import SeedFileWrongKey
from app.core.model import HashFunction
from app.core.secret import Encoding, Secret
from app.core.seed import LONGEST_TEXT, Need, SeedOptions
from app.station.import_notices import ImportNotice, ImportState
from app.ui.pages.importing.columns_form import ColumnsForm
from app.ui.widgets import Card, PrimaryButton, SecondaryButton, Segmented, Wrapped, restyle
from app.ui.widgets.scrolled import Ground, Scrolled
from app.ui.widgets.text import displayable
from app.ui.wording.importing import (
    columns_untold,
    encoding_untold,
    hash_question,
    hash_untold,
    listed_columns,
    not_a_key,
)
from app.ui.wording.say import say
from app.ui.wording.seeds import lines_above, need, unknown_columns

_LONGEST_SECRET: Final = 256
_KEY_BYTES: Final = range(16, 33)
_UNTOLD: Final = ""
_ONE_QUESTION: Final = 130
_T = TypeVar("_T")


class Question(QWidget):
    """A sentence, how to answer it, and where to; hidden until it is asked."""

    def __init__(self, words: tuple[str, str], *fields: QWidget) -> None:
        super().__init__()
        self.sentence = Wrapped(words[0], role="strong")
        self.advice = Wrapped(words[1], role="smallmuted")
        row = QHBoxLayout()
        row.setSpacing(10)
        for each in fields:
            row.addWidget(each, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.sentence)
        column.addWidget(self.advice)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()


class Fitting(Scrolled):
    """As high as what it shows, and scrolled where there is less room."""

    def __init__(self, content: QWidget, name: str) -> None:
        super().__init__(content, name)
        self._content = content
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        content.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the content when a question comes or goes."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A wider one needs fewer lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The content, at the width there is."""
        width = max(self.viewport().width(), 1)
        layout = self._content.layout()
        if layout is not None and layout.hasHeightForWidth():
            return QSize(width, layout.heightForWidth(width))
        return QSize(width, self._content.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for one question."""
        return QSize(0, min(_ONE_QUESTION, self.sizeHint().height()))


class AskPanel(Card):
    """Tells `answered` with everything that was told, and `put_away` where nothing will be."""

    answered = Signal(object)
    put_away = Signal()

    def __init__(self) -> None:
        super().__init__(say("What the file does not tell"))
        self.key = _masked(say("Key of the file"))
        self.password = _masked(say("Password of the file"))
        self.columns = ColumnsForm()
        self.interval = Segmented(
            say("Time step"), (("30", say("&30 seconds")), ("60", say("&60 seconds")))
        )
        self.encoding = Segmented(
            say("How secrets are written"),
            (
                (_UNTOLD, say("Not told")),
                (Encoding.BASE32.name, say("&Base32")),
                (Encoding.HEX.name, say("He&xadecimal")),
                (Encoding.BASE64.name, say("Base&64")),
                (Encoding.TEXT.name, say("Plain te&xt")),
            ),
        )
        self.hash = Segmented(
            say("Hash"),
            (
                (_UNTOLD, say("Not told")),
                (HashFunction.SHA1.name, "SHA-1"),
                (HashFunction.SHA256.name, "SHA-256"),
            ),
        )
        self.manufacturer = _line(say("Manufacturer"))
        self.model = _line(say("Model"))
        self.go_on = PrimaryButton(say("&Read the file"), say("Enter"))
        self.other = SecondaryButton(say("&Other file"))
        self.buttons = QWidget()
        self.complaint = Wrapped(role="strong")
        self.questions = self._questions()
        self._asked: set[Need] = set()
        self._open: frozenset[Need] = frozenset()
        self._lay_out()
        self._wire()
        self.hide()

    def _questions(self) -> dict[Need, Question]:
        fields: dict[Need, tuple[QWidget, ...]] = {
            Need.KEY: (self.key,),
            Need.PASSWORD: (self.password,),
            Need.MAPPING: (self.columns,),
            Need.ENCODING: (self.encoding,),
            Need.HASH: (self.hash,),
            Need.INTERVAL: (self.interval,),
            Need.MAKER: (self.manufacturer, self.model),
        }
        return {asked: Question(need(asked), *parts) for asked, parts in fields.items()}

    def _lay_out(self) -> None:
        restyle(self.complaint, tone="bad")
        self.complaint.hide()
        content = Ground()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(14)
        for question in self.questions.values():
            column.addWidget(question)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.area = Fitting(content, say("What the file does not tell"))
        self.body.addWidget(self.area)
        self.body.addWidget(self.complaint)
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.go_on)
        row.addWidget(self.other)
        self.body.addWidget(self.buttons)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _wire(self) -> None:
        for edit in (self.key, self.password, self.manufacturer, self.model):
            edit.returnPressed.connect(self.answer)
        self.go_on.clicked.connect(self.answer)
        self.hash.chosen.connect(self._hash_chosen)
        self.other.clicked.connect(self.put_away)

    @property
    def asks(self) -> bool:
        """Tell whether the file waits for an answer."""
        return self.isVisible() and self.buttons.isVisible()

    def show_file(self, notice: ImportNotice) -> None:
        """Ask what is missing; after a wrong key ask for it again."""
        again = isinstance(notice.error, SeedFileWrongKey)
        asks = notice.state is ImportState.ASKING or again
        fresh = notice.needs - self._asked
        self._asked |= fresh
        self._open = notice.needs if asks else frozenset()
        if Need.MAPPING in self._open:
            self._ask_for_columns(notice)
        if Need.HASH in self._open:
            sentence = hash_question(notice.long_secrets)
            self.questions[Need.HASH].sentence.setText(sentence)
        for asked, question in self.questions.items():
            question.setVisible(asked in self._asked)
        self.buttons.setVisible(bool(asks))
        self.setVisible(bool(asks))
        if asks and (fresh or again or Need.MAPPING in self._open):
            self._go_to_first(again)
        if notice.state in {ImportState.READY, ImportState.UPLOADING}:
            self._empty()

    def forget(self) -> None:
        """Ask nothing, and hold nothing that was typed."""
        self._asked.clear()
        self._empty()
        self.manufacturer.clear()
        self.model.clear()
        self.hash.set_current(_UNTOLD)
        self.encoding.set_current(_UNTOLD)
        self.complaint.hide()
        self.hide()

    def answer(self) -> None:
        """Tell what was typed, where it can be an answer."""
        options = self._options()
        if options is None:
            return
        self.complaint.hide()
        self.answered.emit(options)

    def _hash_chosen(self) -> None:
        """Where nothing else is asked, the choice is the answer."""
        if self.isVisible() and self._open == {Need.HASH} and self.hash.current() != _UNTOLD:
            self.answer()

    def _ask_for_columns(self, notice: ImportNotice) -> None:
        """Ask about all columns, or about those that are not understood."""
        self.columns.offer(notice.columns, notice.mapping, notice.unknown)
        question = self.questions[Need.MAPPING]
        words = need(Need.MAPPING)
        if notice.titles and not notice.unknown:
            words = lines_above(notice.titles)
        if notice.unknown:
            names = displayable(listed_columns(notice.unknown, notice.columns))
            words = unknown_columns(names, len(notice.unknown))
        question.sentence.setText(words[0])
        question.advice.setText(words[1])

    def _options(self) -> SeedOptions | None:
        """Return everything that was told; say what is wrong where something is."""
        key = self._told(Need.KEY, lambda: _key(self.key.text()))
        mapping = self._told(Need.MAPPING, self.columns.mapping)
        if Need.KEY in self._asked and key is None:
            self._complain(not_a_key(), self.key)
            return None
        if Need.MAPPING in self._asked and mapping is None:
            self._complain(columns_untold(), self.columns.first_open())
            return None
        chosen, how = self.hash.current(), self.encoding.current()
        if Need.HASH in self._asked and chosen == _UNTOLD:
            self._complain(hash_untold(), self.hash)
            return None
        if Need.ENCODING in self._asked and how == _UNTOLD:
            self._complain(encoding_untold(), self.encoding)
            return None
        return SeedOptions(
            key=key,
            password=self._told(Need.PASSWORD, lambda: Secret(self.password.text().encode())),
            mapping=mapping,
            encoding=Encoding[how] if how != _UNTOLD else None,
            interval=self._told(Need.INTERVAL, lambda: int(self.interval.current())),
            hash_function=HashFunction[chosen] if chosen != _UNTOLD else None,
            manufacturer=self.manufacturer.text().strip(),
            model=self.model.text().strip(),
        )

    def _told(self, asked: Need, value: Callable[[], _T | None]) -> _T | None:
        return value() if asked in self._asked else None

    def _complain(self, words: str, field: QWidget) -> None:
        self.complaint.setText(words)
        self.complaint.show()
        field.setFocus()

    def _go_to_first(self, again: bool) -> None:
        """Put the cursor where the answer is typed; a wrong key is typed anew."""
        firsts: dict[Need, QWidget] = {
            Need.KEY: self.key,
            Need.PASSWORD: self.password,
            Need.MAPPING: self.columns.first_open(),
            Need.MAKER: self.manufacturer,
        }
        found = (field for asked, field in firsts.items() if asked in self._asked)
        field = next(found, self.go_on)
        field.setFocus()
        if again and isinstance(field, QLineEdit):
            field.selectAll()

    def _empty(self) -> None:
        self.key.clear()
        self.password.clear()


def _masked(name: str) -> QLineEdit:
    edit = _line(name)
    edit.setEchoMode(QLineEdit.EchoMode.Password)
    edit.setMaxLength(_LONGEST_SECRET)
    return edit


def _line(name: str) -> QLineEdit:
    edit = QLineEdit()
    edit.setAccessibleName(name)
    edit.setPlaceholderText(name)
    edit.setMaxLength(LONGEST_TEXT)
    return edit


def _key(text: str) -> Secret | None:
    """Return the key that `text` writes in hexadecimal, or None."""
    dense = "".join(text.split())
    try:
        raw = bytes.fromhex(dense)
    except ValueError:
        return None
    return Secret(raw) if len(raw) in _KEY_BYTES else None
