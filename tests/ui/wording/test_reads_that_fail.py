"""Where a look-up failed, no words promise the result of a change that was never requested."""

import pytest

from app.core.enrollment import Enrollment, State
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    NotUnderstood,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.model import Mode
from app.core.rights import Feature
from app.station.desk.notices import WhoseNotice
from app.station.notices import DeskNotice, PersonCard, TokenCard
from app.ui.models.choosing import whose_view
from app.ui.models.work import WorkView, work_view
from app.ui.wording.errors import Trouble, refused_code, trouble
from app.ui.wording.inventory import sync_trouble
from app.ui.wording.lane import outcome
from app.ui.wording.rights import refused

READ = Evidence("GET", "/beta/users")
KINDS = (AnswerLost, NotUnderstood, Throttled, Unavailable, Unreachable)
OF_A_WRITE = ("happened", "may have", "submitted", "result")


def an_enrollment(state: State, error: DirectoryError) -> Enrollment:
    return Enrollment("1", Mode.ASSIGN_AND_ACTIVATE, state=state, error=error)


def shown_of(enrollment: Enrollment) -> WorkView:
    return work_view(DeskNotice(enrollment, TokenCard(), PersonCard()))


def said_of_reads(error: DirectoryError) -> list[Trouble]:
    """What each place says where a read failed: cards, check, holdings, inventory, self-service."""
    unchecked = an_enrollment(State.UNCHECKED, error)
    return [
        refused(error, (), Feature.FIND_PEOPLE),
        refused(error, (), Feature.SEE_TOKENS),
        shown_of(unchecked).says[0][1],
        whose_view(WhoseNotice("123", error=error)).said,
        sync_trouble(error, ()),
        outcome(unchecked, "Ada")[1],
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_s12_words_of_a_read_speak_of_no_change(kind: type[DirectoryError]) -> None:
    for said in said_of_reads(kind(READ)):
        words = f"{said.sentence} {said.advice}".lower()
        assert not any(word in words for word in OF_A_WRITE), words
        assert "the station asks" not in words
        assert said.sentence.endswith(".")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (AnswerLost, "The directory did not answer."),
        (Throttled, "Too many requests."),
        (Unavailable, "The directory is not available at the moment."),
        (NotUnderstood, "The answer did not come from the directory."),
        (Unreachable, "The directory cannot be reached."),
    ],
)
def test_s12_every_place_says_the_same_of_a_read(kind: type[DirectoryError], sentence: str) -> None:
    assert {said.sentence for said in said_of_reads(kind(READ))} == {sentence}


def test_s12_a_write_whose_answer_was_lost_keeps_its_words() -> None:
    lost = AnswerLost(Evidence("POST", "/beta/assign"))
    assert "what happened" in trouble(lost).advice
    assert refused_code(lost) == trouble(lost)
    assert shown_of(an_enrollment(State.NOT_DONE, lost)).says[0][1] == trouble(lost)
