"""M7: what lists and details say of a Temporary Access Pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.access_pass import AccessPass, PassOrder
from app.core.errors import Evidence, Rejected
from app.core.model import Operation
from app.core.pass_work import PassEvent, PassWork, ordered, passage
from app.core.record import Entry, PassFacts, lines
from app.core.states import State
from app.ui.models.history import happenings, story_text
from app.ui.wording.history import about_rows
from app.ui.wording.lifecycle import line_state, operation_name
from app.ui.wording.passes import lifetime_words, token_words
from tests.fakes.nouns import a_person, an_operator

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
WORK = PassWork("one", a_person(), PassOrder(480, once=False), AT)
MADE = AccessPass("new", AT, AT, 480, once=False)


def entries() -> tuple[Entry, ...]:
    sent = WORK.after(PassEvent.ACCEPTED, seen=MADE, shown=True)
    seen = sent.after(PassEvent.SEEN, seen=MADE)
    return (
        ordered(WORK, an_operator(), "Desk 1"),
        passage(sent, PassEvent.ACCEPTED, AT),
        passage(seen, PassEvent.SEEN, AT),
    )


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (10, "10 minutes"),
        (60, "1 hour"),
        (90, "90 minutes"),
        (480, "8 hours"),
        (1_440, "1 day"),
        (43_200, "30 days"),
    ],
)
def test_m7_a_lifetime_is_said_in_its_largest_unit(minutes: int, words: str) -> None:
    assert lifetime_words(minutes) == words


def test_m7_the_history_names_it_and_tells_all_but_its_value() -> None:
    (line,) = lines(entries())
    rows = dict(about_rows(line, "", "Desk 1"))
    assert rows["Asked for"] == operation_name(Operation.ISSUE_PASS)
    assert (rows["Valid for"], rows["Can be used"], rows["Pass shown"]) == (
        "8 hours",
        "Several times",
        "Yes",
    )
    assert not {"Token", "Handed over"} & set(rows)
    assert (token_words(line), line_state(line)) == ("Access pass", "Pass issued")
    assert [each.event for each in happenings(entries())] == [
        "Written down before it was sent",
        "The directory accepted the request",
        "The pass was seen in the directory",
    ]
    assert "pass_id: new" in story_text(entries())


def test_m7_the_state_tells_apart_what_was_refused_and_what_is_gone() -> None:
    refused = WORK.after(PassEvent.REFUSED, error=Rejected(Evidence(status=400)))
    (line,) = lines((entries()[0], passage(refused, PassEvent.REFUSED, AT)))
    assert line_state(line) == "No pass issued"
    accepted = replace(line, access_pass=PassFacts(60, once=True, shown=True))
    assert line_state(accepted) == "Pass no longer there"
    assert line_state(replace(line, state=State.UNSETTLED)) == "Pass may have been issued"
