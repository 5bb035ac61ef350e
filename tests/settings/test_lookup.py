"""Keys are found by the paths they are written with, those of any profile too."""

import pytest

from app.settings.key import Key
from app.settings.lookup import key_of, keys_in, profile_names
from app.settings.schema import KEYS, PROFILES


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_each_key_is_found_by_its_path(key: Key) -> None:
    assert key_of(key.path) is key


def test_the_keys_of_every_profile_are_found() -> None:
    assert key_of("tenants.north.id") is key_of("tenants.south-2.id")
    assert keys_in(PROFILES) == ("id", "client_id", "name", "cloud", "label")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "desk",
        "desk.",
        ".name",
        "desk.name.x",
        "tenants.id",
        "tenants.*.id",
        "tenants.A.id",
        "tenants.a.b.id",
        "tenants..id",
    ],
)
def test_what_is_no_path_names_no_key(path: str) -> None:
    assert key_of(path) is None


def test_profiles_are_named_in_their_order() -> None:
    paths = ["tenants.b.id", "desk.name", "tenants.a.id", "tenants.b.name"]
    assert profile_names(paths) == ("b", "a")
