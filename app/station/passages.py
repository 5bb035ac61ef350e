"""Takes one token's enrollment from state to state and writes each passage down.

For work that is not looked at one by one: who sends, and who looks into the directory and when, is
the caller's. The intent is on disk before anything is sent; where a later passage cannot be written
the work goes on, because the request is out and the truth is in the directory, and the recorder
writes it once the record can be written.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from app.core.enrollment import Enrollment, advance
from app.core.errors import Evidence
from app.core.events import Event, Recorded, Submitted
from app.core.model import Operator
from app.core.record import intent, passage
from app.station.answering import answer_of
from app.station.context import StationContext
from app.station.recorder import Recorder

Send = Callable[[], Awaitable[Evidence]]


class Passages:
    """Submits enrollments and passes them on, under the name of the desk.

    `patience` are the seconds before each look that reads back what was sent.
    """

    def __init__(self, context: StationContext, recorder: Recorder) -> None:
        """Carry nothing yet."""
        self.patience = context.settings.patience.delays
        self._recorder = recorder
        self._clock = context.clock
        self._desk = context.settings.name

    async def submit(self, enrollment: Enrollment, operator: Operator, send: Send) -> Enrollment:
        """Record the intent, send, and return what the answer made of it.

        Raises LedgerError where the intent cannot be written: then nothing was sent. A row of a job
        is submitted again by its job; anything else is listed as an attempt.
        """
        submitted = advance(enrollment, Submitted(at=self._now()))
        entry = intent(submitted, operator, self._desk, self._now())
        await (self._recorder.write if enrollment.job else self._recorder.submit)(entry)
        recorded = advance(submitted, Recorded(at=self._now()))
        return await self.go_on(recorded, await answer_of(send(), self._clock))

    async def go_on(self, enrollment: Enrollment, event: Event) -> Enrollment:
        """Return the enrollment after `event`; a change of its state is written down."""
        after = advance(enrollment, event)
        if after.state is not enrollment.state:
            await self._recorder.keep(passage(after, self._now()))
        return after

    def _now(self) -> datetime:
        return self._clock.now()
