"""What the station tells of its self-service lane."""

from dataclasses import dataclass

from app.core.enrollment import Enrollment
from app.core.lane import LaneStep


@dataclass(frozen=True, slots=True)
class LaneNotice:
    """Where the person at the lane stands.

    `person` is their name once they have signed in. `seconds_left` says when the screen will be
    wiped, where that is to be shown; `signing_in` that a sign-in is in progress, and `again` that
    it is asked for once more, with the token kept. `code_anyway` tells that a station which assigns
    without a code asks for one, since this person may not look the token up.
    """

    step: LaneStep
    person: str = ""
    serial_number: str = ""
    enrollment: Enrollment | None = None
    seconds_left: int | None = None
    signing_in: bool = False
    again: bool = False
    code_anyway: bool = False
