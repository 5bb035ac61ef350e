"""What can be done with a token, why the rest cannot, and what it comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enrollment import RESTING, State
from app.core.lifecycle import (
    Deed,
    Preview,
    choices,
    old_goes_first,
    preview,
    proves,
    undo,
    without,
)
from app.core.model import (
    METHODS_LIMIT,
    WITHOUT_TOKEN,
    Holder,
    Method,
    MethodKind,
    Mode,
    Operation,
    Proof,
    Token,
    TokenStatus,
)
from app.core.preflight import Facts, FindingKind, Severity
from tests.core.happenings import begun
from tests.fakes.nouns import (
    EVERYONE,
    a_person,
    a_phone,
    a_token,
    an_authenticator,
    an_operator,
    hardware_method,
    holder_of,
)

ADA, BEN = a_person("Ada"), a_person("Ben", "20418")
TOKEN = a_token()


def facts_of(token: Token, *methods: Method, mode: Mode = Mode.ASSIGN_AND_ACTIVATE) -> Facts:
    return Facts(token, ADA, methods, an_operator(), mode, policy=EVERYONE)


def held(status: TokenStatus) -> Facts:
    token = replace(TOKEN, status=status, holder=holder_of(ADA))
    return facts_of(token, hardware_method(token))


def reasons(facts: Facts) -> dict[Deed, FindingKind | None]:
    return {one.deed: one.why.kind if one.why else None for one in choices(facts)}


def test_an_activated_token_is_deactivated_removed_or_replaced() -> None:
    assert reasons(held(TokenStatus.ACTIVATED)) == {
        Deed.HAND_OVER: FindingKind.TOKEN_ACTIVE_HERE,
        Deed.ACTIVATE: FindingKind.TOKEN_ACTIVE_HERE,
        Deed.DEACTIVATE: None,
        Deed.UNASSIGN: None,
        Deed.REPLACE: None,
    }


def test_a_token_in_stock_is_handed_over_and_nothing_else() -> None:
    assert reasons(facts_of(TOKEN)) == {
        Deed.HAND_OVER: None,
        Deed.ACTIVATE: FindingKind.TOKEN_IN_STOCK,
        Deed.DEACTIVATE: FindingKind.TOKEN_IN_STOCK,
        Deed.UNASSIGN: FindingKind.TOKEN_IN_STOCK,
        Deed.REPLACE: FindingKind.TOKEN_IN_STOCK,
    }


def test_an_assigned_token_can_be_activated_whatever_the_desk_usually_does() -> None:
    facts = replace(held(TokenStatus.ASSIGNED), mode=Mode.ASSIGN_ONLY)
    assert reasons(facts)[Deed.ACTIVATE] is None
    assert reasons(facts)[Deed.DEACTIVATE] is FindingKind.TOKEN_NOT_ACTIVE


def test_a_token_of_somebody_else_is_nothing_to_do_with_this_person() -> None:
    token = replace(TOKEN, status=TokenStatus.ACTIVATED, holder=holder_of(BEN))
    found = reasons(facts_of(token))
    assert found.pop(Deed.HAND_OVER) is FindingKind.TOKEN_HELD
    assert set(found.values()) == {FindingKind.TOKEN_OF_ANOTHER}


@given(
    status=st.sampled_from(TokenStatus),
    holder=st.sampled_from([None, holder_of(ADA), holder_of(BEN)]),
    listed=st.booleans(),
    underway=st.booleans(),
)
def test_what_cannot_be_done_has_a_reason_that_stands_in_the_way(
    status: TokenStatus, holder: Holder | None, *, listed: bool, underway: bool
) -> None:
    token = replace(TOKEN, status=status, holder=holder)
    facts = facts_of(token, *([hardware_method(token)] if listed else []))
    found = choices(replace(facts, underway=underway))
    assert [one.deed for one in found] == list(Deed)
    assert all(one.why is None or one.why.severity is Severity.BLOCKS for one in found)
    taking = {one.deed for one in found if one.why is None} - {Deed.HAND_OVER}
    assert not taking or listed or holder == holder_of(ADA)
    assert not (underway and taking)


# What is told ------------------------------------------------------------------------------------


def test_a_preview_needs_a_token_and_a_person() -> None:
    assert preview(begun()) is None
    assert preview(replace(begun(), token=TOKEN)) is None


@pytest.mark.parametrize("proof", [None, *Proof])
def test_a_preview_says_what_is_done_to_which_token_of_whom(proof: Proof | None) -> None:
    taking = replace(begun(operation=Operation.UNASSIGN), token=TOKEN, person=ADA, proof=proof)
    assert preview(taking) == Preview(
        Operation.UNASSIGN, "86590001", "Ada", without_token=proof in WITHOUT_TOKEN
    )


def test_what_is_done_can_be_undone_where_graph_has_a_request_for_it() -> None:
    assert {state: undo(begun(state=state)) for state in RESTING if undo(begun(state=state))} == {
        State.ASSIGNED: Operation.UNASSIGN,
        State.ACTIVATED: Operation.UNASSIGN,
        State.HALF_DONE: Operation.UNASSIGN,
        State.DEACTIVATED: Operation.ACTIVATE,
        State.RETURNED: Operation.ASSIGN,
    }


@pytest.mark.parametrize("proof", [each for each in Proof if each in WITHOUT_TOKEN])
def test_a_token_that_is_not_there_is_not_given_again(proof: Proof) -> None:
    assert undo(replace(begun(state=State.RETURNED), proof=proof)) is None


# Proofs and halves -------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["86590001", " 86590001 "])
def test_the_right_serial_number_proves_the_token(shown: str) -> None:
    assert proves(TOKEN, shown)


@pytest.mark.parametrize("shown", ["", " ", "8659000", "865900011", "86590002"])
def test_any_other_proves_nothing(shown: str) -> None:
    assert not proves(TOKEN, shown)


def test_letters_prove_in_either_case() -> None:
    assert proves(replace(TOKEN, serial_number="gale10000001"), "GALE10000001")


def test_a_token_without_a_serial_number_is_proved_by_nothing() -> None:
    assert not proves(replace(TOKEN, serial_number=""), "")


@pytest.mark.parametrize("number", range(METHODS_LIMIT + 2))
def test_the_old_token_goes_first_only_at_the_limit(number: int) -> None:
    methods = tuple(an_authenticator(each) for each in range(number))
    assert old_goes_first((a_phone(), *methods)) is (number >= METHODS_LIMIT)


def test_without_a_token_the_other_methods_stay() -> None:
    other = hardware_method(a_token("2"))
    assert without((a_phone(), hardware_method(TOKEN), other), TOKEN) == (a_phone(), other)
    assert without((a_phone(), other), TOKEN) == (a_phone(), other)


def test_a_token_is_told_by_its_serial_number_where_its_id_is_not_known() -> None:
    bare = Method("m", MethodKind.HARDWARE_TOKEN)
    nameless = replace(TOKEN, device_id="")
    assert without((bare, hardware_method(TOKEN)), nameless) == (bare,)
