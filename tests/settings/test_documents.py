"""One file: read within bounds, and every fault of it named with its place."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import SettingsProblem
from app.settings.documents import LARGEST_FILE, Document, read_document

TEXT = '[desk]\nname = "Straße"\n'


def written(folder: Path, data: bytes) -> Path:
    file = folder / "config.toml"
    file.write_bytes(data)
    return file


def sound(file: Path) -> Document:
    found = read_document(file)
    assert isinstance(found, Document)
    return found


def fault(file: Path, *, needed: bool = False) -> SettingsProblem:
    found = read_document(file, needed=needed)
    assert isinstance(found, SettingsProblem)
    assert not found.warning
    return found


@pytest.mark.parametrize(
    "data",
    [TEXT.encode(), TEXT.encode("utf-8-sig"), TEXT.replace("\n", "\r\n").encode("utf-8-sig")],
    ids=["plain", "byte order mark", "mark and CRLF"],
)
def test_a_file_is_read_however_an_editor_saves_it(data: bytes, tmp_path: Path) -> None:
    document = sound(written(tmp_path, data))
    assert document.values == {"desk": {"name": "Straße"}}
    assert document.place("desk", "name") == f"{tmp_path / 'config.toml'}:2"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_named_with_its_line(encoding: str, tmp_path: Path) -> None:
    problem = fault(written(tmp_path, TEXT.encode(encoding)))
    line = 1 if encoding == "utf-16" else 2
    assert problem.place == f"{tmp_path / 'config.toml'}:{line}"
    assert problem.allowed == "text in UTF-8"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("[tenant]\nid = \n", ":2", "Invalid value, at column 6"),
        ("[tenant]\nid = 'x'\nid = 'y'\n", ":3", "Cannot overwrite a value, at column 9"),
        ("[tenant]\r\n\r\nid = secret\r\n", ":3", "Invalid value, at column 6"),
        ("a = [1,\n", "", "Invalid value at the end of the file"),
        (f"a = {'9' * 5000}\n", "", "Exceeds the limit"),
        (f"a = {'[' * 100_000}", ":1", "too deep"),
    ],
)
def test_bad_toml_is_named_with_line_and_column(
    text: str, place: str, problem: str, tmp_path: Path
) -> None:
    file = written(tmp_path, text.encode())
    found = fault(file)
    assert found.place == f"{file}{place}"
    assert problem in found.problem
    assert "secret" not in str(found)


def test_a_missing_file_is_empty_unless_it_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    assert sound(file) == Document(file)
    assert fault(file, needed=True).place == str(file)


@pytest.mark.skipif(os.name == "nt", reason="a link needs a right that Windows users have not")
def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.symlink_to(tmp_path / "gone.toml")
    assert "no such file" in fault(file).problem


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    assert "no file" in fault(tmp_path).problem


def test_a_file_below_a_file_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, b"")
    assert "cannot be read" in fault(file / "config.toml").problem


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes among its files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    assert "no file" in fault(tmp_path / "config.toml").problem


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    document = sound(written(tmp_path, TEXT.encode().ljust(LARGEST_FILE, b"#")))
    assert document.values


def test_a_larger_file_is_not_read(tmp_path: Path) -> None:
    problem = fault(written(tmp_path, TEXT.encode().ljust(LARGEST_FILE + 1, b"#")))
    assert "megabyte" in problem.problem


@given(content=st.binary(max_size=400))
def test_whatever_a_file_holds_it_is_a_document_or_a_problem(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = written(tmp_path_factory.mktemp("any"), content)
    assert isinstance(read_document(file), Document | SettingsProblem)


def test_a_document_keeps_its_values_out_of_its_repr(tmp_path: Path) -> None:
    document = sound(written(tmp_path, b'[network]\nproxy = "http://me:hush@proxy"\n'))
    assert "hush" not in repr(document)


@pytest.mark.parametrize(
    "line",
    [
        r'folder = "C:\Users\Dana"',
        r'folder = "C:\Data\exports"',
        r'folder = "C:\u12"',
        r'folder = "\srv\exports"',
        r'folder = "D:\"',
        r'folders = ["C:\Users\Dana"]',
        r'"C:\Users" = 1',
    ],
)
@pytest.mark.parametrize("after", ["", "\n", "\r\nname = 'x'\r\n"], ids=["end", "line", "more"])
def test_a_windows_path_in_double_quotes_is_told_by_its_cause(
    line: str, after: str, tmp_path: Path
) -> None:
    problem = fault(written(tmp_path, f"[desk]\n{line}{after}".encode()))
    assert "backslash in double quotes" in problem.problem
    assert "single quotes" in problem.allowed
    assert problem.place.endswith(":2")
    assert "Dana" not in str(problem)


MANY = 200_000
SHAPES = {
    "dotted key": ".".join(["a"] * MANY) + " = 1",
    "dotted key with spaces": " . ".join(["a"] * MANY) + " = 1",
    "dotted key in quotes": ".".join(['"a"'] * MANY) + " = 1",
    "header": "[" + ".".join(["a"] * MANY) + "]",
    "header of an array": "[[" + ".".join(["a"] * MANY) + "]]",
    "key of an inline table": "x = {" + ".".join(["a"] * MANY) + " = 1}",
    "key in a list": "x = [{" + ".".join(["a"] * MANY) + " = 1}]",
    "lists in each other": "x = " + "[" * MANY + "]" * MANY,
    "lists over many lines": "x = " + "[\n" * MANY + "]\n" * MANY,
    "tables in each other": "x = " + "{a = " * MANY + "1" + "}" * MANY,
    "long key": "a" * MANY + " = 1",
    "long key in quotes": '"' + "a" * MANY + '" = 1',
    "many keys": "\n".join(f"k{number} = 1" for number in range(50_000)),
    "many headers": "\n".join(f"[s{number}]" for number in range(50_000)),
    "many tables of an array": "[[a]]\n" * 50_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("shape", SHAPES)
def test_t11_a_shape_that_no_configuration_has_is_refused_at_once(
    tmp_path: Path, shape: str
) -> None:
    text = "# a comment\n" + SHAPES[shape][: LARGEST_FILE - 100]
    began = time.process_time()
    found = fault(written(tmp_path, text.encode()))
    assert time.process_time() - began < 10
    assert found.place.startswith(f"{tmp_path / 'config.toml'}:")
    assert found.allowed.startswith("at most ")


DEEP_IN_TEXT = "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s = [[[["


@pytest.mark.parametrize(
    "value",
    [
        "[\n" + ",\n".join(f'"{"paragraph " * 90}"' for _ in range(12)) + "]",
        f'"""{DEEP_IN_TEXT * 50}"""',
        f"'''{'{ [ ' * 500}'''",
        f'"{DEEP_IN_TEXT * 50}"',
        f"1 # {'a.' * 500}{'[' * 500}",
        "1.5\ny = 1979-05-27T07:32:00.999999-07:00\n[a.b.c]\nd.e = [[1.5, 2.5], [3.5]]",
    ],
)
def test_t11_what_only_looks_deep_is_read(tmp_path: Path, value: str) -> None:
    assert sound(written(tmp_path, f"x = {value}\n".encode())).values["x"]
