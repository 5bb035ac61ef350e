import pytest

from app.auth.page import Outcome, Words


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_page_of_its_own(outcome: Outcome) -> None:
    pages = [Words().of(each) for each in Outcome]

    assert pages.count(Words().of(outcome)) == 1
    assert "Oathdesk" in Words().of(outcome)


def test_words_are_shown_as_text() -> None:
    assert "<b>" not in Words(signed_in="<b>in</b>", language='"><b>').of(Outcome.SIGNED_IN)
