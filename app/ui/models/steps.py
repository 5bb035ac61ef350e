"""The course of one enrollment as steps to show, worked out from its trail."""

from datetime import datetime

from app.clock import local
from app.core.enrollment import DRAFT, SUCCESS, Enrollment, State
from app.core.model import Mode
from app.ui.widgets.timeline import Step, StepState
from app.ui.wording.lifecycle import proof_word
from app.ui.wording.say import say

_CHECKED = frozenset({State.READY, State.AWAITING_CODE, State.AWAITING_TOKEN}) | (
    frozenset(State) - DRAFT
)
_SUBMITTED = frozenset(State) - DRAFT - {State.RECORDING, State.SUBMITTING, State.UNRECORDED}
_WORDS = {
    StepState.DONE: "Done",
    StepState.CURRENT: "Now",
    StepState.WAITING: "To come",
    StepState.FAILED: "Failed",
    StepState.ATTENTION: "Needs attention",
}


def steps(enrollment: Enrollment) -> list[Step]:
    """Return the steps of `enrollment`, the present one marked."""
    given = enrollment.mode is Mode.ASSIGN_AND_ACTIVATE and not enrollment.takes_back
    code = [_code(enrollment)] if given else []
    proof = [_proof(enrollment)] if enrollment.takes_back else []
    return [_check(enrollment), *code, *proof, _submit(enrollment), _confirm(enrollment)]


def _step(title: str, state: StepState, detail: str = "") -> Step:
    return Step(title, detail, state, say(_WORDS[state]))


def _at(enrollment: Enrollment, *states: State) -> str:
    """Return the desk's local time at which the enrollment last came to one of `states`."""
    moments = [passage.at for passage in enrollment.trail if passage.state in states]
    return _clock(moments[-1]) if moments else ""


def _clock(moment: datetime) -> str:
    return local(moment).strftime("%H:%M:%S")


def _check(enrollment: Enrollment) -> Step:
    match enrollment.state:
        case State.EMPTY | State.HAS_TOKEN | State.HAS_PERSON:
            return _step(say("Token and person"), StepState.CURRENT, say("To be scanned and found"))
        case State.CHECKING:
            return _step(say("Checking token and person"), StepState.CURRENT)
        case State.BLOCKED:
            return _step(
                say("Something stands in the way"),
                StepState.ATTENTION,
                say("Nothing was sent"),
            )
        case State.UNCHECKED:
            return _step(say("Could not be checked"), StepState.FAILED, say("Nothing was sent"))
        case _:
            time = _at(enrollment, State.READY, State.AWAITING_CODE, State.AWAITING_TOKEN)
            detail = say("{time}, nothing stands in the way", time=time) if time else ""
            return _step(say("Token and person checked"), StepState.DONE, detail)


def _code(enrollment: Enrollment) -> Step:
    match enrollment.state:
        case State.AWAITING_CODE:
            return _step(
                say("Waiting for the code"), StepState.CURRENT, say("The six digits on the token")
            )
        case State.HALF_DONE:
            return _step(
                say("Waiting for another code"), StepState.ATTENTION, say("The token is assigned")
            )
        case state if state in DRAFT:
            return _step(say("Code from the token"), StepState.WAITING)
        case _:
            return _step(say("Code typed"), StepState.DONE, _at(enrollment, State.RECORDING))


def _proof(enrollment: Enrollment) -> Step:
    if enrollment.proof is not None:
        return _step(say("Token shown"), StepState.DONE, proof_word(enrollment.proof))
    if enrollment.state is State.AWAITING_TOKEN:
        words = say("Waiting for the token"), say("The right one has to be in the hand")
        return _step(words[0], StepState.CURRENT, words[1])
    return _step(say("Show the token"), StepState.WAITING)


def _submit(enrollment: Enrollment) -> Step:
    match enrollment.state:
        case State.RECORDING | State.SUBMITTING:
            return _step(say("Submitting to the directory"), StepState.CURRENT)
        case State.UNRECORDED:
            return _step(say("Could not be recorded"), StepState.FAILED, say("Nothing was sent"))
        case State.NOT_DONE | State.AFTER_REFUSAL:
            unchanged = enrollment.state is State.NOT_DONE
            detail = say("Nothing was changed") if unchanged else ""
            return _step(say("Not accepted by the directory"), StepState.FAILED, detail)
        case State.RESOLVING | State.UNSETTLED if enrollment.error is not None:
            return _step(say("Submitted, the answer is missing"), StepState.ATTENTION)
        case state if state in _SUBMITTED:
            return _step(
                say("Submitted to the directory"),
                StepState.DONE,
                _at(enrollment, State.CONFIRMING, State.RESOLVING),
            )
        case _:
            return _step(say("Submit to the directory"), StepState.WAITING)


def _confirm(enrollment: Enrollment) -> Step:
    match enrollment.state:
        case State.CONFIRMING | State.RESOLVING | State.AFTER_REFUSAL:
            refused = enrollment.state is State.AFTER_REFUSAL
            why = say("Whether anything was changed") if refused else say("Until it agrees")
            return _step(say("Asking the directory"), StepState.CURRENT, why)
        case state if state in SUCCESS:
            return _step(
                say("Confirmed by the directory"),
                StepState.DONE,
                _at(enrollment, *SUCCESS),
            )
        case State.HALF_DONE:
            return _step(
                say("Assigned, not activated"),
                StepState.ATTENTION,
                _at(enrollment, State.HALF_DONE),
            )
        case State.TAKEN:
            return _step(say("Held by somebody else"), StepState.FAILED)
        case State.UNSETTLED:
            return _step(say("Not confirmed yet"), StepState.ATTENTION, say("Look again"))
        case _:
            return _step(say("Confirmed by the directory"), StepState.WAITING)
