"""The line of a key: as an author who counts lines while writing would tell it."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings.locate import Path, key_lines

FILE = '''# a comment with [brackets] and a = sign
locked = ["desk.mode", # one
  "tenant.*"]

[tenant]
id = """
[desk]
name = "no"
"""
"client_id" = 'x' # comment
'na me'={a=1,b = {c = [1, {d=2}]}}

[ tenants . "north" ]
id = 1979-05-27 07:32:00
a.b.c = true
[[list]]
x = 1
  [list.sub]
  y = """a\\"""""
[[list]]
x = 2
[list.sub]
z = \'\'\'a\'\'\'\'
'''

LINES = {
    ("locked",): 2,
    ("locked", 0): 2,
    ("locked", 1): 3,
    ("tenant",): 5,
    ("tenant", "id"): 6,
    ("tenant", "client_id"): 10,
    ("tenant", "na me", "a"): 11,
    ("tenant", "na me", "b", "c", 1, "d"): 11,
    ("tenants",): 13,
    ("tenants", "north"): 13,
    ("tenants", "north", "id"): 14,
    ("tenants", "north", "a", "b", "c"): 15,
    ("list",): 16,
    ("list", 0, "x"): 17,
    ("list", 0, "sub", "y"): 19,
    ("list", 1): 20,
    ("list", 1, "x"): 21,
    ("list", 1, "sub", "z"): 23,
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_way_to_write_a_key_is_found(newline: str) -> None:
    text = FILE.replace("\n", newline)
    tomllib.loads(text)
    found = key_lines(text)
    assert {path: found[path] for path in LINES} == LINES


def test_a_key_at_the_end_without_a_newline_is_found() -> None:
    assert key_lines("a = 1\nb = 2") == {("a",): 1, ("b",): 2}


def test_an_empty_text_has_no_keys() -> None:
    assert key_lines("") == key_lines("# nothing\n\n") == {}


def leaves(value: object, path: Path = ()) -> Iterator[Path]:
    """Every path of a document but the root."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, below in value.items():
            yield from leaves(below, (*path, name))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from leaves(below, (*path, index))


SCALARS = st.sampled_from(
    [
        "1",
        "0x1f",
        "1.5e3",
        "true",
        "1979-05-27T07:32:00Z",
        "1979-05-27 07:32:00",
        "07:32:00",
        '"]} # no comment"',
        "'[x] = {'",
        '"""\n[a]\nb = """',
        "'''\n'quoted''\n'''",
        '"""a "quote"" b\\""""""',
        "''''''",
        '"\\\\"',
    ]
)
NAMES = st.one_of(
    st.text("ab-_1", min_size=1, max_size=3),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=3).map(
        lambda name: json.dumps(name, ensure_ascii=False)
    ),
    st.text("a. #=[]", max_size=3).map(lambda name: f"'{name}'"),
)
GAPS = st.sampled_from(["", " ", "\n", "\n\n  # ] } =\n", "\t"])


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    shape = draw(st.sampled_from(["scalar", "array", "inline"] if depth else ["scalar"]))
    if shape == "scalar":
        return draw(SCALARS)
    if shape == "array":
        items = draw(st.lists(values(depth - 1), max_size=3))
        gaps = [draw(GAPS) for _ in range(len(items) + 1)]
        inner = ",".join(gap + item for gap, item in zip(gaps, items, strict=False))
        return f"[{inner}{gaps[-1]}]"
    names = draw(st.lists(NAMES, max_size=3, unique_by=plain))
    pairs = ", ".join(f"{name} = {draw(values(depth - 1))}" for name in names)
    return "{ " + pairs + " }"


def plain(name: str) -> str:
    """What a written name means."""
    return next(iter(tomllib.loads(f"{name} = 1")))


@dataclass
class Author:
    """Writes a document and remembers in which line each key was begun."""

    text: str = ""
    began: dict[Path, int] = field(default_factory=dict)

    def write(self, text: str) -> None:
        self.text += text

    def begin(self, *path: str) -> None:
        self.began.setdefault(path, self.text.count("\n") + 1)


@st.composite
def documents(draw: st.DrawFn) -> Author:
    author = Author()
    tables = draw(st.lists(NAMES, max_size=3, unique_by=plain))
    for table in tables:
        author.write(draw(st.sampled_from(["", "\n", "# [comment]\n"])))
        author.begin(plain(table))
        author.write(f"[{table}]" + draw(st.sampled_from(["\n", " # x = 1\n", "\n\n"])))
        for name in draw(st.lists(NAMES, max_size=4, unique_by=plain)):
            author.begin(plain(table), plain(name))
            author.write(f"{name} = {draw(values())}")
            author.write(draw(st.sampled_from(["\n", " # = [\n", "\n\n\t\n"])))
    return author


@given(author=documents(), newline=st.sampled_from(["\n", "\r\n"]))
def test_whatever_is_written_every_key_is_found_where_its_author_put_it(
    author: Author, newline: str
) -> None:
    text = author.text.replace("\n", newline)
    parsed = tomllib.loads(text)
    found = key_lines(text)
    assert set(leaves(parsed)) == set(found)
    assert author.began.items() <= found.items()
