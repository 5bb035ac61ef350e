"""A name that is no key: what is there instead, and which one may be meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings.lookup import key_of
from app.settings.schema import KEYS, SECTIONS
from app.settings.unknown import perhaps, unknown


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("desk.nmae", "desk.name"),
        ("tenant.clientid", "tenant.client_id"),
        ("tenants.north.lable", "tenants.label"),
        ("desk.theme", "look.theme"),
        ("theme", "look.theme"),
        ("prefix", "scanner.prefix or serial.prefix"),
        ("dsek", "desk"),
        ("sign_in.cache", "signin.cache"),
        ("tennant.*", "tenant"),
    ],
)
def test_a_misspelt_name_is_told_with_the_one_it_is_most_like(path: str, meant: str) -> None:
    assert f"perhaps {meant} is meant" in unknown("config.toml:3", path).problem


@pytest.mark.parametrize(
    "path", ["desk.zzz", "zzz", "zzz.zzz", "x" * 10_000, "desk." + "x" * 10_000]
)
def test_a_name_like_no_other_is_told_without_a_guess(path: str) -> None:
    assert "perhaps" not in unknown("config.toml:3", path).problem


def test_what_there_is_instead_is_listed() -> None:
    assert (
        unknown("here", "desk.zzz").allowed
        == "in [desk] the keys name, mode, exports, without_token, method_name, line_mode, lane"
    )
    assert all(section in unknown("here", "zzz").allowed for section in SECTIONS)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_two_letters_the_wrong_way_round_are_no_riddle(key: object) -> None:
    path = str(getattr(key, "path", ""))
    section, _, name = path.partition(".")
    swapped = f"{section}.{name[1]}{name[0]}{name[2:]}"
    if len(name) > 3 and key_of(swapped) is None:
        assert f"perhaps {path} is meant" in unknown("here", swapped).problem


@given(path=st.text())
def test_any_name_can_be_told(path: str) -> None:
    problem = unknown("here", path)
    assert str(problem).isprintable()
    assert len(problem.key) <= 60 * 10


def test_of_no_names_none_is_like_it() -> None:
    assert perhaps("name", ()) == ""
