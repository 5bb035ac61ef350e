"""The check-up in the window: all examinations at once, told as they end, with this session."""

from dataclasses import dataclass

from app.core.checkup import Finding, in_order
from app.core.model import Operator
from app.station.account import Account, read_operator
from app.station.context import StationContext
from app.station.examining import examine
from app.station.notices import Notice
from app.station.tasks import Tasks

_WORK = "checkup"


@dataclass(frozen=True, slots=True)
class CheckupNotice(Notice):
    """What a check-up has found so far, in the order of the report, and how much it will find."""

    findings: tuple[Finding, ...]
    expected: int

    @property
    def over(self) -> bool:
        """Whether everything is known."""
        return len(self.findings) == self.expected


class Checkup:
    """Examines the machine, the way to the cloud and the session; one run at a time."""

    def __init__(self, context: StationContext) -> None:
        """Look at nothing yet."""
        self._context = context
        self._checks = context.ports.checks
        self._directory = context.ports.directory
        self._sign_in = context.ports.sign_in
        self._notify = context.tell
        self._tasks = Tasks()

    async def run(self) -> None:
        """Begin from the start, in place of a run that is under way."""
        self._tasks.start(_WORK, self._run())

    async def close(self) -> None:
        """Stop looking."""
        await self._tasks.stop_all()

    async def _run(self) -> None:
        account = Account(self._directory, self._sign_in, self._who)
        examinations = (*self._checks, *account.examinations())
        found: list[Finding] = []

        def tell(finding: Finding) -> None:
            found.append(finding)
            self._notify(CheckupNotice(in_order(found), len(examinations)))

        self._notify(CheckupNotice((), len(examinations)))
        await examine(examinations, tell)

    async def _who(self) -> Operator | None:
        if self._context.operator is None:
            return None
        return await read_operator(self._directory, self._sign_in)
