"""The practice dock's other half: tokens that can be pressed, a sign-in page that can be filled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.core.code import VerificationCode
from app.core.errors import DirectoryError
from app.core.model import Token
from app.core.practice import PracticeBadge, PracticeOperator, PracticeSet, PracticeToken
from app.core.reading import Family
from tests.fakes.sign_in import FakeSignIn
from tests.fakes.tenant import FakeTenant

OPERATOR = PracticeOperator("olu@example.com", "open sesame", "Usual operator")


@dataclass(slots=True)
class FakePractice:
    """Fulfils core.ports.Practice: what is pressed becomes the right code in the tenant."""

    tenant: FakeTenant
    sign_in: FakeSignIn
    operators: tuple[PracticeOperator, ...] = (OPERATOR,)
    pressed: list[str] = field(default_factory=list)
    error: DirectoryError | None = None
    """What a press raises, if anything."""

    @property
    def things(self) -> PracticeSet:
        tokens, people = self.tenant.tokens.values(), self.tenant.people.values()
        return PracticeSet(
            tuple(self._practice_token(t) for t in tokens),
            tuple(PracticeBadge(f"EMP{p.employee_id}", p.display_name) for p in people),
            self.operators,
        )

    async def press(self, serial_number: str) -> VerificationCode:
        """Show a code that no earlier press has shown."""
        if self.error is not None:
            raise self.error
        self.pressed.append(serial_number)
        code = f"{len(self.pressed):06d}"
        self.tenant.shows(self._device_id(serial_number), code)
        return VerificationCode(code)

    async def fill_in(self, url: str, username: str, password: str) -> str:
        known = {(operator.username, operator.password) for operator in self.operators}
        if (username, password) not in known:
            return "The user name or the password is not right."
        self.sign_in.complete()
        return ""

    async def truth(self, serial_number: str) -> Mapping[str, object]:
        token = self.tenant.tokens[self._device_id(serial_number)]
        return {
            "serialNumber": token.serial_number,
            "status": token.status.value,
            "assignedTo": token.holder.id if token.holder else None,
        }

    def _practice_token(self, token: Token) -> PracticeToken:
        """Only the first has a chip; its clock is five minutes ahead."""
        first = token.serial_number == "86590001"
        chip = Family.TOKEN2_OTP if first else None
        return PracticeToken(token.serial_number, token.model, token.interval, chip, 300.0)

    def _device_id(self, serial_number: str) -> str:
        tokens = self.tenant.tokens.values()
        return next(t.device_id for t in tokens if t.serial_number == serial_number)
