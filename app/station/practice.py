"""The practice desk: pressing tokens and signing in where the tenant is an embedded one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.code import VerificationCode
from app.core.errors import DirectoryError
from app.core.practice import Practice, PracticeSet
from app.core.reading import TokenReading
from app.station.context import Notify
from app.station.notices import Notice


@dataclass(frozen=True, slots=True)
class PressedNotice(Notice):
    """A practice token was pressed and shows this code, or none where it could not be."""

    serial_number: str
    code: VerificationCode | None = None


@dataclass(frozen=True, slots=True)
class SignInPageNotice(Notice):
    """The practice sign-in page did not take what was filled in."""

    complaint: str


class PracticeDesk:
    """What a person without hardware uses instead of a token in the hand and a browser."""

    def __init__(self, practice: Practice, notify: Notify) -> None:
        """Offer the things of `practice`."""
        self._practice = practice
        self._notify = notify

    @property
    def things(self) -> PracticeSet:
        """Return what lies on the practice desk."""
        return self._practice.things

    def tapped(self, serial_number: str, now: datetime) -> TokenReading | None:
        """Return what a card reader would read of a practice token at `now`; None without chip."""
        token = next((t for t in self.things.tokens if t.serial_number == serial_number), None)
        if token is None or token.chip is None:
            return None
        clock = (now + timedelta(seconds=token.clock)).replace(microsecond=0)
        reading = TokenReading(token.chip, token.model, token.serial_number, clock)
        return reading.compared_with(now.replace(microsecond=0))

    async def press(self, serial_number: str) -> None:
        """Press a token's button and tell what it shows."""
        try:
            code = await self._practice.press(serial_number)
        except DirectoryError:
            self._notify(PressedNotice(serial_number))
        else:
            self._notify(PressedNotice(serial_number, code))

    async def sign_in(self, url: str, username: str, password: str) -> None:
        """Fill in the sign-in page that was opened at `url`; tell what it complains of."""
        complaint = await self._practice.fill_in(url, username, password)
        if complaint:
            self._notify(SignInPageNotice(complaint))
