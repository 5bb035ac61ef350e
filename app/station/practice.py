"""The practice desk: pressing tokens and signing in where the tenant is an embedded one."""

from app.core.errors import DirectoryError
from app.core.ports import Practice, PracticeSet
from app.station.notices import PressedNotice, SignInPageNotice
from app.station.setup import Notify


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
