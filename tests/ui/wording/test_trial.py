"""Whatever a trial finds has its words, and what has no picture of its own has a mark."""

import re

import pytest

from app.core.layouts import Layout
from app.core.scan import DEFAULT_RULES, RefusalKind, Refused
from app.core.trial import REFERENCE, Ending, Trial, TrialTrouble, TroubleKind, try_keys
from app.core.wedge import WedgeSettings
from app.ui.widgets.tone import Tone
from app.ui.wording.desk import refusal
from app.ui.wording.trial import (
    details,
    ending_words,
    facts,
    rhythm_words,
    taken_words,
    trouble_words,
    verdict,
    visible,
)
from tests.core.trials import arrive


def tried(text: str, gap: float = 0.002, ending: Ending = Ending.ENTER) -> Trial:
    return try_keys(arrive(text, gap, ending), WedgeSettings(), DEFAULT_RULES)


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("kind", TroubleKind)
def test_every_trouble_has_a_sentence_and_an_advice(kind: TroubleKind, layout: Layout) -> None:
    for likely in (True, False):
        trouble = TrialTrouble(kind, (), likely, layout, "{~}", 1, 2)
        said = trouble_words(trouble)
        for words in (said.sentence, said.advice):
            assert words.endswith(".")
            assert words[0].isupper()
            assert not re.search(r"!|\{[a-z]", words)


def test_a_guess_is_called_one() -> None:
    likely = TrialTrouble(TroubleKind.LAYOUT, likely=True, layout=Layout.AZERTY)
    assert "likely" in trouble_words(likely).advice


@pytest.mark.parametrize("kind", RefusalKind)
def test_a_secret_and_a_refusal_are_called_by_their_kind(kind: RefusalKind) -> None:
    secret = Trial(9, Refused(kind, 9), secret=True)
    tone, said = verdict(secret)
    assert (tone, said.sentence) == (Tone.BAD, refusal(kind).sentence)
    assert facts(secret) == ()
    tone, said = verdict(Trial(9, Refused(kind, 9), arrived="123456789"))
    assert (tone, said) == (Tone.CAUTION, refusal(kind))


@pytest.mark.parametrize(
    ("trial", "tone", "words"),
    [
        (tried(REFERENCE), Tone.GOOD, "The scanner works."),
        (tried("8659610904217"), Tone.GOOD, "This arrives as it should."),
        (tried(f"~{REFERENCE}"), Tone.CAUTION, "One thing keeps"),
        (tried(f"~{REFERENCE}~"), Tone.CAUTION, "2 things keep"),
        (tried(REFERENCE, ending=Ending.NOTHING), Tone.CAUTION, "The scanner works, and can"),
    ],
)
def test_the_verdict_is_one_sentence(trial: Trial, tone: Tone, words: str) -> None:
    found, said = verdict(trial)
    assert found is tone
    assert said.sentence.startswith(words)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("8659 A", "8659␣A"),
        ("\x02\x1d\x7f", "␂␝␡"),
        ("\u200b\u00a0\x85", "⟨U+200B⟩⟨U+00A0⟩⟨U+0085⟩"),
        ("&é\"'", "&é\"'"),
        ("8" * 301, "8" * 300 + " …"),
    ],
)
def test_what_cannot_be_seen_has_a_mark(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (tried("8659610904217"), "Serial number 8659610904217"),
        (tried("EMP20417"), "Badge 20417"),
        (tried("hello world"), refusal(RefusalKind.NOT_A_SERIAL).sentence),
        (tried("8659610904217", gap=0.2), "Typing, not a scan"),
    ],
)
def test_what_it_is_taken_for_is_told(trial: Trial, words: str) -> None:
    assert taken_words(trial) == words


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (tried("8"), "1 character"),
        (tried("865961", 0), "6 characters, under 1 ms apart on average, under 1 ms at most"),
        (tried("865961", 0.25), "6 characters, 250 ms apart on average, 250 ms at most"),
    ],
)
def test_the_rhythm_is_told_in_milliseconds(trial: Trial, words: str) -> None:
    assert rhythm_words(trial) == words


def test_the_circumstances_leave_out_what_is_not_known() -> None:
    labels = [label for label, _ in details(Trial(3, Refused(RefusalKind.EMPTY, 3)), "COM7")]
    assert labels == ["Rhythm", "Came by"]
    assert len(details(tried(f"]C0{REFERENCE}"), "Keyboard")) == 4


@pytest.mark.parametrize("ending", Ending)
def test_every_ending_has_a_word(ending: Ending) -> None:
    assert ending_words(ending)
