"""Reads `$search` for users: quoted `property:value` clauses joined by AND and OR.

displayName is cut into words, each of which may be matched from its beginning; every other
property is compared from its own beginning (contract, section 6).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import groupby
from typing import Any

from app.simulator.refusals import refusal

Predicate = Callable[[Mapping[str, Any]], bool]

SEARCHABLE = frozenset(
    (
        "displayName",
        "userPrincipalName",
        "mail",
        "givenName",
        "surname",
        "employeeId",
        "jobTitle",
        "mailNickname",
        "department",
    )
)
_CLAUSE = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(AND|OR)\b)')
_CASE_CHANGE = re.compile(r"(?<=[a-z])(?=[A-Z])")


def parse_search(text: str) -> Predicate:
    """Compile a search over rows keyed by property name; raises `GraphRefusal` 400."""
    words = _read(text)
    groups: list[list[Predicate]] = [[]]
    for index, (clause, joiner) in enumerate(words):
        if (index % 2 == 1) != bool(joiner):
            raise _invalid(text)
        if joiner == "OR":
            groups.append([])
        elif not joiner:
            groups[-1].append(_clause(clause))
    if len(words) % 2 == 0:
        raise _invalid(text)
    return lambda row: any(all(test(row) for test in group) for group in groups)


def _read(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    text = text.strip()
    while position < len(text):
        match = _CLAUSE.match(text, position)
        if match is None:
            raise _invalid(text)
        found.append((re.sub(r"\\(.)", r"\1", match.group(1) or ""), match.group(2) or ""))
        position = match.end()
    return found


def _invalid(text: str) -> Exception:
    return refusal("bad_query", f"Syntax error: the search clause {text[:80]!r} is not valid.")


def _clause(clause: str) -> Predicate:
    name, colon, value = clause.partition(":")
    if not colon or name not in SEARCHABLE or not value.strip():
        raise _invalid(clause)
    if name == "displayName":
        return _words_test(value)
    prefix = value.casefold()
    return lambda row: (row.get(name) or "").casefold().startswith(prefix)


def _words_test(value: str) -> Predicate:
    wanted = words_of(value)
    if not wanted:
        return lambda _row: False
    return lambda row: _has_words(words_of(row.get("displayName") or ""), wanted)


def _has_words(found: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return all(any(word.startswith(part) for word in found) for part in wanted)


@lru_cache(maxsize=100_000)
def words_of(text: str) -> tuple[str, ...]:
    """The words a display name is cut into: at spaces, digits, symbols and case changes."""
    spaced = _CASE_CHANGE.sub(" ", text)
    groups = groupby(spaced, key=_kind)
    return tuple("".join(letters).casefold() for kind, letters in groups if kind in "LN")


def _kind(character: str) -> str:
    """L for letters and the marks on them, N for digits, - for what separates words."""
    category = unicodedata.category(character)[0]
    return "L" if category in "LM" else "N" if category == "N" else "-"
