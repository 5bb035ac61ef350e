"""The table of keys is sound in itself: each entry takes its own default and example."""

import re
from pathlib import Path

import pytest

from app.settings.key import Key
from app.settings.lookup import keys_in
from app.settings.schema import KEYS, PROFILE_KEYS, PROFILES, SECTION_TYPES, SECTIONS
from tests.settings.layers import on_this_machine

ALL = (*KEYS, *PROFILE_KEYS)


@pytest.mark.parametrize("key", ALL, ids=lambda key: key.path)
def test_each_key_takes_what_the_example_file_shows(key: Key, tmp_path: Path) -> None:
    for name in ("station.pem", "station.passphrase", "station.pin", "module.so", "company-ca.pem"):
        (tmp_path / name).touch()
    assert key.shown is not None
    for value in (key.shown, key.default if key.default is not None else key.example):
        key.kind.at(tmp_path).taken(on_this_machine(value, tmp_path))


@pytest.mark.parametrize("key", ALL, ids=lambda key: key.path)
def test_each_key_is_explained_in_one_sentence(key: Key) -> None:
    assert re.fullmatch(r"[A-Z][^.!]*(\.\w[^.!]*)*\.", key.about)


def test_no_two_keys_have_one_name() -> None:
    assert len({key.path for key in ALL}) == len(ALL)


def test_every_name_can_be_a_variable_of_the_environment() -> None:
    for key in KEYS:
        assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", key.path)


def test_every_section_is_explained_and_has_keys() -> None:
    for section, about in SECTIONS.items():
        assert about.endswith(".")
        assert keys_in(section)


def test_the_sections_of_the_configuration_are_those_of_the_schema() -> None:
    assert set(SECTION_TYPES) | {"tenant", PROFILES} == set(SECTIONS)


def test_only_what_may_hold_a_password_is_secret() -> None:
    assert [key.path for key in ALL if key.secret] == ["network.proxy", "kiosk.pin"]


def test_a_default_never_shows_in_a_repr() -> None:
    assert "default" not in repr(KEYS[0])
