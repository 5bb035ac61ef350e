"""The words of a scanner's trial: what arrived, for what it was taken, and what mends it."""

import unicodedata

from app.core.layouts import Layout, alike
from app.core.scan import BadgeScan, Refused, SerialScan
from app.core.trial import Ending, Trial, TrialTrouble, TroubleKind
from app.ui.widgets.tone import Tone
from app.ui.wording.desk import refusal
from app.ui.wording.errors import Trouble
from app.ui.wording.say import say

_LONGEST_SHOWN = 300
_MILLISECOND = 0.001
_PICTURES = 0x2400
"""Where Unicode has a picture of each control character: U+2400 for U+0000, and so on."""

_ENDINGS: dict[Ending, str] = {
    Ending.ENTER: "Enter",
    Ending.TAB: "Tab",
    Ending.LINE_FEED: "A line feed",
    Ending.NOTHING: "Nothing, only silence",
}

_MARKS: dict[Ending, str] = {
    Ending.ENTER: "⏎",
    Ending.TAB: "⇥",
    Ending.LINE_FEED: "␊",
    Ending.NOTHING: "",
}

_LAYOUTS: dict[Layout, str] = {
    Layout.AZERTY: "French (AZERTY)",
    Layout.QWERTZ: "German (QWERTZ)",
    Layout.BELGIAN: "Belgian",
    Layout.SWISS_GERMAN: "Swiss German",
    Layout.SWISS_FRENCH: "Swiss French",
    Layout.CZECH: "Czech (QWERTZ)",
    Layout.CZECH_QWERTY: "Czech (QWERTY)",
    Layout.SLOVAK: "Slovak (QWERTZ)",
    Layout.SLOVAK_QWERTY: "Slovak (QWERTY)",
    Layout.HUNGARIAN: "Hungarian",
    Layout.TURKISH: "Turkish Q",
    Layout.TURKISH_F: "Turkish F",
    Layout.CROATIAN: "Croatian or Slovenian",
    Layout.ITALIAN: "Italian",
    Layout.SPANISH: "Spanish",
    Layout.PORTUGUESE: "Portuguese",
    Layout.NORDIC: "Nordic",
    Layout.LITHUANIAN: "Lithuanian",
}

_TROUBLES: dict[TroubleKind, tuple[str, str]] = {
    TroubleKind.SLOW: (
        "The keys come so slowly that the desk takes them for typing.",
        "Set the delay between characters to 0 at the scanner, by a code of its manual.",
    ),
    TroubleKind.SHORT: (
        "The code is shorter than what the desk takes for a scan.",
        "Serial numbers are longer. If it was typed by hand, scan the test code instead.",
    ),
    TroubleKind.CAPS_LOCK: ("Caps Lock is on.", "Switch it off, then scan again."),
    TroubleKind.PREFIX: (
        "The scanner sends {text} before each code.",
        "Switch the prefix off at the scanner, or let the desk take it off.",
    ),
    TroubleKind.SUFFIX: (
        "The scanner sends {text} behind each code.",
        "Switch the suffix off at the scanner, all but Enter or Tab.",
    ),
    TroubleKind.NO_ENDING: (
        "Nothing ends the code, so the desk waits a moment after each scan.",
        "Set the scanner to send Enter behind each code.",
    ),
    TroubleKind.OTHER_ENDING: (
        "The scanner ends its lines with something else than is listened for.",
        "Set it to send a carriage return, or let the desk listen for what it sends.",
    ),
    TroubleKind.DAMAGED: (
        "Characters are not as they stand in the code: {lost} missing, {extra} too many.",
        "Set a delay of a few milliseconds between characters, or move the receiver closer.",
    ),
    TroubleKind.CONTROL: (
        "Control characters stand in the midst of the code.",
        "Switch function codes off at the scanner. On a serial port, compare the baud rate.",
    ),
}


def reference_hint() -> str:
    """Return what to do with the test code."""
    return say(
        "What arrives is shown below, character by character. Nothing of it goes to the desk, and "
        "any other code can be tried as well."
    )


def nothing_arrived() -> Trouble:
    """Return what stands where nothing was scanned yet."""
    return Trouble(
        say("Nothing has arrived yet."),
        say(
            "Scan either code above: they say the same. Where a scanner reads off no screen, print "
            "them; the help (F1) tells how."
        ),
    )


def verdict(trial: Trial) -> tuple[Tone, Trouble]:
    """Return how the trial went, in one sentence."""
    if trial.secret and isinstance(trial.taken, Refused):
        sentence = refusal(trial.taken.kind).sentence
        return Tone.BAD, Trouble(sentence, say("It is not shown here, and not kept."))
    if trial.troubles:
        return Tone.CAUTION, _to_mend(trial)
    if isinstance(trial.taken, Refused):
        return Tone.CAUTION, refusal(trial.taken.kind)
    if trial.reference:
        advice = say("The whole test code arrived, as the desk needs it.")
        return Tone.GOOD, Trouble(say("The scanner works."), advice)
    advice = say("Scan the test code, too: only that shows the keyboard layout for sure.")
    return Tone.GOOD, Trouble(say("This arrives as it should."), advice)


def _to_mend(trial: Trial) -> Trouble:
    if all(each.kind is TroubleKind.NO_ENDING for each in trial.troubles):
        return Trouble(say("The scanner works, and can be set to work better."), "")
    if len(trial.troubles) == 1:
        return Trouble(say("One thing keeps this scanner from working well."), "")
    count = len(trial.troubles)
    words = say("{count} things keep this scanner from working well.", count=count)
    return Trouble(words, "")


def trouble_words(trouble: TrialTrouble) -> Trouble:
    """Return what is wrong, and what to do at the scanner or the keyboard."""
    if trouble.kind is TroubleKind.LAYOUT:
        return _layout_words(trouble)
    sentence, advice = _TROUBLES[trouble.kind]
    said = say(sentence, text=visible(trouble.text), lost=trouble.lost, extra=trouble.extra)
    return Trouble(said, say(advice))


def _layout_words(trouble: TrialTrouble) -> Trouble:
    sentence = _layout_sentence(trouble.layout)
    if trouble.likely:
        advice = say("This is likely; scan the test code to be sure.")
        return Trouble(sentence, advice)
    if trouble.layout is Layout.SAME:
        return Trouble(sentence, say("Change the configuration."))
    advice = say("Set the scanner to the layout of this machine, or let the desk undo it.")
    return Trouble(sentence, advice)


def _layout_sentence(layout: Layout) -> str:
    if layout is Layout.SAME:
        return say(
            "The scanner and this machine agree on the keyboard layout, but the configuration "
            "says otherwise."
        )
    names = f" {say('or')} ".join(say(_LAYOUTS[each]) for each in alike(layout))
    return say(
        "This machine reads the keys by another layout ({layout}), the scanner types by an "
        "American one.",
        layout=names,
    )


def facts(trial: Trial) -> tuple[tuple[str, str], ...]:
    """Return what arrived and what it was taken for, as (label, value) pairs; of a secret none."""
    if trial.secret:
        return ()
    rows = ((say("Arrived"), shown(trial)), (say("Taken for"), taken_words(trial)))
    return tuple((label, value) for label, value in rows if value)


def details(trial: Trial, source: str) -> tuple[tuple[str, str], ...]:
    """Return the circumstances, as (label, value) pairs; `source` is where it came from."""
    rows = (
        (say("Rhythm"), rhythm_words(trial)),
        (say("Ended by"), ending_words(trial.ending) if trial.ending else ""),
        (say("Code"), _code_words(trial)),
        (say("Came by"), source),
    )
    return tuple((label, value) for label, value in rows if value)


def _code_words(trial: Trial) -> str:
    """Return the kind of code, where the scanner sends it in front."""
    if not trial.aim:
        return ""
    kind = trial.taken.symbology if isinstance(trial.taken, SerialScan) else None
    if kind is None:
        return say("AIM identifier ]{aim}", aim=trial.aim)
    return say("{kind}, told by its AIM identifier ]{aim}", kind=kind, aim=trial.aim)


def shown(trial: Trial) -> str:
    """Return what arrived with a mark for each character that has no picture of its own."""
    mark = _MARKS[trial.ending] if trial.ending else ""
    return visible(trial.arrived) + mark


def visible(text: str) -> str:
    """Return `text` with a mark for each space, control character and invisible character."""
    marks = "".join(map(_visible, text[:_LONGEST_SHOWN]))
    return marks if len(text) <= _LONGEST_SHOWN else f"{marks} …"


def _visible(letter: str) -> str:
    if letter == " ":
        return "␣"
    if letter < " ":
        return chr(_PICTURES + ord(letter))
    if letter == "\x7f":
        return "␡"
    if unicodedata.category(letter) in ("Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"):
        return f"⟨U+{ord(letter):04X}⟩"
    return letter


def taken_words(trial: Trial) -> str:
    """Return what the station takes it for."""
    if trial.typed:
        return say("Typing, not a scan")
    match trial.taken:
        case SerialScan():
            return say("Serial number {serial}", serial=trial.understood)
        case BadgeScan():
            return say("Badge {number}", number=trial.understood)
        case Refused(kind=kind):
            return refusal(kind).sentence


def rhythm_words(trial: Trial) -> str:
    """Return how many characters came, and how fast."""
    if not trial.gaps:
        return _characters(trial.length)
    return say(
        "{characters}, {mean} apart on average, {longest} at most",
        characters=_characters(trial.length),
        mean=_milliseconds(trial.mean_gap),
        longest=_milliseconds(trial.longest_gap),
    )


def _milliseconds(seconds: float) -> str:
    if seconds < _MILLISECOND:
        return say("under 1 ms")
    return say("{count:,.0f} ms", count=seconds / _MILLISECOND)


def _characters(count: int) -> str:
    if count == 1:
        return say("1 character")
    return say("{count:,} characters", count=count)


def ending_words(ending: Ending) -> str:
    """Return what closed the scan."""
    return say(_ENDINGS[ending])


def lines_words() -> str:
    """Return what to do with the lines that are proposed."""
    return say("These lines in the configuration file mend it at the desk:")


def gaps_words(limit: float) -> str:
    """Return what the little bars show; `limit` in seconds."""
    return say(
        "Time from key to key. On average it must stay under the line, {limit}.",
        limit=_milliseconds(limit),
    )
