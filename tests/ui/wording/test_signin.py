"""What the sign-in page says of itself, and of a sign-in that has ended."""

import pytest

from app.core.errors import PolicyRefused, SignInEnded, SignInEvidence
from app.core.signin import SignInMethod
from app.ui.wording.errors import trouble
from app.ui.wording.signin import cleared, ended, way_in

PEOPLE = [(SignInMethod.BROWSER,), (SignInMethod.CERTIFICATE, SignInMethod.DEVICE)]


@pytest.mark.parametrize("methods", PEOPLE)
def test_where_people_sign_in_they_are_told_what_for(methods: tuple[SignInMethod, ...]) -> None:
    assert "under your name" in way_in(methods).advice


def test_each_other_case_has_words_of_its_own() -> None:
    said = [way_in(methods) for methods in (PEOPLE[0], (SignInMethod.CERTIFICATE,), ())]
    assert len(set(said)) == 3
    assert all(words.advice.endswith(".") for words in said)


@pytest.mark.parametrize("kind", [SignInEnded, PolicyRefused])
def test_an_end_is_told_by_its_reason_and_what_becomes_of_the_desk(
    kind: type[SignInEnded | PolicyRefused],
) -> None:
    error = kind(SignInEvidence("invalid_grant", "AADSTS1: in its own words."))
    assert ended(error).startswith(trouble(error).sentence)
    assert ended(error).endswith("What is on the desk stays.")
    assert "AADSTS" not in ended(error)


def test_an_end_without_a_reason_says_the_same_of_the_desk() -> None:
    assert ended(None).endswith("What is on the desk stays.")


def test_whose_desk_was_cleared_for_whom_is_said_with_their_name() -> None:
    assert cleared("Nora <b>").startswith("Nora <b> signed in")
