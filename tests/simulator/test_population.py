"""The practice people and tokens: all there, all different, the same from the same seed."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.simulator.model import Person
from app.simulator.population import NAMED, make_people, romanise
from app.simulator.stock import DEMO_SERIAL, TOKEN2_MODELS, make_tokens

PEOPLE, OPERATORS = make_people(5000, 2026)
TOKENS = make_tokens(2000, 2026, PEOPLE)


def ordinary(person: Person) -> bool:
    return person.account_enabled and not person.is_guest and not person.roles


def test_there_are_as_many_as_asked_for_and_nobody_twice() -> None:
    assert len(PEOPLE) == len({p.id for p in PEOPLE}) == 5000
    assert len({p.user_principal_name.lower() for p in PEOPLE}) == 5000
    numbers = [p.employee_id for p in PEOPLE if p.employee_id]
    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"\d{6}", number) for number in numbers)


def test_the_named_people_are_there_and_eligible() -> None:
    by_number = {p.employee_id: p for p in PEOPLE}
    for number, name in NAMED:
        assert by_number[number].display_name == name.display
        assert ordinary(by_number[number])


def test_every_case_a_desk_meets_is_among_them() -> None:
    assert any(p.is_guest for p in PEOPLE)
    assert any(not p.account_enabled for p in PEOPLE)
    assert any(p.mail is None and not p.is_guest for p in PEOPLE)
    assert any(p.employee_id is None and not p.is_guest for p in PEOPLE)
    assert any(p.roles for p in PEOPLE[11:])
    assert len({p.preferred_language for p in PEOPLE}) >= 19


def test_addresses_are_plain_letters_whatever_the_script() -> None:
    for person in PEOPLE:
        alias = person.user_principal_name.partition("@")[0].replace("#EXT#", "")
        assert re.fullmatch(r"[a-z0-9._-]+", alias), alias


@given(st.text())
def test_romanising_leaves_only_letters_an_address_may_hold(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9-]*", romanise(text))


def test_the_same_seed_makes_the_same_tenant_and_another_another() -> None:
    again, _ = make_people(100, 2026)
    other, _ = make_people(100, 7)
    assert [p.id for p in again] == [p.id for p in PEOPLE[:100]]
    assert [p.id for p in other] != [p.id for p in again]


def test_passwords_are_never_shown() -> None:
    assert all(operator.password not in repr(operator) for operator in OPERATORS)
    assert all(token.secret not in repr(token) for token in TOKENS)


def test_serial_numbers_are_unique_and_some_lead_with_zeros() -> None:
    assert len({t.serial_number for t in TOKENS}) == 2000
    assert any(t.serial_number.startswith("00") for t in TOKENS[:12])


def test_the_drawer_holds_available_tokens_first_among_them_the_demo_one() -> None:
    assert TOKENS[0].serial_number == DEMO_SERIAL
    assert {t.status for t in TOKENS[:12]} == {"available"}
    assert any(t.clock_steps for t in TOKENS[:12])


def test_all_states_vendors_steps_and_hashes_are_there() -> None:
    assert {t.status for t in TOKENS} == {"available", "assigned", "activated", "failedActivation"}
    assert len({t.manufacturer for t in TOKENS}) == 5
    assert {(t.interval, t.hash_function) for t in TOKENS} == {
        (30, "hmacsha1"),
        (60, "hmacsha1"),
        (30, "hmacsha256"),
        (60, "hmacsha256"),
    }


def test_token2_serial_numbers_tell_their_model() -> None:
    for token in TOKENS:
        if token.serial_number.startswith("8659") and token.manufacturer == "Token2":
            assert TOKEN2_MODELS.get(token.serial_number[:7], "C202") == token.model


def test_held_tokens_are_held_by_people_who_may() -> None:
    by_id = {p.id: p for p in PEOPLE}
    for token in TOKENS:
        assert (token.holder is None) == (token.status == "available")
        if token.holder:
            assert not by_id[token.holder].is_guest
