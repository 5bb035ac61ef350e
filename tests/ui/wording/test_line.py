"""The bar of line mode in words."""

from __future__ import annotations

import pytest

from app.core.line import Tally
from app.ui.wording.line import counts, pace_words, waited_words


def test_each_count_is_said_with_what_it_counts() -> None:
    assert counts(Tally(done=12, open=3, attention=1)) == ("12 done", "3 open", "1 to look at")


def test_the_rate_is_that_of_an_hour() -> None:
    assert pace_words(36) == "36 an hour"


@pytest.mark.parametrize(("seconds", "words"), [(0.9, "0:00"), (65, "1:05"), (3600, "60:00")])
def test_the_time_of_a_person_is_told_in_minutes_and_seconds(seconds: float, words: str) -> None:
    assert waited_words(seconds) == f"Here for {words}"
