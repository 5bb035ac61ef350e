"""What is heard of the desk: taken, look here, or nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.enrollment import NEEDS_ATTENTION, Enrollment, State
from app.core.model import Mode, Source
from app.station.notices import CardState, DeskNotice, PersonCard, Sound, TokenCard
from app.ui.models.sounds import sound_of, sound_of_line
from tests.ui.models.test_today import LINE

EMPTY = DeskNotice(Enrollment("one", Mode.ASSIGN_ONLY), TokenCard(), PersonCard())


def at(state: State) -> DeskNotice:
    return replace(EMPTY, enrollment=replace(EMPTY.enrollment, state=state))


def token(state: CardState, source: Source = Source.CARD) -> DeskNotice:
    return replace(EMPTY, token_card=TokenCard(state, "86590001", source))


def person(state: CardState) -> DeskNotice:
    return replace(EMPTY, person_card=PersonCard(state))


@pytest.mark.parametrize("source", [Source.CARD, Source.SCANNER, Source.PRACTICE])
def test_a_token_that_was_read_is_heard_once_it_is_known(source: Source) -> None:
    loading, found = token(CardState.LOADING, source), token(CardState.FOUND, source)
    assert sound_of(EMPTY, loading) is None
    assert sound_of(loading, found) is Sound.ACCEPTED
    assert sound_of(found, found) is None


def test_what_is_typed_is_seen_and_not_heard() -> None:
    assert sound_of(EMPTY, token(CardState.FOUND, Source.TYPED)) is None
    assert sound_of(EMPTY, person(CardState.FOUND)) is None


@pytest.mark.parametrize("state", [CardState.UNKNOWN, CardState.FAILED, CardState.UNREAD])
def test_what_was_read_in_vain_asks_for_a_look(state: CardState) -> None:
    assert sound_of(EMPTY, token(state)) is Sound.ATTENTION
    if state is not CardState.UNREAD:
        assert sound_of(EMPTY, person(state)) is Sound.ATTENTION


@pytest.mark.parametrize("state", [State.ASSIGNED, State.ACTIVATED])
def test_what_the_directory_confirmed_is_heard(state: State) -> None:
    assert sound_of(at(State.CONFIRMING), at(state)) is Sound.ACCEPTED
    assert sound_of(at(state), at(state)) is None


@pytest.mark.parametrize("state", sorted(NEEDS_ATTENTION | {State.UNCHECKED}, key=str))
def test_what_needs_attention_is_heard_each_time(state: State) -> None:
    again = replace(at(state), enrollment=replace(at(state).enrollment, attempts=2))
    assert sound_of(at(State.CHECKING), at(state)) is Sound.ATTENTION
    assert sound_of(at(state), at(state)) is None
    assert sound_of(at(state), again) is Sound.ATTENTION


def test_t2_a_refusal_is_heard_when_it_comes_and_not_again_when_its_patience_ends() -> None:
    assert sound_of(at(State.SUBMITTING), at(State.AFTER_REFUSAL)) is Sound.ATTENTION
    assert sound_of(at(State.AFTER_REFUSAL), at(State.NOT_DONE)) is None
    assert sound_of(at(State.AFTER_REFUSAL), at(State.TAKEN)) is Sound.ATTENTION
    refused, over = ([replace(LINE, state=each)] for each in (State.AFTER_REFUSAL, State.NOT_DONE))
    assert sound_of_line([], refused, ()) is Sound.ATTENTION
    assert sound_of_line(refused, over, ()) is None


def test_neither_the_first_notice_nor_a_cleared_desk_makes_a_sound() -> None:
    assert sound_of(None, token(CardState.FOUND)) is None
    assert sound_of(at(State.BLOCKED), EMPTY) is None


def test_what_comes_to_rest_behind_the_desk_is_heard_once() -> None:
    sent, done = [replace(LINE, state=State.CONFIRMING)], [LINE]
    assert sound_of_line([], sent, ()) is None
    assert sound_of_line(sent, done, ()) is Sound.ACCEPTED
    assert sound_of_line(done, done, ()) is None


def test_what_is_in_front_is_heard_there_and_not_once_more() -> None:
    assert sound_of_line([], [LINE], {LINE.enrollment_id}) is None


@pytest.mark.parametrize("state", [state for state in State if state in NEEDS_ATTENTION])
def test_what_needs_attention_behind_the_desk_is_heard_before_what_went_well(state: State) -> None:
    refused = replace(LINE, enrollment_id="two", state=state)
    assert sound_of_line([], [LINE, refused], ()) is Sound.ATTENTION
