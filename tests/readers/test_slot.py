"""One reader as a machine: whatever the service says, its events make sense to who hears them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.reading import (
    CardEvent,
    CardGone,
    CardRead,
    CardSeen,
    Family,
    Help,
    NeedsHelp,
    NotAToken,
    Thing,
    TokenReading,
)
from app.readers.slot import DoubleReads, Slot
from app.readers.winscard import SlotState

READER = "reader"
A = TokenReading(Family.YUBIKEY, "", "1")
B = TokenReading(Family.YUBIKEY, "", "2")
EMPTY, PRESENT, CHANGED, MUTE = 0x10, 0x20, 0x2, 0x200
ATRS = (b"", b"\x3b\x00", b"\x3b\x80\x01\x80\x01")


def state(flags: int, count: int = 0, atr: bytes = b"\x3b\x00") -> SlotState:
    return SlotState(READER, count << 16 | flags | CHANGED, atr)


states = st.builds(
    state,
    st.sampled_from((EMPTY, PRESENT, PRESENT | MUTE, 0, EMPTY | 0x8)),
    st.integers(0, 4),
    st.sampled_from(ATRS),
)
readings = st.sampled_from((A, B, NotAToken(Thing.UNKNOWN), NeedsHelp(Help.BUSY, "x")))


@given(st.lists(st.one_of(states, readings), max_size=40))
def test_cards_are_seen_then_read_then_gone(steps: list[SlotState | TokenReading]) -> None:
    slot, events, now = Slot(READER, DoubleReads(2.0)), list[CardEvent](), 0.0
    for step in steps:
        now += 0.7
        if isinstance(step, SlotState):
            events += slot.update(step, now)
        elif slot.since is not None:
            events += slot.answered(step, now)
    there = False
    for event in events:
        assert there is not isinstance(event, CardSeen)
        there = not isinstance(event, CardGone)
    assert there is (slot.since is not None)


def test_a_second_card_of_the_same_kind_is_noticed_by_the_count() -> None:
    slot = Slot(READER, DoubleReads(2.0))
    assert list(slot.update(state(PRESENT, 1), 0)) == [CardSeen(READER)]
    list(slot.answered(A, 0))
    assert list(slot.update(state(PRESENT, 1), 1)) == []
    assert list(slot.update(state(PRESENT, 3), 2)) == [CardGone(READER), CardSeen(READER)]


def test_a_card_lifted_before_it_was_read_is_told() -> None:
    slot = Slot(READER, DoubleReads(2.0))
    list(slot.update(state(PRESENT, 1), 0))
    lifted = CardRead(READER, NeedsHelp(Help.LIFTED))
    assert list(slot.update(state(EMPTY, 2), 1)) == [lifted, CardGone(READER)]


def test_the_same_card_is_told_again_after_two_seconds_of_absence() -> None:
    doubles = DoubleReads(2.0)
    assert doubles.is_new(READER, A, 0)
    doubles.left(READER, 10)
    assert not doubles.is_new(READER, A, 11.9)
    doubles.left(READER, 12)
    assert doubles.is_new(READER, A, 14.1)


def test_another_card_in_between_makes_the_first_one_new() -> None:
    doubles = DoubleReads(2.0)
    assert [doubles.is_new(READER, each, 0.5) for each in (A, B, A)] == [True, True, True]


def test_a_card_that_bounces_after_it_was_read_is_not_told_to_be_held_still() -> None:
    doubles = DoubleReads(2.0)
    assert doubles.is_new(READER, A, 0)
    assert not doubles.is_new(READER, NeedsHelp(Help.LIFTED), 1)
    assert not doubles.is_new(READER, A, 2)


def test_what_was_seen_long_ago_is_forgotten() -> None:
    doubles = DoubleReads(2.0)
    for number in range(1_000):
        doubles.is_new(f"reader {number}", A, number)
    assert len(doubles._last) <= 3
