"""The desk's words: cards, findings, states, the timeline."""

from app.core.code import CodeVerdict
from app.core.enrollment import Enrollment, State
from app.core.model import HashFunction, Method, MethodKind, Mode, Source, Token, TokenStatus
from app.core.near import marked
from app.core.preflight import REASONS, Finding, FindingKind, OverrideReason, Severity
from app.core.scan import LayoutGuess, RefusalKind
from app.ui.wording.errors import Trouble
from app.ui.wording.roles import role_words
from app.ui.wording.say import say

_REFUSALS: dict[RefusalKind, tuple[str, str]] = {
    RefusalKind.EMPTY: ("Nothing was read.", "Scan the token again."),
    RefusalKind.TOO_LONG: (
        "That is too long for a serial number.",
        "Scan the barcode with the serial number, not a document.",
    ),
    RefusalKind.OTP_SECRET: (
        "That code holds the secret of a token.",
        "It was not kept. Scan the serial number on the token itself, and put the secret away.",
    ),
    RefusalKind.POSSIBLE_SEED: (
        "That looks like the secret of a token.",
        "It was not kept. Scan the serial number on the token itself.",
    ),
    RefusalKind.PASSKEY: (
        "That is a sign-in code of a passkey.",
        "Scan the barcode with the serial number.",
    ),
    RefusalKind.WEB_ADDRESS: (
        "That is a web address.",
        "Scan the barcode with the serial number, usually on the back of the token.",
    ),
    RefusalKind.CONTACT: (
        "That is a contact card or a message.",
        "Scan the barcode with the serial number.",
    ),
    RefusalKind.RETAIL_BARCODE: (
        "That is the barcode of the box, not of the token.",
        "Scan the barcode on the token itself.",
    ),
    RefusalKind.BOX_LABEL: (
        "That is the label of a box: it names the article and no serial number.",
        "Scan the barcode on the token itself.",
    ),
    RefusalKind.SIX_DIGITS: (
        "That looks like a six-digit code, not a serial number.",
        "Type the code when the third card asks for it.",
    ),
    RefusalKind.CONTROL: (
        "That scan holds characters no serial number has.",
        "Scan again. If it happens each time, check the settings of the scanner.",
    ),
    RefusalKind.TORN: ("The scan came in pieces.", "Scan again."),
    RefusalKind.SCIENTIFIC: (
        "That serial number was mangled by a spreadsheet.",
        "Take the number from the token itself.",
    ),
    RefusalKind.LAYOUT: (
        "The scanner types on another keyboard layout.",
        "Set the scanner to the keyboard layout of this machine, then scan again.",
    ),
    RefusalKind.NOT_A_SERIAL: (
        "That is not a serial number.",
        "A serial number has letters, digits and dashes, such as 8659610904217.",
    ),
}

_FINDINGS: dict[FindingKind, tuple[str, str]] = {
    FindingKind.TOKEN_HELD: (
        "This token belongs to {about}.",
        "Take another token. To hand this one over it has to be unassigned first.",
    ),
    FindingKind.TOKEN_DUPLICATED: (
        "The directory has this serial number {about} times.",
        "Put this token aside and ask your administrator to clean up the inventory.",
    ),
    FindingKind.TOKEN_ACTIVE_HERE: (
        "This person already has this token, and it is activated.",
        "Nothing is left to do.",
    ),
    FindingKind.TOKEN_ASSIGNED_HERE: (
        "This token is already assigned to this person.",
        "Choose Assign and activate to finish it with a code.",
    ),
    FindingKind.TOKEN_ACTIVATES_ONLY: (
        "The token is already assigned to this person.",
        "The code activates it.",
    ),
    FindingKind.TOKEN_UNDERWAY: (
        "This token is being handed over in another enrollment.",
        "Wait until the list of today shows how that ended, or take another token.",
    ),
    FindingKind.TOKEN_UNKNOWN: (
        "The directory does not know the serial number {about}.",
        "Compare it with the token, then scan it again.",
    ),
    FindingKind.PERSON_UNKNOWN: (
        "The directory does not find {about}.",
        "Search for the person by name.",
    ),
    FindingKind.TOKEN_STATE_UNKNOWN: (
        "The directory tells a state of this token that is not known here.",
        "Go on if the token is new; the directory decides.",
    ),
    FindingKind.TOKEN_DRIFTS: (
        "The clock of this token is off, though not by much.",
        "Activating it with a code corrects that. Without activation the first sign-in may fail.",
    ),
    FindingKind.TOKEN_CLOCK_LOST: (
        "The clock of this token is off by more than the directory accepts.",
        "Take another token. If every token says this, check the clock of this machine.",
    ),
    FindingKind.TOKEN_IN_STOCK: (
        "This token is in stock.",
        "Nobody holds it, so there is nothing to take back or to activate.",
    ),
    FindingKind.TOKEN_OF_ANOTHER: (
        "This token is held by {about}.",
        "Choose them, or take the token that this person holds.",
    ),
    FindingKind.TOKEN_NOT_ACTIVE: (
        "This token is not activated.",
        "There is nothing to deactivate. It can be removed from the person.",
    ),
    FindingKind.TOKEN_NOT_LISTED: (
        "Your sign-in may not read the tenant's tokens.",
        "The token is handed over by its serial number, and with a code alone.",
    ),
    FindingKind.PERSON_DISABLED: (
        "The account of this person is disabled.",
        "They cannot sign in before it is enabled. Assign only can be right for a new hire.",
    ),
    FindingKind.PERSON_EXTERNAL: (
        "The account of this person comes from another organization.",
        "They may have to use a method of their own organization. Go on; the directory decides.",
    ),
    FindingKind.PERSON_GUEST: (
        "This person is a guest.",
        "Guests cannot have hardware tokens in this tenant.",
    ),
    FindingKind.PERSON_AT_LIMIT: (
        "This person already has {about} tokens and authenticator apps, and that is the limit.",
        "One has to be removed first.",
    ),
    FindingKind.POLICY_OFF: (
        "The tenant's policy for hardware tokens is off.",
        "An Authentication Policy Administrator can switch it on.",
    ),
    FindingKind.POLICY_EXCLUDES: (
        "The tenant's policy does not include this person.",
        "An Authentication Policy Administrator can include them.",
    ),
    FindingKind.POLICY_MAYBE_EXCLUDES: (
        "The tenant's policy speaks of groups that are not read here.",
        "Go on; the directory decides.",
    ),
    FindingKind.SCOPE_MISSING: (
        "Your sign-in lacks the permission {about}.",
        "A Privileged Role Administrator consents to it for this app; then sign in again.",
    ),
    FindingKind.ROLE_DOUBTFUL: (
        "None of your roles is known to serve people; {about} does.",
        "Go on if your role is limited to a unit or just activated; the directory decides.",
    ),
    FindingKind.NOT_CHECKED: (
        "Not everything could be checked: your sign-in lacks {about}.",
        "Go on; the directory decides.",
    ),
    FindingKind.ADMINISTRATOR_REFUSED: (
        "This person has the role {about}.",
        "Only a Privileged Authentication Administrator or a Global Administrator can serve them.",
    ),
    FindingKind.PERSON_IN_ROLE_GROUP: (
        "This person is in the group {about}, which roles can be assigned to.",
        "Only a Privileged Authentication Administrator or a Global Administrator can serve them.",
    ),
    FindingKind.PERSON_RESTRICTED: (
        "This person is in a restricted management unit.",
        "Only a role that is assigned for that unit reaches them. Go on if yours is.",
    ),
    FindingKind.ADMINISTRATOR_DOUBTFUL: (
        "This person has the role {about}.",
        "Yours may not reach them. A Privileged Authentication Administrator can serve anybody.",
    ),
}

_OVERRIDES: dict[OverrideReason, str] = {
    OverrideReason.LEGACY_POLICY: "A legacy policy permits tokens",
    OverrideReason.POLICY_CHANGES: "The policy is being changed",
    OverrideReason.STARTS_LATER: "The person starts later",
    OverrideReason.INSTRUCTED: "An administrator said so",
}

_METHODS: dict[MethodKind, str] = {
    MethodKind.AUTHENTICATOR: "Authenticator app",
    MethodKind.PASSWORDLESS_AUTHENTICATOR: "Authenticator app",
    MethodKind.EMAIL: "email",
    MethodKind.EXTERNAL: "external method",
    MethodKind.PASSKEY: "passkey",
    MethodKind.HARDWARE_TOKEN: "hardware token",
    MethodKind.PHONE: "phone",
    MethodKind.PLATFORM_CREDENTIAL: "platform credential",
    MethodKind.QR_CODE_PIN: "QR code",
    MethodKind.RESOURCE_ACCOUNT_KEY: "key of a resource account",
    MethodKind.SOFTWARE_TOKEN: "software token",
    MethodKind.TEMPORARY_PASS: "temporary pass",
    MethodKind.WINDOWS_HELLO: "Windows Hello",
    MethodKind.OTHER: "another method",
}

_STATES: dict[State, str] = {
    State.RECORDING: "Being recorded",
    State.UNRECORDED: "Not recorded, nothing sent",
    State.SUBMITTING: "Being submitted",
    State.CONFIRMING: "Submitted, not yet confirmed",
    State.AFTER_REFUSAL: "Refused, still being looked into",
    State.RESOLVING: "No answer, being checked",
    State.NOT_DONE: "Not done",
    State.HALF_DONE: "Assigned, not activated",
    State.TAKEN: "Held by somebody else",
    State.UNSETTLED: "Not confirmed",
    State.STAGED: "Waits for the network",
    State.DUE: "Second half to be done",
    State.WITHDRAWN: "Taken back",
    State.BLOCKED: "Not sent",
    State.ASSIGNED: "Assigned, to be activated",
    State.ACTIVATED: "Activated",
    State.DEACTIVATED: "Deactivated",
    State.RETURNED: "Removed from the person",
    State.DELETED: "Deleted from the tenant",
    State.CREATED: "In the inventory",
    State.ISSUED: "Pass issued",
}

_STATUSES: dict[TokenStatus, str] = {
    TokenStatus.AVAILABLE: "In stock",
    TokenStatus.ASSIGNED: "Assigned",
    TokenStatus.ACTIVATED: "Activated",
    TokenStatus.FAILED_ACTIVATION: "Activation failed",
    TokenStatus.OTHER: "State unknown",
}

_SOURCES: dict[Source, str] = {
    Source.SCANNER: "Read by the scanner",
    Source.PORT: "Read by the scanner",
    Source.CARD: "Read by the card reader",
    Source.TYPED: "Typed",
    Source.PRACTICE: "Scanned on the practice desk",
}


def refusal(kind: RefusalKind) -> Trouble:
    """Return what to say of a scan that fills no card."""
    sentence, advice = _REFUSALS[kind]
    return Trouble(say(sentence), say(advice))


def refusal_words(kind: RefusalKind, guess: LayoutGuess | None = None) -> str:
    """Return the same in one line, with what a scan that was typed wrongly may have meant."""
    said = refusal(kind)
    if guess is None:
        return f"{said.sentence} {said.advice}"
    advice = _layout_advice(guess)
    if not guess.text:
        return f"{said.sentence} {advice}"
    return say(
        "{sentence} It may have meant {repair}. {advice}",
        sentence=said.sentence,
        repair=guess.text,
        advice=advice,
    )


_MOST_LAYOUTS = 3
"""Layouts that are named; where more explain a scan, the test code in Readers tells them apart."""


def _layout_advice(guess: LayoutGuess) -> str:
    """Return what mends a wrong layout: at the scanner, or by the setting that undoes it."""
    if not 1 <= len(guess.layouts) <= _MOST_LAYOUTS:
        advice = say(
            "Set the scanner to the keyboard layout of this machine. The page Readers tells which "
            "setting undoes it."
        )
    else:
        values = f" {say('or')} ".join(f'"{layout.value}"' for layout in guess.layouts)
        advice = say(
            "Set the scanner to the keyboard layout of this machine, or set layout = {values} "
            "under [scanner] in the configuration.",
            values=values,
        )
    return say("{advice} Check Caps Lock, too.", advice=advice) if guess.caps else advice


def near_words(count: int) -> str:
    """Return what stands over the near serial numbers of one that is not known."""
    if count == 1:
        return say("The directory has a similar number. Compare it with the token.")
    return say("The directory has similar numbers. Compare them with the token.")


def near_serial(read: str, near: str, number: int) -> str:
    """Return a near serial number with what differs from `read` in angle marks, and its key.

    Marks with nothing between them stand where `read` has characters that this one has not.
    """
    parts = (f"‹{part}›" if differs else part for part, differs in marked(read, near))
    return say("{serial}   (Alt+{number})", serial="".join(parts), number=number)


def finding(found: Finding) -> Trouble:
    """Return what to say of one finding of the preflight."""
    sentence, advice = _FINDINGS[found.kind]
    about = role_words(found.about) or say("somebody else")
    return Trouble(say(sentence, about=about), say(advice, about=about))


def state_word(state: State) -> str:
    """Return the state of a submitted enrollment in a few words."""
    return say(_STATES[state])


def not_recorded_words() -> str:
    """Return what a submit that could not be recorded means, and what can be done about it."""
    return say(
        "The record could not be written when this was submitted, so nothing was sent. Open it to "
        "try again, or dismiss it with Delete."
    )


def status_word(status: TokenStatus) -> str:
    """Return the state of a token in the tenant."""
    return say(_STATUSES[status])


def source_word(source: Source, *, pad: bool = False) -> str:
    """Return how a serial number came in; `pad` where it was laid on a reader."""
    return say("Read by the NFC pad") if pad else say(_SOURCES[source])


def model_words(token: Token) -> str:
    """Return maker and model."""
    return f"{token.manufacturer} {token.model}".strip()


def code_words(token: Token) -> str:
    """Return how the token makes its codes."""
    names = {HashFunction.SHA1: "SHA-1", HashFunction.SHA256: "SHA-256"}
    if token.hash_function not in names:
        return say("6 digits every {seconds} s", seconds=token.interval)
    return say(
        "6 digits every {seconds} s, {hash}",
        seconds=token.interval,
        hash=names[token.hash_function],
    )


def methods_words(methods: tuple[Method, ...]) -> str:
    """Return what a person already has, each kind once."""
    kinds = [method.kind for method in methods if method.kind is not MethodKind.PASSWORD]
    names = list(dict.fromkeys(say(_METHODS[kind]) for kind in kinds))
    if not names:
        return say("Nothing yet")
    listed = ", ".join(names)
    return listed[:1].upper() + listed[1:]


def mode_words(mode: Mode) -> str:
    """Return the name of what is handed over, with its mnemonic."""
    if mode is Mode.ASSIGN_AND_ACTIVATE:
        return say("Assign and &activate")
    return say("Assign &only")


def submit_words(enrollment: Enrollment) -> str:
    """Return what the big button does."""
    if enrollment.state is State.HALF_DONE:
        return say("Activate")
    if enrollment.mode is Mode.ASSIGN_AND_ACTIVATE:
        return say("Assign and activate")
    return say("Assign")


def code_verdict(verdict: CodeVerdict) -> Trouble:
    """Return what the code guard says."""
    if verdict is CodeVerdict.WAIT_FOR_NEXT:
        return Trouble(
            say("This code ends in a moment."), say("Wait for the next one and type that.")
        )
    return Trouble(say("This code was already sent."), say("Wait for the next one and type that."))


def override_reason(reason: OverrideReason) -> str:
    """Return a reason to go on, as the operator chooses it."""
    return say(_OVERRIDES[reason])


def overridden(kind: str, reason: str) -> str:
    """Return what was passed and why, as the record has it; its own words where it is newer."""
    passed = next((each for each in REASONS if each.value == kind), None)
    given = next((each for each in OverrideReason if each.value == reason), None)
    what = finding(Finding(passed, Severity.ASKS)).sentence if passed else kind
    why = override_reason(given) if given else reason
    return say("{why} ({what})", why=why, what=what.rstrip("."))
