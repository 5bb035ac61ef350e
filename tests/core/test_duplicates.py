"""Which of two tokens with one serial number is the older one, and when nobody can say."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.core.duplicates import Duplicate, told_apart, twins
from app.core.model import Method, MethodKind
from tests.fakes.nouns import a_phone, a_token, hardware_method

NEW, OTHER = a_token(), a_token("86590002")
OLD = replace(NEW, device_id="legacy")


def test_only_tokens_that_share_their_serial_number_are_twins() -> None:
    bare = Method("bare", MethodKind.HARDWARE_TOKEN)
    methods = [a_phone(), bare, *map(hardware_method, (OLD, OTHER, NEW))]
    assert twins(methods) == ((OLD, NEW),)


def test_the_case_of_letters_makes_no_other_serial_number() -> None:
    lower, upper = (replace(OLD, serial_number=text) for text in ("gale1", "GALE1"))
    assert twins(map(hardware_method, (lower, upper))) == ((lower, upper),)


def test_a_token_without_a_serial_number_is_nobodys_twin() -> None:
    nameless = replace(OLD, serial_number="")
    assert twins(map(hardware_method, (nameless, nameless))) == ()


def test_the_one_that_is_not_listed_is_the_older() -> None:
    assert told_apart((OLD, NEW), [NEW]) == (Duplicate(OLD, NEW),)
    assert told_apart((NEW, OLD), [NEW, OTHER]) == (Duplicate(OLD, NEW),)


def test_where_both_or_none_are_listed_nothing_is_removed() -> None:
    assert told_apart((OLD, NEW), [OLD, NEW]) == ()
    assert told_apart((OLD, NEW), []) == ()


@given(listed=st.sets(st.sampled_from([0, 1, 2])))
def test_one_of_them_always_stays(listed: set[int]) -> None:
    group = tuple(replace(NEW, device_id=f"device-{number}") for number in range(3))
    removed = told_apart(group, [group[number] for number in listed])
    assert len(removed) in {0, 2}
    assert all(one.legacy != one.kept and one.kept in group for one in removed)
