"""The help's chapter on states, drawn from the table itself, so that it can never say otherwise.

A test holds the file in resources/help to it, and says how to draw it anew.
"""

from collections.abc import Iterable, Mapping

from app.core.enrollment import (
    DRAFT,
    ENDS,
    NEEDS_ATTENTION,
    OF_PASSES,
    RESTING,
    TRANSITIONS,
    UNDERWAY,
    WAITING,
    WATCHED,
    State,
    Target,
)
from app.core.events import (
    Accepted,
    CheckFailed,
    Event,
    FoundActivated,
    FoundAssigned,
    FoundElsewhere,
    FoundGone,
    FoundUnassigned,
    LookFailed,
    Lost,
    ModeChosen,
    NotRecorded,
    NotSent,
    Passed,
    PatienceEnded,
    PersonCleared,
    PersonPut,
    Proved,
    Recorded,
    Refused,
    Restarted,
    SeenActivated,
    SeenAssigned,
    SeenElsewhere,
    SeenGone,
    SeenListed,
    SeenUnassigned,
    StaysActivated,
    StaysAssigned,
    StaysElsewhere,
    StaysGone,
    StaysUnassigned,
    Stopped,
    Submitted,
    TokenCleared,
    TokenPut,
    TriedAgain,
    Withdrawn,
)
from app.core.model import Operation
from app.ui.wording.desk import state_word
from app.ui.wording.say import say

_DRAFTS: dict[State, str] = {
    State.EMPTY: "Nothing yet",
    State.HAS_TOKEN: "Token, no person",
    State.HAS_PERSON: "Person, no token",
    State.CHECKING: "Being checked",
    State.UNCHECKED: "Could not be checked",
    State.READY: "Ready to submit",
    State.AWAITING_CODE: "Waits for the code",
    State.AWAITING_TOKEN: "Waits for the token to be shown",
}

_EVENTS: dict[type[Event], str] = {
    TokenPut: "A token that the directory knows is put down",
    TokenCleared: "The token is taken off the card",
    PersonPut: "A person is put down",
    PersonCleared: "The person is taken off the card",
    ModeChosen: "Another mode is chosen",
    Passed: "The check finds nothing in the way",
    Stopped: "The check finds something in the way",
    CheckFailed: "The check cannot be made",
    Proved: "The right token is shown, or said to be lost or broken",
    Submitted: "The operator submits",
    Recorded: "The intent is on disk",
    NotRecorded: "The intent cannot be written down",
    Accepted: "The directory accepts",
    Refused: "The directory refuses",
    NotSent: "The request never reached the directory",
    Lost: "No whole answer comes back",
    SeenActivated: "The token is seen with the person, activated",
    SeenAssigned: "The token is seen with the person, not activated",
    SeenUnassigned: "The token is seen unassigned",
    SeenElsewhere: "The token is seen with somebody else",
    SeenGone: "The token is not seen in the inventory",
    SeenListed: "The token is seen in the inventory",
    LookFailed: "The directory cannot be read this time",
    StaysActivated: "After the last look: still the person's, activated",
    StaysAssigned: "After the last look: still the person's, not activated",
    StaysUnassigned: "After the last look: not assigned",
    StaysElsewhere: "After the last look: with somebody else",
    StaysGone: "After the last look: not in the inventory",
    FoundActivated: "Looked at again: the person's, activated",
    FoundAssigned: "Looked at again: the person's, not activated",
    FoundUnassigned: "Looked at again: not assigned",
    FoundElsewhere: "Looked at again: with somebody else",
    FoundGone: "Looked at again: not in the inventory",
    PatienceEnded: "After the last look: no clear answer",
    TriedAgain: "The operator asks for another try",
    Restarted: "The station starts again, or the network is back",
    Withdrawn: "The operator takes it back",
}

_REQUESTS: dict[Operation, str] = {
    Operation.ASSIGN: "assign",
    Operation.ASSIGN_AND_ACTIVATE: "assign and activate",
    Operation.ASSIGN_AND_ACTIVATE_BY_SERIAL: "assign and activate",
    Operation.ACTIVATE: "activate",
    Operation.DEACTIVATE: "deactivate",
    Operation.UNASSIGN: "remove",
    Operation.DELETE: "delete",
    Operation.CREATE: "add",
    Operation.CREATE_AND_ASSIGN: "add and assign",
}


def states_chapter() -> str:
    """Return the chapter as Markdown."""
    groups = (
        (say("Before anything is sent"), DRAFT),
        (say("On record, and waiting"), WAITING),
        (say("On its way; the station goes on by itself"), UNDERWAY),
        (say("Watched; the station looks on while the next code may be typed"), WATCHED),
        (say("At rest"), RESTING - OF_PASSES),
    )
    parts = [
        "# " + say("States of an enrollment"),
        say(
            "Every enrollment stands in one of these states. It leaves a state by what is listed "
            "there and by nothing else. Nothing is sent that is not on record, and nothing is "
            "called done that was not seen in the directory. What rests is looked at again, and "
            "corrected where the directory turns out to hold something else. This page is drawn "
            "from the program itself."
        ),
        *(part for title, states in groups for part in ("## " + title, _table(states))),
    ]
    return "\n\n".join(parts) + "\n"


def whole_state_word(state: State) -> str:
    """Return any state in a few words, that of a draft too."""
    return say(_DRAFTS[state]) if state in _DRAFTS else state_word(state)


def _table(states: frozenset[State]) -> str:
    heads = (say("It stands at"), say("What happens"), say("It comes to"))
    rows = [row for state in State if state in states for row in _rows(state)]
    return "\n".join(_row(cells) for cells in (heads, ("---",) * len(heads), *rows))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rows(state: State) -> list[tuple[str, str, str]]:
    """Return the rows of one state, its name beside the first alone."""
    name = f"**{whole_state_word(state)}**"
    if state in NEEDS_ATTENTION:
        name = say("{state}, needs attention", state=name)
    happens = [(say(_EVENTS[kind]), _goal(to)) for kind, to in TRANSITIONS[state].items()]
    happens = happens or [(say("Nothing more"), "")]
    return [("" if number else name, *row) for number, row in enumerate(happens)]


def _goal(target: Target) -> str:
    if isinstance(target, State):
        return whole_state_word(target)
    goals = _by_goal(target)
    if len(goals) == 1 and set(target) == set(ENDS):
        return whole_state_word(next(iter(goals)))
    return "; ".join(
        say("{state} (to {requests})", state=whole_state_word(goal), requests=", ".join(made))
        for goal, made in goals.items()
    )


def _by_goal(target: Mapping[Operation, State]) -> dict[State, list[str]]:
    """Return by state the requests that lead there, each named once."""
    goals: dict[State, list[str]] = {}
    for operation, goal in target.items():
        name, names = say(_REQUESTS[operation]), goals.setdefault(goal, [])
        if name not in names:
            names.append(name)
    return goals
