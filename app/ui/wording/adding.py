"""The words for a token that is brought into the tenant from the desk."""

from typing import Final

from app.core.otpauth import SeedProblem
from app.station.import_notices import AddNotice, AddState
from app.ui.widgets.tone import Tone
from app.ui.wording.errors import Trouble, trouble
from app.ui.wording.say import say

_PROBLEMS: Final[dict[SeedProblem, str]] = {
    SeedProblem.MISSING: "Type the seed, or scan the QR code that the vendor enclosed.",
    SeedProblem.NOT_A_SEED: "This is no seed: it is neither hexadecimal nor Base32.",
    SeedProblem.AMBIGUOUS: "The seed can be read as hexadecimal and as Base32. Say which it is.",
    SeedProblem.TOO_SHORT: "The seed is shorter than 10 bytes.",
    SeedProblem.TOO_LONG: "The seed is longer than 80 bytes.",
    SeedProblem.COUNTER_BASED: (
        "The token counts codes, not time (HOTP). Entra ID does not take it."
    ),
    SeedProblem.DIGITS: "The codes do not have six digits. Entra ID does not take it.",
    SeedProblem.INTERVAL: "The time interval is not 30 or 60 seconds.",
    SeedProblem.HASH_MISSING: (
        "The seed has more than 20 bytes. Say whether the token uses SHA-1 or SHA-256."
    ),
    SeedProblem.HASH: "The hash is not SHA-1 or SHA-256. Entra ID does not take it.",
}


def add_lead() -> str:
    """Return how the seed is told."""
    return say(
        "Type the seed as the vendor sent it, or scan the QR code that came with the token. It is "
        "masked, sent once to the tenant, and kept nowhere."
    )


def seed_problem(problem: SeedProblem | None) -> tuple[Tone, Trouble]:
    """Return what is missing or wrong; None is a token whose maker was not told."""
    if problem is None:
        return Tone.CAUTION, Trouble(say("Say the manufacturer and the model."), "")
    return Tone.CAUTION, Trouble(say(_PROBLEMS[problem]), "")


def add_words(notice: AddNotice) -> tuple[Tone, Trouble]:
    """Return how far the token is on its way into the tenant."""
    match notice.state:
        case AddState.THERE:
            sentence = say("The tenant has a token with this serial number by now.")
            advice = say("Whether it has the same seed nobody can tell. Scan the token again.")
            return Tone.CAUTION, Trouble(sentence, advice)
        case AddState.UNSEEN:
            sentence = say("The token was accepted, and the inventory does not list it yet.")
            return Tone.CAUTION, Trouble(sentence, say("Scan the token again in some minutes."))
        case AddState.FAILED if notice.error is not None:
            return Tone.BAD, trouble(notice.error)
        case _:
            sentence = say("The token is on its way into the tenant.")
            return Tone.INFO, Trouble(sentence, say("The station waits until it is seen there."))
