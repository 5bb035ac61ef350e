"""What the answer to a write says of it: accepted, refused, surely not sent, or nobody knows."""

from collections.abc import Awaitable

from app.core.certainty import surely_not_done
from app.core.errors import DirectoryError, Evidence, Forbidden, NotFound, Rejected, SignInError
from app.core.events import Accepted, Event, Lost, NotSent, Refused
from app.core.ports import Assignment, Clock


async def answer_of(write: Awaitable[Evidence | Assignment], clock: Clock) -> Event:
    """Await `write` and return the event that its answer, or the want of one, is."""
    try:
        told = await write
    except SignInError as error:
        return NotSent(at=clock.now(), error=error)
    except (Rejected, NotFound, Forbidden) as error:
        return Refused(at=clock.now(), error=error)
    except DirectoryError as error:
        kind = NotSent if surely_not_done(error) else Lost
        return kind(at=clock.now(), error=error)
    answer = told if isinstance(told, Assignment) else Assignment(told)
    return Accepted(at=clock.now(), evidence=answer.evidence, method=answer.method)
