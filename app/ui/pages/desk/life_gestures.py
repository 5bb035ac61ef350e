"""What is asked of the station for the life of a token: one method for each gesture."""

from collections.abc import Callable

from app.core.model import Operation, Person, Proof, Reason, Source, Token
from app.ui.bridge import Gesture


class LifeGestures:
    """Carries gestures to the station by way of `ask`."""

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        self._ask = ask

    def ask_whose(self, serial_number: str) -> None:
        """Ask whose a token is."""
        self._ask(lambda station: station.lookup.whose(serial_number))

    def ask_what(self, person: Person) -> None:
        """Ask what a person has."""
        self._ask(lambda station: station.lookup.holdings(person))

    def look_away(self) -> None:
        """Ask no longer."""
        self._ask(lambda station: station.lookup.look_away())

    def begin(self, operation: Operation, token: Token, person: Person) -> None:
        """Begin one request."""
        self._ask(lambda station: station.work.begin(operation, token, person))

    def swap(self, old: Token, person: Person, reason: Reason) -> None:
        """Prepare a replacement."""
        self._ask(lambda station: station.desk.swap(old, person, reason))

    def give_up_swap(self) -> None:
        """Prepare it no more."""
        self._ask(lambda station: station.desk.give_up_swap())

    def prove(self, text: str) -> None:
        """Show a token by its number that was typed."""
        self._ask(lambda station: station.input.scanned(text, Source.TYPED))

    def miss(self, proof: Proof) -> None:
        """Say why the token cannot be shown."""
        self._ask(lambda station: station.work.say_missing(proof))

    def confirm(self, digits: str) -> None:
        """Send what was previewed."""
        self._ask(lambda station: station.desk.submit(digits))

    def try_again(self) -> None:
        """Check again, or look into the directory again."""
        self._ask(lambda station: station.work.try_again())

    def cancel(self) -> None:
        """Leave what is in work."""
        self._ask(lambda station: station.work.cancel())

    def withdraw(self, enrollment_id: str) -> None:
        """Take back the second half of a replacement."""
        self._ask(lambda station: station.work.cancel())
        self._ask(lambda station: station.work.withdraw(enrollment_id))

    def open(self, enrollment_id: str) -> None:
        """Bring back an enrollment of the record."""
        self._ask(lambda station: station.resume(enrollment_id))

    def start_afresh(self) -> None:
        """Empty the desk for the next person."""
        self._ask(lambda station: station.desk.start_afresh())
