"""While scanners are tried every key is heard, and the page can still be used by keys alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from app.core.trial import Arrival, Ending
from app.core.trial_keys import PAUSE, Taken, TrialKeys
from app.core.wedge import MAXIMUM_TEXT, Key

SERIAL = "8659610904217"


@dataclass
class Page:
    """What a page on top of the listener sees."""

    keys: TrialKeys = field(default_factory=TrialKeys)
    now: float = 100.0
    arrived: list[Arrival] = field(default_factory=list)
    passed: str = ""

    def __post_init__(self) -> None:
        self.keys.turn(on=True)

    def press(self, text: str, gap: float = 0.002, *, terminator: bool = False) -> None:
        self.wait(gap)
        if not self.keys.listening:
            self.passed += text
            return
        taken = self.keys.feed(Key(text, self.now, terminator, payload=text))
        self.take(taken)
        if not taken.swallow:
            self.passed += text

    def type(self, text: str, gap: float = 0.002) -> None:
        for letter in text:
            self.press(letter, gap)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.take(self.keys.tick(self.now))

    def take(self, taken: Taken) -> None:
        self.passed += "".join(key.text for key in taken.replay)
        if taken.arrival is not None:
            self.arrived.append(taken.arrival)

    def texts(self) -> list[tuple[str, Ending]]:
        return [(arrival.text, arrival.ending) for arrival in self.arrived]


@pytest.mark.parametrize(
    ("key", "ending"), [("\r", Ending.ENTER), ("\t", Ending.TAB), ("\n", Ending.LINE_FEED)]
)
@pytest.mark.parametrize("gap", [0.0, 0.002, 0.5])
def test_keys_of_every_speed_arrive_with_their_times_and_their_ending(
    gap: float, key: str, ending: Ending
) -> None:
    page = Page()
    page.type(SERIAL, gap)
    page.press(key, gap, terminator=key != "\n")
    assert page.texts() == [(SERIAL, ending)]
    assert page.arrived[0].gaps == pytest.approx([gap] * (len(SERIAL) - 1))
    assert page.passed == ""


def test_a_pause_ends_what_came() -> None:
    page = Page()
    page.type(SERIAL)
    page.wait(PAUSE - 0.01)
    assert page.arrived == []
    page.wait(0.01)
    assert page.texts() == [(SERIAL, Ending.NOTHING)]


def test_a_line_feed_after_the_ending_belongs_to_it() -> None:
    page = Page()
    page.type(SERIAL)
    page.press("\r", terminator=True)
    page.press("\n")
    assert page.texts() == [(SERIAL, Ending.ENTER)]
    assert page.passed == ""


def test_enter_and_tab_alone_and_editing_keys_go_their_way() -> None:
    page = Page()
    page.press("\t", 1, terminator=True)
    page.press("\r", 1, terminator=True)
    page.type("\x1b\x08\x7f", 1)
    page.press("", 1)
    assert page.passed == "\t\r\x1b\x08\x7f"
    assert page.arrived == []


def test_a_space_alone_is_given_back_and_within_a_scan_it_is_a_character() -> None:
    page = Page()
    seen = [page.keys.may_give_back]
    page.press(" ")
    seen.append(page.keys.may_give_back)
    page.wait(PAUSE)
    assert page.passed == " "
    page.type(" 8659 ")
    seen.append(page.keys.may_give_back)
    page.wait(PAUSE)
    assert seen == [False, True, False]
    assert page.texts() == [(" 8659 ", Ending.NOTHING)]
    assert page.passed == " "


def test_control_characters_are_heard() -> None:
    page = Page()
    page.type("86\x1d59\x04")
    page.press("\r", terminator=True)
    assert page.texts() == [("86\x1d59\x04", Ending.ENTER)]


def test_two_scans_are_two() -> None:
    page = Page()
    for text in (SERIAL, "EMP20417"):
        page.type(text)
        page.press("\r", terminator=True)
    page.type("1")
    page.type("2", PAUSE)
    page.wait(PAUSE)
    assert [text for text, _ in page.texts()] == [SERIAL, "EMP20417", "1", "2"]


def test_a_flood_of_keys_is_kept_to_a_bound_and_swallowed_all_the_same() -> None:
    page = Page()
    page.type("8" * (MAXIMUM_TEXT + 5), 0)
    page.wait(PAUSE)
    assert len(page.arrived[0].text) == MAXIMUM_TEXT
    assert page.passed == ""


def test_what_is_half_way_when_the_trial_ends_goes_nowhere_and_then_keys_pass() -> None:
    page = Page()
    page.type(SERIAL[:6])
    page.keys.turn(on=False)
    page.type(SERIAL[6:])
    page.press("\r", terminator=True)
    page.type("next", 0.2)
    assert page.arrived == []
    assert page.passed == "next"


def test_what_was_held_when_the_trial_ends_is_over_after_the_pause() -> None:
    page = Page()
    page.type(SERIAL)
    page.keys.turn(on=False)
    page.wait(PAUSE)
    assert not page.keys.listening
    assert page.keys.deadline is None
    assert page.arrived == []


def test_no_repr_shows_a_key() -> None:
    page = Page()
    page.type(SERIAL)
    assert "8659" not in repr(page.keys)
    taken = page.keys.feed(Key("\r", page.now, terminator=True))
    assert taken.arrival is not None
    assert "8659" not in repr(taken)
