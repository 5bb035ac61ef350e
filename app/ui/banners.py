"""What is said over the pages: that all this is practice, what has just gone wrong, what has ended.

Three strips, from the back to the front: `banner` above everything, for what concerns everything;
over the top bar `ended`, with the advice to sign in again, and in front of it `alert`, which is
dismissed.
"""

from PySide6.QtWidgets import QWidget

from app.core.scan import LayoutGuess, RefusalKind
from app.core.skew import ClockState
from app.station.corrections import CorrectionNotice
from app.station.notices import CardNotice, ReadyNotice, ScanNotice, SessionNotice, TroubleNotice
from app.station.rights import RightsNotice
from app.station.timekeeper import ClockNotice
from app.ui.alert import Alert
from app.ui.widgets import Banner, Tone
from app.ui.wording.chips import puzzle
from app.ui.wording.desk import refusal_words
from app.ui.wording.errors import Trouble, trouble
from app.ui.wording.lifecycle import corrected
from app.ui.wording.rights import clock_words, rights_changed
from app.ui.wording.say import say
from app.ui.wording.signin import cleared, ended


class Banners:
    """The three strips, and which notice is said on which."""

    def __init__(self) -> None:
        self.banner = Banner()
        self.alert = Alert()
        self.ended = Alert()
        self._practice = False
        self._clock: ClockNotice | None = None
        self.alert.activated.connect(self.alert.clear_banner)

    def cover(self, widget: QWidget) -> None:
        """Lay two of the strips over `widget`, where they say something."""
        self.ended.cover(widget)
        self.alert.cover(widget)  # in front: it is dismissed, and then the other is seen again

    def warn(self, words: str, tone: Tone = Tone.BAD) -> None:
        """Say `words` until they are dismissed."""
        self.alert.set_banner(words, tone, say("Dismiss"), "Esc")

    def refuse(self, kind: RefusalKind, guess: LayoutGuess | None = None) -> None:
        """Say why a scan was not taken, and what it may have meant."""
        self.warn(refusal_words(kind, guess))

    def show_refusal(self, notice: ScanNotice) -> None:
        """Say why a scan fills no card."""
        self.refuse(notice.refused, notice.guess)

    def show_card(self, notice: CardNotice) -> None:
        """Say what lies on a reader while the token card is in use."""
        self._tell(puzzle(notice.reading))

    def show_trouble(self, notice: TroubleNotice) -> None:
        """Say what went wrong that belongs to no card."""
        self._tell(trouble(notice.error))

    def show_correction(self, notice: CorrectionNotice) -> None:
        """Say that an enrollment that had come to rest has turned out otherwise."""
        tone = Tone.CAUTION if notice.line.needs_attention else Tone.INFO
        self._tell(corrected(notice.line), tone)

    def show_rights(self, notice: RightsNotice) -> None:
        """Say what the operator may do from now on, or no longer."""
        worse = bool(notice.lost or notice.error)
        self._tell(rights_changed(notice), Tone.CAUTION if worse else Tone.INFO)

    def show_ended(self, notice: SessionNotice | None) -> None:
        """Advise to sign in again, or take the advice away."""
        if notice is None:
            self.ended.clear_banner()
        else:
            self.ended.set_banner(ended(notice.error), Tone.CAUTION, say("Sign in again"), "F10")

    def show_cleared(self, name: str) -> None:
        """Say to `name` that the work of somebody else was cleared from the desk."""
        self.warn(cleared(name))

    def show_ready(self, notice: ReadyNotice) -> None:
        """Say whether all this is practice."""
        self._practice = notice.practice is not None
        self._show_banner()

    def show_clock(self, notice: ClockNotice) -> None:
        """Say that this machine's clock is far off, while it is."""
        self._clock = notice if notice.state is ClockState.WRONG else None
        self._show_banner()

    def _tell(self, said: Trouble, tone: Tone = Tone.BAD) -> None:
        self.warn(f"{said.sentence} {said.advice}", tone)

    def _show_banner(self) -> None:
        """A clock that is far off goes before that this is practice."""
        if self._clock is not None:
            said = clock_words(self._clock)
            self.banner.set_banner(f"{said.sentence} {said.advice}", Tone.BAD)
        elif self._practice:
            words = say("Practice tenant. Nothing here reaches a real directory.")
            self.banner.set_banner(words, Tone.CAUTION)
        else:
            self.banner.clear_banner()
