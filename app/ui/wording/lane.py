"""What the self-service lane says, to somebody who has never seen it and stands there alone."""

from app.core.enrollment import Enrollment, State
from app.core.errors import Forbidden, NotFound, Rejected, SignInError, SignInExpired
from app.core.lane import is_done, may_check_again, may_go_on
from app.core.model import Mode
from app.core.preflight import Finding, FindingKind, Severity
from app.core.signin import SignInMethod
from app.ui.widgets.tone import Tone
from app.ui.wording.errors import Trouble, read_trouble, trouble
from app.ui.wording.say import say

_DESK = "Ask at the security desk. They can see more than this screen may."

_ACTIVATE = (
    "It does not work yet. Activate it on your Security info page, or ask at the security desk."
)

_NOT_ASSIGNED = (
    "The token may belong to somebody else, or hardware tokens may not be allowed for you. Ask at "
    "the security desk."
)

_REFUSED_OFTEN = (
    "The code was refused several times. The token may belong to somebody else, or "
    "hardware tokens may not be allowed for you. Ask at the security desk."
)

_FINDINGS: dict[FindingKind, tuple[str, str]] = {
    FindingKind.PERSON_AT_LIMIT: (
        "You have as many tokens and authenticator apps as one person may have.",
        "Remove one that you no longer use, or ask at the security desk.",
    ),
    FindingKind.TOKEN_ACTIVE_HERE: (
        "This token is yours already, and it works.",
        "There is nothing left to do.",
    ),
    FindingKind.TOKEN_ASSIGNED_HERE: ("This token is yours already.", _ACTIVATE),
    FindingKind.TOKEN_HELD: ("This token belongs to somebody else.", _DESK),
    FindingKind.TOKEN_UNKNOWN: (
        "The directory does not know this token.",
        "Compare the serial number with the one printed on it, or ask at the desk.",
    ),
    FindingKind.TOKEN_UNDERWAY: (
        "This token was sent a moment ago and is still being confirmed.",
        "Wait a moment, then try again.",
    ),
    FindingKind.SCOPE_MISSING: (
        "This station is not permitted to do that for you.",
        "An administrator has to consent to the permission {about} once.",
    ),
}

_RESTS: dict[State, tuple[str, str]] = {
    State.TAKEN: ("This token belongs to somebody else.", _DESK),
    State.UNSETTLED: (
        "It was sent, but the directory has not confirmed it yet.",
        "Try again in a minute, or ask at the security desk. Nothing will be done twice.",
    ),
    State.HALF_DONE: (
        "The token is yours, but it does not work yet.",
        "No code was accepted. Ask at the security desk; they can finish it.",
    ),
    State.AFTER_REFUSAL: ("The code was not accepted.", _REFUSED_OFTEN),
    State.NOT_DONE: (
        "It did not work.",
        _REFUSED_OFTEN,
    ),
}


_REFUSED = frozenset({State.NOT_DONE, State.AFTER_REFUSAL})


def names_of_steps() -> tuple[str, str, str]:
    """Return what the three steps are called."""
    return say("Sign in"), say("Show the token"), say("Type its code")


def way_in(methods: tuple[SignInMethod, ...], serial_number: str, *, again: bool) -> Trouble:
    """Return heading and lead of the first step."""
    if not set(methods) - {SignInMethod.CERTIFICATE}:
        return Trouble(
            say("Nobody can sign in here"),
            say("No way to sign in is available. Your administrator can configure one."),
        )
    if again:
        return Trouble(
            say("Please confirm that it is still you"),
            say(
                "The directory wants a fresh sign-in before it changes anything. Your token "
                "{serial} is kept.",
                serial=serial_number,
            ),
        )
    if serial_number:
        lead = "Your token {serial} is kept. It will be registered for you."
        return Trouble(say("Sign in with your own account"), say(lead, serial=serial_number))
    return Trouble(
        say("Register your hardware token"),
        say("Sign in with your own account. Then show the token, and type the code it displays."),
    )


def show_token() -> Trouble:
    """Return heading and lead of the second step."""
    return Trouble(
        say("Show your token"),
        say(
            "Hold its barcode under the scanner, or lay it on the reader. You can also type the "
            "serial number that is printed on it, then press Enter."
        ),
    )


def name_of_third_step(enrollment: Enrollment | None) -> str:
    """Return what the third step is called: without a code it is a confirmation."""
    if enrollment is not None and enrollment.mode is Mode.ASSIGN_ONLY:
        return say("Confirm")
    return say("Type its code")


def confirm() -> Trouble:
    """Return heading and lead of the third step where it takes no code."""
    return Trouble(
        say("Is this your token?"),
        say("Compare the serial number. The token will be assigned to you, and activated later."),
    )


def type_code(*, anyway: bool = False) -> Trouble:
    """Return heading and lead of the third step; `anyway` where a code was not to be needed."""
    if anyway:
        return Trouble(
            say("Type the code"),
            say(
                "Your sign-in may not look up tokens, so the code is needed here: press the button "
                "on the token, type the six digits that it shows, then press Enter. The token then "
                "works at once."
            ),
        )
    return Trouble(
        say("Type the code"),
        say("Press the button on the token, type the six digits that it shows, then press Enter."),
    )


def waiting(enrollment: Enrollment | None) -> Trouble:
    """Return what to say while the station works."""
    match enrollment.state if enrollment else None:
        case State.RECORDING | State.SUBMITTING:
            return Trouble(say("Registering your token"), say("One moment."))
        case State.CONFIRMING | State.RESOLVING:
            return Trouble(
                say("Waiting for the directory"),
                say("It was sent. The directory usually confirms within a few seconds."),
            )
    return Trouble(say("Looking at your token"), say("One moment."))


def not_yet(enrollment: Enrollment | None) -> Trouble | None:
    """Return why another code is asked for; None where it is the first."""
    if enrollment is None or not may_go_on(enrollment):
        return None
    error = enrollment.error
    if isinstance(error, SignInError | SignInExpired):
        return Trouble(
            say("You are signed in again."), say("Type the code that the token shows now.")
        )
    if error is not None and not isinstance(error, Rejected):
        unchanged = enrollment.state is State.NOT_DONE
        advice = "Nothing was changed. Type the next code." if unchanged else "Type the next code."
        return Trouble(trouble(error).sentence, say(advice))
    if enrollment.attempts > 1:
        return Trouble(
            say("The code was refused again."),
            say(
                "If it was typed right, the token may belong to somebody else, or hardware tokens "
                "may not be allowed for you. Try the next code, or press Esc and ask at the "
                "security desk."
            ),
        )
    return Trouble(
        say("That code was not accepted."),
        say("Wait until the token shows the next one, then type that."),
    )


def repeated(enrollment: Enrollment | None, seconds: int) -> Trouble | None:
    """Return why nothing could be read, and that it is read again in so many seconds."""
    if enrollment is None or enrollment.state is not State.UNCHECKED or enrollment.error is None:
        return None
    return read_trouble(enrollment.error, seconds)


def outcome(enrollment: Enrollment | None, name: str) -> tuple[Tone, Trouble]:
    """Return what happened at the end, and in which tone to say it."""
    if enrollment is None:
        return Tone.CAUTION, Trouble(say("It did not work."), say(_DESK))
    if enrollment.state is State.ASSIGNED:
        return Tone.GOOD, Trouble(say("The token is yours, {name}", name=name), say(_ACTIVATE))
    if is_done(enrollment):
        return Tone.GOOD, Trouble(
            say("Your token works, {name}", name=name),
            say("You can sign in with its codes from now on. Take it with you."),
        )
    if enrollment.state is State.BLOCKED:
        return _found(enrollment.findings)
    return Tone.CAUTION, _unfinished(enrollment)


def _found(findings: tuple[Finding, ...]) -> tuple[Tone, Trouble]:
    blocking = [found for found in findings if found.severity is Severity.BLOCKS]
    if not blocking or blocking[0].kind not in _FINDINGS:
        return Tone.CAUTION, Trouble(say("This cannot be done here."), say(_DESK))
    sentence, advice = _FINDINGS[blocking[0].kind]
    tone = Tone.GOOD if blocking[0].kind is FindingKind.TOKEN_ACTIVE_HERE else Tone.CAUTION
    return tone, Trouble(say(sentence), say(advice, about=blocking[0].about))


def _unfinished(enrollment: Enrollment) -> Trouble:
    error = enrollment.error
    if isinstance(error, NotFound):
        return Trouble(
            say("The directory does not know this token."),
            say("Compare the serial number with the one printed on it, or ask at the desk."),
        )
    if isinstance(error, Forbidden):
        return Trouble(say("The directory does not permit this for you."), say(_DESK))
    if enrollment.state in {State.UNCHECKED, State.UNRECORDED} and error is not None:
        said = read_trouble(error) if enrollment.state is State.UNCHECKED else trouble(error)
        return Trouble(said.sentence, say("Nothing was changed. Try again in a minute."))
    if enrollment.mode is Mode.ASSIGN_ONLY and enrollment.state in _REFUSED:
        if error is not None and not isinstance(error, Rejected):
            return Trouble(
                trouble(error).sentence, say("Nothing was changed. Try again in a minute.")
            )
        return Trouble(say("The token was not assigned."), say(_NOT_ASSIGNED))
    sentence, advice = _RESTS.get(enrollment.state, ("It did not work.", _DESK))
    return Trouble(say(sentence), say(advice))


def other_ways_to_write() -> str:
    """Return what stands over near serial numbers that nobody could look up."""
    return say("Its number may be written in another way. Is it one of these? Compare the token.")


def next_deed(enrollment: Enrollment | None) -> str:
    """Return what the large button at the end does."""
    return say("Try again") if tries_again(enrollment) else say("Finish")


def tries_again(enrollment: Enrollment | None) -> bool:
    """Tell whether the large button at the end asks the directory once more.

    What stands in the way stays there while somebody stands at the lane; only a request that is on
    its way comes to an end.
    """
    if enrollment is None or not may_check_again(enrollment):
        return False
    if enrollment.state is not State.BLOCKED:
        return True
    return any(found.kind is FindingKind.TOKEN_UNDERWAY for found in enrollment.findings)


def who_is_here(name: str) -> str:
    """Return who the screen works for; a button beside it says that this is somebody else."""
    return say("{name} is signed in.", name=name)


def wiped_in(seconds: int, *, done: bool) -> str:
    """Return the countdown to the moment when everything is forgotten."""
    if done:
        return say("This screen is cleared in {count} s. Enter clears it now.", count=seconds)
    return say("Are you still there? This screen is cleared in {count} s.", count=seconds)
