"""The kinds of value: what each takes, in each of its three spellings, and what it refuses."""

import contextlib
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.cloud import Cloud
from app.core.model import Mode
from app.core.signin import SignInMethod
from app.settings.kinds import (
    Choice,
    Flag,
    Guid,
    Items,
    Kind,
    NotTaken,
    Pattern,
    Place,
    Proxy,
    Seconds,
    Text,
    Whole,
)

TENANT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30"
METHODS = Items(Choice(SignInMethod), least=1)
KINDS: tuple[Kind, ...] = (
    Text(),
    Choice(Cloud),
    Flag(),
    Whole(0, 9),
    Seconds(0, 1),
    METHODS,
    Guid(),
    Place(),
    Place(file=True),
    Proxy(),
    Pattern(),
)
TOML = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.binary(max_size=3),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=5,
)


def refusal(kind: Kind, value: object) -> NotTaken:
    with pytest.raises(NotTaken) as caught:
        kind.taken(value)
    return caught.value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@given(value=TOML)
def test_whatever_stands_there_is_taken_or_refused(kind: Kind, value: object) -> None:
    with contextlib.suppress(NotTaken):
        kind.at(Path("/srv")).taken(kind.of_registry(value))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@pytest.mark.parametrize("value", [{}, date(2026, 11, 25), b"x", None])
def test_what_no_key_takes_is_refused_by_all(kind: Kind, value: object) -> None:
    assert refusal(kind, value).culprit is value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_each_says_what_is_allowed(kind: Kind) -> None:
    assert kind.allowed
    assert not kind.allowed.endswith(".")


@pytest.mark.parametrize("text", ["受付 Nguyễn", "", "x" * 200])
def test_text_of_any_script_is_taken_as_it_is(text: str) -> None:
    assert Text().taken(text) == text


@pytest.mark.parametrize("text", ["x" * 201, "a\nb", "\x1b[2J", "\udcff", 3, ["Lobby"]])
def test_text_that_is_long_or_commands_a_terminal_is_refused(text: object) -> None:
    refusal(Text(), text)


def test_text_may_have_to_have_a_form() -> None:
    kind = Text(10, re.compile("[a-z]+"), "small letters")
    assert kind.taken("abc") == "abc"
    assert kind.taken("") == ""
    refusal(kind, "ABC")


def test_text_may_have_to_be_there() -> None:
    assert "0 characters" in refusal(Text(10, least=1), "").why
    assert "1 to 10" in Text(10, least=1).allowed


@pytest.mark.parametrize("text", ["assign-only", "assign_only"])
def test_a_choice_is_taken_with_dashes_or_underscores(text: str) -> None:
    assert Choice(Mode).taken(text) is Mode.ASSIGN_ONLY


@pytest.mark.parametrize("value", ["Assign-only", "assign", "", 1, True])
def test_a_choice_that_does_not_exist_is_refused(value: object) -> None:
    refusal(Choice(Mode), value)
    assert '"assign-only"' in Choice(Mode).allowed


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [("true", True), ("Yes", True), ("1", True), (" on ", True), ("off", False), ("NO", False)],
)
def test_a_flag_is_read_from_plain_words(spelled: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of a test
    assert Flag().taken(Flag().parsed(spelled)) is expected


@pytest.mark.parametrize("spelled", ["", "2", "maybe", "truee"])
def test_a_flag_is_not_guessed(spelled: str) -> None:
    assert refusal(Flag(), Flag().parsed(spelled)).culprit == spelled


@pytest.mark.parametrize(("value", "expected"), [(1, True), (0, False), ("true", True)])
def test_a_flag_in_the_registry_is_a_number(value: object, expected: bool) -> None:  # noqa: FBT001 - a parameter of a test
    assert Flag().taken(Flag().of_registry(value)) is expected


@pytest.mark.parametrize("value", [1, 0, "true"])
def test_a_flag_in_a_file_is_nothing_but_true_or_false(value: object) -> None:
    refusal(Flag(), value)


def test_a_whole_number_keeps_its_bounds() -> None:
    assert [Whole(3, 64).taken(value) for value in (3, 64)] == [3, 64]
    for value in (2, 65, 10**4000, 3.0, True, "3"):
        refusal(Whole(3, 64), value)


def test_a_whole_number_is_read_from_text() -> None:
    assert Whole(0, 99).taken(Whole(0, 99).parsed(" 07 ")) == 7
    for text in ("", "7.0", "0x7", "٣", "1_0", "9" * 19):
        assert refusal(Whole(0, 99), Whole(0, 99).parsed(text)).culprit == text


def test_seconds_may_be_whole_or_not() -> None:
    assert Seconds(0, 5).taken(5) == 5.0
    assert Seconds(0, 5).taken(Seconds(0, 5).parsed("0.25")) == 0.25
    for value in (5.01, -0.1, float("nan"), float("inf"), True, "1"):
        refusal(Seconds(0, 5), value)
    assert refusal(Seconds(0, 5), Seconds(0, 5).parsed("1e0")).culprit == "1e0"


def test_a_list_is_taken_in_its_order() -> None:
    assert METHODS.taken(["device-code", "browser"]) == (
        SignInMethod.DEVICE,
        SignInMethod.BROWSER,
    )


@pytest.mark.parametrize("text", ["device-code,browser", " device-code , browser "])
def test_a_list_is_read_from_text_with_commas(text: str) -> None:
    assert METHODS.taken(METHODS.parsed(text)) == (SignInMethod.DEVICE, SignInMethod.BROWSER)
    assert METHODS.parsed("  ") == []


def test_a_list_in_the_registry_may_hold_empty_lines() -> None:
    assert METHODS.taken(METHODS.of_registry(["browser", ""])) == (SignInMethod.BROWSER,)
    assert METHODS.taken(METHODS.of_registry("browser")) == (SignInMethod.BROWSER,)


@pytest.mark.parametrize(
    ("value", "culprit"),
    [
        ("browser", "browser"),
        ([], []),
        (["browser", "brwser"], "brwser"),
        (["browser", "browser"], "browser"),
        (["browser", 3], 3),
        (["browser"] * 33, ["browser"] * 33),
    ],
)
def test_a_list_names_what_in_it_is_wrong(value: object, culprit: object) -> None:
    assert refusal(METHODS, value).culprit == culprit


def test_a_list_of_texts_holds_no_empty_one() -> None:
    assert "list" in refusal(Items(Text()), ["COM4", ""]).why


@pytest.mark.parametrize("shape", ["{%s}", "%s", "urn:uuid:%s"])
def test_a_guid_may_be_written_as_tools_write_it(shape: str) -> None:
    assert Guid().taken(shape % TENANT.upper()) == TENANT


@pytest.mark.parametrize("value", ["contoso", "", 7, "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_guid_is_refused(value: object) -> None:
    refusal(Guid(), value)


def test_a_relative_path_begins_at_the_folder_that_is_named(tmp_path: Path) -> None:
    assert Place().at(tmp_path).taken("out") == tmp_path / "out"
    assert Place().at(tmp_path).taken(str(tmp_path / "in")) == tmp_path / "in"
    assert "whole path" in refusal(Place(), "out").why


@pytest.mark.parametrize("text", ["~/out", "~", "$HOME/out", "%TEMP%", "/srv/${USER}/x", "x/%A%"])
def test_nothing_in_a_path_is_expanded(text: str, tmp_path: Path) -> None:
    assert "not expanded" in refusal(Place().at(tmp_path), text).why


@pytest.mark.parametrize("text", ["100%", "cost$", "a~b", r"share$/x"])
def test_signs_that_mean_nothing_are_part_of_a_path(text: str, tmp_path: Path) -> None:
    assert Place().at(tmp_path).taken(text) == tmp_path / text


@pytest.mark.parametrize("text", ["", "a\0b", "a\nb", 3, "x" * 40_000])
def test_what_is_no_path_is_refused_or_left_to_whoever_opens_it(
    text: object, tmp_path: Path
) -> None:
    kind = Place().at(tmp_path)
    if isinstance(text, str) and len(text) > 40:
        assert kind.taken(text) == tmp_path / text
    else:
        refusal(kind, text)


def test_a_path_whose_backslashes_were_taken_for_escapes_says_how_to_write_it() -> None:
    value = tomllib.loads(r'folder = "C:\temp\new"')["folder"]
    with pytest.raises(NotTaken, match="single quotes"):
        Place().taken(value)


def test_a_file_has_to_be_there_and_a_folder_not(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    kind = Place(file=True)
    assert "no such file" in refusal(kind, str(file)).why
    assert "no such file" in refusal(kind, str(tmp_path)).why
    file.touch()
    assert kind.taken(str(file)) == file
    assert "a file stands there" in refusal(Place(), str(file)).why
    assert Place().taken(str(tmp_path)) == tmp_path


def test_a_link_to_nothing_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").symlink_to(tmp_path / "gone.pem")
    assert "no such file" in refusal(Place(file=True), str(tmp_path / "ca.pem")).why


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://proxy",
        "https://proxy.example:8443/",
        "http://me:p%40ss@10.0.0.1:3128",
        "http://[::1]:8080",
    ],
)
def test_the_address_of_a_proxy_is_taken(address: str) -> None:
    assert Proxy().taken(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "proxy:8080",
        "socks5://proxy",
        "http://",
        "http://proxy:99999",
        "http://proxy:0",
        "http://proxy/path",
        "http://proxy?x",
        "http://[::1",
        "http://a b",
        8080,
    ],
)
def test_what_is_no_proxy_is_refused_without_being_quoted(address: object) -> None:
    error = refusal(Proxy(), address)
    assert str(address) not in f"{error} {error!r} {error.why}"


def test_a_pattern_is_compiled() -> None:
    found = Pattern().taken(r"B(?P<number>\d+)")
    assert found is not None
    assert found.groupindex == {"number": 1}
    assert Pattern().taken("") is None
    assert Pattern().taken("[[a]") is not None


@pytest.mark.parametrize("text", ["(abc", "[", "(?P<number>", "a{99999999999}", "x" * 201, 3])
def test_a_pattern_that_cannot_be_used_is_refused(text: object) -> None:
    refusal(Pattern(), text)
