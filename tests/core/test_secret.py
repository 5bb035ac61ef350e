"""A secret is revealed by name alone, and read from what vendors write."""

from __future__ import annotations

import base64
import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.secret import (
    Encoding,
    Secret,
    SecretProblem,
    base32_bytes,
    decoded,
    normal,
    possible,
    sized,
    swift,
)

SEED = b"12345678901234567890"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
seeds = st.binary(min_size=10, max_size=80)


def base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def test_a_secret_is_revealed_by_name() -> None:
    assert Secret(SEED).reveal_base32() == BASE32
    assert Secret(SEED).reveal() == SEED


def test_no_other_form_shows_it() -> None:
    secret = Secret(SEED)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>12}", f"{secret!r}", "%s" % secret]  # noqa: UP031 - each way of making text is tried
    shown += [repr([secret]), repr({"secret": secret}), ascii(secret)]
    for text in shown:
        assert "12345" not in text
        assert BASE32[:6] not in text
        assert "*" in text


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        pickle.dumps(Secret(SEED), protocol)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_secret_is_not_copied(duplicate: object) -> None:
    assert callable(duplicate)
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        duplicate(Secret(SEED))


def test_a_wiped_secret_reveals_nothing() -> None:
    secret = Secret(SEED)
    held = secret._raw
    secret.wipe()
    assert secret.wiped
    assert not held
    for reveal in (secret.reveal, secret.reveal_base32):
        with pytest.raises(ValueError, match="wiped"):
            reveal()
    secret.wipe()


def test_wiping_overwrites_before_it_lets_go() -> None:
    class Watched(bytearray):
        seen = b""

        def clear(self) -> None:
            self.seen = bytes(self)
            super().clear()

    secret = Secret(SEED)
    watched = Watched(SEED)
    secret._raw = watched
    secret.wipe()
    assert watched.seen == bytes(len(SEED))


def test_secrets_are_equal_by_their_bytes_and_have_no_hash() -> None:
    assert Secret(SEED) == Secret(bytearray(SEED))
    assert Secret(SEED) != Secret(SEED[:-1])
    assert Secret(SEED) != SEED
    with pytest.raises(TypeError):
        hash(Secret(SEED))


@given(st.binary(min_size=1, max_size=200))
def test_base32_is_that_of_the_rfc(raw: bytes) -> None:
    assert Secret(raw).reveal_base32() == base32(raw)
    assert base32_bytes(base32(raw)) == raw


@given(seeds)
def test_a_seed_is_read_in_either_encoding(raw: bytes) -> None:
    assert decoded(base32(raw), Encoding.BASE32) == Secret(raw)
    assert decoded(raw.hex().upper(), Encoding.HEX) == Secret(raw)


@pytest.mark.parametrize(
    "written",
    ["gezd gnbv gy3t qojq gezd gnbv gy3t qojq", "GEZDGNBV-GY3TQOJQ-GEZDGNBV-GY3TQOJQ", BASE32],
)
def test_groups_case_and_dashes_do_not_matter(written: str) -> None:
    assert decoded(normal(written), Encoding.BASE32) == Secret(SEED)


def test_padding_goes_at_the_end_alone() -> None:
    assert decoded("ABCDEFGHIJKLMNOPQRSTUVWXYZ======", Encoding.BASE32) == Secret(
        base32_bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    )
    assert decoded("ABCD=EFGHIJKLMNOPQRS", Encoding.BASE32) is SecretProblem.NOT_BASE32


def test_a_sharp_s_does_not_become_two_letters() -> None:
    assert decoded(normal("ABCDEFGHIJKLMNO\u00df"), Encoding.BASE32) is SecretProblem.NOT_BASE32


@pytest.mark.parametrize(
    ("text", "encoding", "problem"),
    [
        ("", Encoding.HEX, SecretProblem.MISSING),
        ("", Encoding.BASE32, SecretProblem.MISSING),
        ("====", Encoding.BASE32, SecretProblem.NOT_BASE32),
        ("0G" * 10, Encoding.HEX, SecretProblem.NOT_HEX),
        ("012", Encoding.HEX, SecretProblem.NOT_HEX),
        ("A" * 17, Encoding.BASE32, SecretProblem.NOT_BASE32),
        ("A" * 15 + "0", Encoding.BASE32, SecretProblem.NOT_BASE32),
        ("00" * 9, Encoding.HEX, SecretProblem.TOO_SHORT),
        ("A" * 8, Encoding.BASE32, SecretProblem.TOO_SHORT),
        ("00" * 81, Encoding.HEX, SecretProblem.TOO_LONG),
        ("A" * 130, Encoding.BASE32, SecretProblem.TOO_LONG),
    ],
)
def test_what_is_no_seed_is_told_apart(
    text: str, encoding: Encoding, problem: SecretProblem
) -> None:
    assert decoded(text, encoding) is problem


def test_the_bounds_are_those_of_the_directory() -> None:
    assert sized(b"") is SecretProblem.MISSING
    assert sized(bytes(9)) is SecretProblem.TOO_SHORT
    for size, characters in ((10, 16), (80, 128)):
        secret = sized(bytes(size))
        assert isinstance(secret, Secret)
        assert len(secret.reveal_base32()) == characters
    assert sized(bytes(81)) is SecretProblem.TOO_LONG


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08E49538328BAE830E0DB14A82341100BC23B840", {Encoding.HEX}),
        (BASE32, {Encoding.BASE32}),
        ("ABCDEF23ABCDEF23ABCDEF23ABCDEF23", {Encoding.HEX, Encoding.BASE32}),
        ("ABCDEF23ABCDEF23ABCDEF23AB======", {Encoding.BASE32}),
        ("0G", set()),
        ("", set()),
        ("\u0660" * 20, set()),
    ],
)
def test_what_a_text_can_be_is_told_by_its_characters(text: str, expected: set[Encoding]) -> None:
    assert possible(text) == expected


@given(
    st.integers(10, 80),
    st.lists(st.integers(0, 2**640 - 1), min_size=1),
    st.sampled_from(Encoding),
)
def test_many_at_once_are_the_same_as_one_by_one(
    size: int, numbers: list[int], written: Encoding
) -> None:
    hexadecimal = written is Encoding.HEX
    raws = [(number % 2 ** (size * 8)).to_bytes(size, "big") for number in numbers]
    texts = [raw.hex().upper() if hexadecimal else base32(raw) for raw in raws]
    marks = {
        Encoding.HEX: set("0189") if hexadecimal else set(),
        Encoding.BASE32: set() if hexadecimal else set("GHIJKLMNOPQRSTUVWXYZ"),
    }
    for encoding in Encoding:
        found = swift(texts, encoding)
        sure = encoding in marks and all(marks[encoding] & set(text) for text in texts)
        if encoding is Encoding.HEX and any(map(str.isdecimal, texts)):
            sure = False  # digits alone may be text as well
        assert (found is not None) == sure
        if found is not None:
            assert found == [decoded(text, encoding) for text in texts]
            assert all(possible(text) == {encoding} for text in texts)


@given(st.lists(st.text(alphabet="012ABGZ=\n ab\u0660_-", min_size=16, max_size=16), min_size=1))
def test_what_is_unusual_is_left_to_a_closer_look(texts: list[str]) -> None:
    for encoding in Encoding:
        found = swift(texts, encoding)
        if found is not None:
            assert found == [decoded(normal(text), encoding) for text in texts]


@pytest.mark.parametrize(
    ("text", "encoding"), [(SEED.hex() + "9f", Encoding.HEX), (BASE32.lower(), Encoding.BASE32)]
)
def test_many_at_once_may_be_in_small_letters(text: str, encoding: Encoding) -> None:
    assert swift([text, text], encoding) == [decoded(normal(text), encoding)] * 2
