"""Everything the desk may have to tell has its words."""

import re

import pytest

from app.core.code import CodeVerdict
from app.core.enrollment import DRAFT, State
from app.core.model import HashFunction, Method, MethodKind, Mode, Source, TokenStatus
from app.core.preflight import Finding, FindingKind, Severity
from app.core.scan import RefusalKind
from app.ui.wording import desk
from app.ui.wording.errors import Trouble
from tests.fakes.nouns import a_token
from tests.ui.models.courses import reachable

RECORDED = [state for state in State if state not in DRAFT]


def is_calm(said: Trouble) -> bool:
    """Whether sentence and advice are whole sentences, without blame, shouting or numbers."""
    words = (said.sentence, said.advice)
    whole = all(each.endswith((".", "?")) and each[0].isupper() for each in words)
    return whole and not re.search(r"[!{}]|\b[1-5]\d\d\b", " ".join(words))


@pytest.mark.parametrize("kind", RefusalKind, ids=lambda k: k.value)
def test_every_refused_scan_has_a_sentence_and_an_advice(kind: RefusalKind) -> None:
    assert is_calm(desk.refusal(kind))


@pytest.mark.parametrize("about", ["Ada", ""])
@pytest.mark.parametrize("kind", FindingKind, ids=lambda k: k.value)
def test_every_finding_has_a_sentence_and_an_advice(kind: FindingKind, about: str) -> None:
    assert is_calm(desk.finding(Finding(kind, Severity.BLOCKS, about)))


def test_a_finding_names_what_it_is_about() -> None:
    held = Finding(FindingKind.TOKEN_HELD, Severity.BLOCKS, "Siobhán O’Brien")
    assert "Siobhán O’Brien" in desk.finding(held).sentence


@pytest.mark.parametrize("verdict", [v for v in CodeVerdict if v is not CodeVerdict.GO])
def test_every_word_of_the_code_guard_has_a_sentence(verdict: CodeVerdict) -> None:
    assert is_calm(desk.code_verdict(verdict))


@pytest.mark.parametrize("state", RECORDED, ids=lambda s: s.value)
def test_every_recorded_state_has_a_word(state: State) -> None:
    assert desk.state_word(state)


def test_every_word_for_a_state_tells_it_from_the_others() -> None:
    assert len({desk.state_word(state) for state in RECORDED}) == len(RECORDED)


@pytest.mark.parametrize("status", TokenStatus, ids=lambda s: s.value)
def test_every_status_of_a_token_has_a_word(status: TokenStatus) -> None:
    assert desk.status_word(status)


@pytest.mark.parametrize("source", Source, ids=lambda s: s.value)
def test_every_way_in_has_a_word(source: Source) -> None:
    assert desk.source_word(source)


@pytest.mark.parametrize("mode", Mode, ids=lambda m: m.value)
def test_every_mode_has_a_name_with_one_mnemonic(mode: Mode) -> None:
    assert desk.mode_words(mode).count("&") == 1


@pytest.mark.parametrize("kind", MethodKind, ids=lambda k: k.value)
def test_every_kind_of_method_has_a_name_and_a_password_is_no_news(kind: MethodKind) -> None:
    words = desk.methods_words((Method("one", kind),))
    assert words[0].isupper()
    assert (words == "Nothing yet") == (kind is MethodKind.PASSWORD)


def test_methods_of_one_kind_are_named_once() -> None:
    methods = tuple(Method(str(n), MethodKind.HARDWARE_TOKEN) for n in range(3))
    assert desk.methods_words(methods) == "Hardware token"


@pytest.mark.parametrize("hashed", HashFunction, ids=lambda h: h.value)
def test_a_token_says_how_it_makes_its_codes(hashed: HashFunction) -> None:
    token = a_token(interval=60)
    words = desk.code_words(type(token)("id", "1", interval=60, hash_function=hashed))
    assert words.startswith("6 digits every 60 s")


def test_every_enrollment_that_can_be_submitted_has_words_for_the_button() -> None:
    assert all(desk.submit_words(enrollment) for enrollment in reachable())
