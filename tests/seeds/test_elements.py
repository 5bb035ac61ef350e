"""XML that harms: bombs, outside references, endless depth, endless tags. Each is refused."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from app.core.errors import (
    SeedFileError,
    SeedFileHostile,
    SeedFileNotRecognised,
    SeedFileTooLarge,
    SeedFileUnreadable,
)
from app.seeds import read
from tests.seeds.support import Desk
from tests.seeds.writers import key_container, key_package

PSKC = b'<KeyContainer xmlns="urn:ietf:params:xml:ns:keyprov:pskc">'
LAUGHS = "".join(
    f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' if n else '<!ENTITY lol0 "lol">' for n in range(10)
)
HOSTILE = {
    "million laughs": f"<!DOCTYPE lolz [{LAUGHS}]><KeyContainer>&lol9;</KeyContainer>",
    "one long entity": f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]><data>{"&x;" * 50_000}</data>',
    "external file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><data>&x;</data>',
    "external address": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><data/>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><data/>',
    "empty document type": "<!DOCTYPE Tokens><Tokens/>",
    "deep": "<data>" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_harms_is_refused(desk: Desk, name: str) -> None:
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(SeedFileHostile):
        desk.read(HOSTILE[name])
    assert time.perf_counter() - began < 5
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "filling",
    [b"<!-- %b", b"<KeyPackage a='%b", b"<?x %b", b"<KeyPackage><Key><Data><Secret><PlainValue>%b"],
    ids=["comment", "attribute", "instruction", "text"],
)
def test_a_part_without_end_is_refused_soon(desk: Desk, filling: bytes) -> None:
    began = time.perf_counter()
    with pytest.raises(SeedFileTooLarge):
        desk.read(PSKC + filling % (b"x" * 20_000_000))
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    "content",
    [
        key_container(key_package())[:-20],
        key_container(key_package()).replace(b"</Key>", b"</Kay>"),
        key_container(key_package(user="&nobody;")),
        key_container(key_package(user="a\x00b")),
        key_container(key_package()).replace(b"One", b"\xff"),
        b"<data></data><data/>",
    ],
    ids=["cut short", "crossed tags", "unknown entity", "NUL", "not UTF-8", "two roots"],
)
def test_what_is_not_well_formed_is_told_with_its_line(desk: Desk, content: bytes) -> None:
    with pytest.raises(SeedFileUnreadable) as raised:
        desk.read(content)
    assert raised.value.line is not None


@pytest.mark.parametrize(
    "content", [b"<html><body/></html>", b"<x/>", b"<?xml version='1.0'?><a>" + b"<b/>" * 100_000]
)
def test_another_kind_of_xml_is_not_recognised(desk: Desk, content: bytes) -> None:
    with pytest.raises(SeedFileNotRecognised):
        desk.read(content)


def test_xml_in_other_encodings_is_read(desk: Desk) -> None:
    text = key_container(key_package(user="zoë@contoso.com")).decode()
    in_utf_16 = text.replace("UTF-8", "UTF-16").encode("utf-16")
    in_latin_1 = text.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    for content in (in_utf_16, in_latin_1, "\ufeff" + text):
        assert desk.read(content).tokens[0].person == "zoë@contoso.com"


@pytest.mark.parametrize("name", ["TF-8", "base64", "idna", "utf-7", "shift_jis", "unicode_escape"])
def test_an_encoding_that_no_seed_file_has_is_refused(desk: Desk, name: str) -> None:
    content = key_container(key_package()).replace(b"UTF-8", name.encode())
    with pytest.raises(SeedFileUnreadable, match="encoding") as raised:
        desk.read(content)
    assert raised.value.line == 1


def test_text_in_pieces_is_one_text(desk: Desk) -> None:
    package = key_package().replace("MTIzNDU2", "<!-- a -->MTIz<![CDATA[NDU2]]>")
    assert len(desk.read(key_container(package)).tokens) == 1


def test_memory_does_not_grow_with_the_file(desk: Desk) -> None:
    packages = key_package(kind="hotp", serial="").replace("One", "x" * 10_000)
    path = desk.file(key_container(*[packages] * 2000))
    tracemalloc.start()
    try:
        found = read(path)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert found.rows == 2000
    assert peak < path.stat().st_size / 10


def test_every_error_is_one_of_ours(desk: Desk) -> None:
    whole = key_container(key_package())
    for end in range(1, len(whole) - 1):
        with pytest.raises(SeedFileError):
            desk.read(whole[:end])
