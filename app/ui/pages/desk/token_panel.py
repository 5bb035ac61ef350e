"""The first card: which token is in the hand, and how it stands in the tenant."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.core.code import Drift, judge_drift
from app.core.enrollment import Enrollment, State
from app.core.errors import Forbidden
from app.core.model import Token, TokenStatus
from app.core.preflight import FindingKind
from app.core.reading import NeedsHelp, NotAToken
from app.core.rights import Feature, Standing
from app.core.scan import looks_like_box
from app.station.notices import CardState, DeskNotice, TokenCard
from app.ui.pages.desk.message import Message
from app.ui.pages.desk.serial_edit import SerialEdit
from app.ui.pages.desk.try_now import TryNow
from app.ui.widgets import (
    Card,
    ChipRow,
    FactGrid,
    Glyph,
    KeyHint,
    Mark,
    SerialLabel,
    Tone,
    Wrapped,
    text,
)
from app.ui.widgets.text import plain_tip
from app.ui.wording.chips import clock_meaning, clock_words, own_model, puzzle
from app.ui.wording.desk import (
    code_words,
    model_words,
    near_serial,
    near_words,
    source_word,
    status_word,
)
from app.ui.wording.keyboard import ctrl
from app.ui.wording.rights import refused
from app.ui.wording.say import say

_TONES = {
    TokenStatus.AVAILABLE: Tone.GOOD,
    TokenStatus.ASSIGNED: Tone.CAUTION,
    TokenStatus.ACTIVATED: Tone.CAUTION,
    TokenStatus.FAILED_ACTIVATION: Tone.CAUTION,
    TokenStatus.OTHER: Tone.NEUTRAL,
}
_DRIFTS = {
    Drift.FINE: Tone.GOOD,
    Drift.SIGN_IN_MAY_FAIL: Tone.CAUTION,
    Drift.REPLACE: Tone.BAD,
}
_TOKEN_BLOCKS = frozenset(
    {FindingKind.TOKEN_HELD, FindingKind.TOKEN_DUPLICATED, FindingKind.TOKEN_ACTIVE_HERE}
)


_UNJUDGED = frozenset({State.HAS_TOKEN, State.CHECKING, State.UNCHECKED})


class TokenPanel(Card):
    """Empty: what to scan. Filled: serial, state, model, code, holder."""

    serial_entered = Signal(str)
    near_chosen = Signal(str)
    """A near serial number that the operator takes for the one that was read."""
    asked = Signal()

    def __init__(self) -> None:
        super().__init__(say("Token"))
        self.edit = SerialEdit()
        self.edit.entered.connect(self.serial_entered)
        self._welcome = (
            Glyph("scanner", "muted", 40),
            text(say("Scan the token"), "title"),
            Wrapped(
                say("The barcode is on its back. Or lay it on the reader, or type its number."),
                role="muted",
            ),
        )
        self._puzzle = Message()
        self._serial = SerialLabel()
        self._chips = ChipRow()
        self._facts = FactGrid()
        self._known: list[tuple[str, str]] = []
        self._story: list[tuple[str, str]] = []
        self._hint = KeyHint(ctrl("T"), say("what can be done"))
        self._hint.clicked.connect(self.asked)
        self._hint.hide()
        self.add_header(self._hint)
        self._message = Wrapped(role="muted")
        self.try_now = TryNow()
        self.try_now.counted.connect(self._count)
        self._card = TokenCard()
        self._lacks: tuple[Standing, ...] = ()
        self._near = QWidget()
        self._near.setLayout(QVBoxLayout())
        self._near.hide()
        self._offered: tuple[str, ...] = ()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty_side())
        self._stack.addWidget(self._filled_side())
        self.body.addWidget(self._stack, 1)

    def _empty_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(10)
        for widget in (*self._welcome, self._puzzle, self.edit):
            column.addWidget(widget)
        column.addStretch(1)
        return side

    def _filled_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        message, near = (self._message, self.try_now), (self._near, self._facts)
        for widget in (self._serial, self._chips, *message, *near):
            column.addWidget(widget)
        column.addStretch(1)
        return side

    def open_entry(self) -> None:
        """Show the field for a serial number in place of the token and take the keys."""
        self._stack.setCurrentIndex(0)
        self.edit.setFocus()

    def show_story(self, facts: list[tuple[str, str]]) -> None:
        """Tell more of the token than the desk knows: its use, and who handed it out."""
        self._story = facts
        self._facts.set_facts([*self._known, *facts])

    def show_desk(self, notice: DeskNotice) -> None:
        """Render the card and what the preflight found about the token."""
        card = notice.token_card
        self._card, self._lacks = card, notice.lacks
        self.try_now.offer(card.error, card.retry_at)
        if card.state in {CardState.EMPTY, CardState.UNREAD}:
            self._show_empty(card)
            return
        self.edit.clear()
        self._stack.setCurrentIndex(1)
        self._serial.set_serial(card.serial_number)
        self._show_filled(notice)
        self.set_footer(source_word(card.source, pad=card.pad), "F2", say("another token"))

    def _show_empty(self, card: TokenCard) -> None:
        """Invite a token; where a card lies there that is none, say what it is."""
        self._offer(card)
        self._stack.setCurrentIndex(0)
        self._hint.hide()
        self._serial.set_serial("")  # what is hidden can still be read
        self.set_footer("")
        if isinstance(card.reading, NotAToken | NeedsHelp):
            self.set_mark(Mark.CAUTION, word=say("Not a token"))
            self._puzzle.set_message(Tone.CAUTION, puzzle(card.reading))
        else:
            self.set_mark(Mark.NUMBER, self.number, say("To be filled"))
            self._puzzle.clear()
        for widget in self._welcome:
            widget.setVisible(self._puzzle.isHidden())

    def _show_filled(self, notice: DeskNotice) -> None:
        card, enrollment = notice.token_card, notice.of_cards
        self._offer(card)
        token = enrollment.token if card.state is CardState.FOUND else None
        self._facts.setVisible(token is not None or bool(own_model(card.reading)))
        self._hint.setVisible(token is not None and token.holder is not None)
        self._message.setVisible(token is None)
        if token is not None:
            self._show_token(token, card, enrollment)
        else:
            self._know([(say("Says it is"), own_model(card.reading))])
            self._show_why(card, notice.lacks)

    def _offer(self, card: TokenCard) -> None:
        """Offer every near serial number, none before another; each is taken by one key."""
        column = self._near.layout()
        if card.suggestions == self._offered or column is None:
            return
        self._offered = card.suggestions
        while (item := column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if card.suggestions:
            column.addWidget(Wrapped(near_words(len(card.suggestions)), role="strong"))
        for number, serial in enumerate(card.suggestions, start=1):
            button = QPushButton(near_serial(card.serial_number, serial, number))
            button.setAccessibleName(say("Take {serial}", serial=serial))
            button.setShortcut(f"Alt+{number}")
            button.clicked.connect(partial(self.near_chosen.emit, serial))
            column.addWidget(button)
        self._near.setVisible(bool(card.suggestions))

    def _show_token(self, token: Token, card: TokenCard, enrollment: Enrollment) -> None:
        tone = _tone(token, enrollment)
        blocked = any(found.kind in _TOKEN_BLOCKS for found in enrollment.findings)
        if blocked and tone is Tone.GOOD:
            tone = Tone.CAUTION
        mark = {Tone.GOOD: Mark.GOOD, Tone.CAUTION: Mark.CAUTION}.get(tone, Mark.NUMBER)
        self.set_mark(mark, self.number, status_word(token.status))
        state = (status_word(token.status), tone)
        self._chips.set_chips([state, *_clock(card, token.interval)])
        self._chips.setToolTip(_clock_tip(card, token.interval))
        holder = token.holder.display_name or token.holder.id if token.holder else say("Nobody")
        self._know(
            [
                (say("Model"), model_words(token)),
                (say("Code"), code_words(token)),
                (say("Held by"), holder),
            ]
        )

    def _know(self, facts: list[tuple[str, str]]) -> None:
        self._known = facts
        self._facts.set_facts([*facts, *self._story])

    def _show_why(self, card: TokenCard, lacks: tuple[Standing, ...]) -> None:
        match card.state:
            case CardState.UNKNOWN:
                words = _unknown_words(card.serial_number)
                self._why(Mark.BAD, say("Not in this tenant"), Tone.BAD, words)
            case CardState.FAILED if card.error is not None:
                seconds = self.try_now.seconds()
                said = refused(card.error, lacks, Feature.READ_INVENTORY, seconds=seconds)
                barred = isinstance(card.error, Forbidden)  # its number is enough to hand it over
                mark, tone = (Mark.CAUTION, Tone.CAUTION) if barred else (Mark.BAD, Tone.BAD)
                self._why(mark, said.sentence, tone, said.advice)
            case _:
                self._why(Mark.NONE, say("Looking it up"), Tone.INFO, "")

    def _count(self) -> None:
        """Say how long it is until the next look-up."""
        if self._card.error is not None:
            seconds = self.try_now.seconds()
            error = self._card.error
            said = refused(error, self._lacks, Feature.READ_INVENTORY, seconds=seconds)
            self._message.setText(said.advice)

    def _why(self, mark: Mark, chip: str, tone: Tone, words: str) -> None:
        self.set_mark(mark, word=chip)
        self._chips.set_chips([(chip, tone)])
        self._message.setText(words)
        self._message.setVisible(bool(words))


def _tone(token: Token, enrollment: Enrollment) -> Tone:
    """Return how the state bears on this enrollment.

    Held by this very person is good, once the check has seen what that means.
    """
    person = enrollment.person
    if token.status is TokenStatus.FAILED_ACTIVATION:
        return Tone.CAUTION
    if person is not None and token.holder is not None and token.holder.id == person.id:
        return _TONES[token.status] if enrollment.state in _UNJUDGED else Tone.GOOD
    return _TONES[token.status]


def _clock(card: TokenCard, interval: int) -> list[tuple[str, Tone]]:
    """Return the chip that tells the token's clock, where the token has told it."""
    if card.drift is None:
        return []
    return [(clock_words(card.drift), _DRIFTS[judge_drift(card.drift, interval)])]


def _clock_tip(card: TokenCard, interval: int) -> str:
    return "" if card.drift is None else plain_tip(clock_meaning(card.drift, interval))


def _unknown_words(serial_number: str) -> str:
    """Return what to do about a number that the directory does not know."""
    if looks_like_box(serial_number):
        return say(
            "The directory does not know this number. It looks like the barcode of a box. Scan the "
            "barcode on the token itself."
        )
    return say(
        "The directory does not know this serial number. Compare it with the token. If it is "
        "right, the token has to be brought into the tenant first."
    )
