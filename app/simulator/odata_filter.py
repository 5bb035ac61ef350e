"""Reads `$filter` as far as the contract needs it, and refuses the rest the way Graph does.

Grammar: comparisons (`eq ne ge gt le lt in`), `startswith`, `endswith`, `not`, `and`, `or` and
parentheses. Which property supports what is given by the caller.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.simulator.refusals import refusal

Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<punct>[(),])"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_/]*)"
    r"|(?P<moment>\d{4}-\d\d-\d\dT[0-9:.]+Z?)|(?P<number>-?\d+))"
)
_ORDERED = ("ge", "gt", "le", "lt")


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter: the test, and the operators it uses (to tell advanced queries)."""

    matches: Predicate
    operators: frozenset[str]
    properties: frozenset[str]


def parse_filter(text: str, supported: Mapping[str, frozenset[str]]) -> Filter:
    """Compile a filter over rows keyed by property name.

    `supported` maps a property to the operators it takes. Raises `GraphRefusal` 400.
    """
    parser = _Parser(_tokens(text), supported)
    predicate = parser.either()
    parser.finish()
    return Filter(predicate, frozenset(parser.operators), frozenset(parser.properties))


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    text = text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _invalid()
        found.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return found


def _invalid() -> Exception:
    return refusal("bad_query", "Invalid filter clause")


class _Parser:
    def __init__(
        self, tokens: Sequence[tuple[str, str]], supported: Mapping[str, frozenset[str]]
    ) -> None:
        self._tokens = list(tokens)
        self._supported = supported
        self.operators: set[str] = set()
        self.properties: set[str] = set()

    def either(self) -> Predicate:
        return self._chain("or", self._both, any)

    def _both(self) -> Predicate:
        return self._chain("and", self._unary, all)

    def _chain(
        self, word: str, part: Callable[[], Predicate], fold: Callable[..., bool]
    ) -> Predicate:
        parts = [part()]
        while self._accept(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else lambda row: fold(p(row) for p in parts)

    def _unary(self) -> Predicate:
        if self._accept("not"):
            self.operators.add("not")
            inner = self._unary()
            return lambda row: not inner(row)
        if self._accept("("):
            inner = self.either()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        kind, name = self._next()
        if kind != "word":
            raise _invalid()
        if name in ("startswith", "endswith"):
            return self._call(name)
        operator = self._next()[1]
        if operator == "in":
            return self._membership(name)
        if operator not in ("eq", "ne", *_ORDERED):
            raise _invalid()
        self._use(name, operator)
        return _compare(name, operator, self._literal())

    def _call(self, function: str) -> Predicate:
        self._expect("(")
        name = self._next()[1]
        self._expect(",")
        value = self._literal()
        self._expect(")")
        self._use(name, function)
        if not isinstance(value, str):
            raise _invalid()
        return _affix(name, function, value.casefold())

    def _membership(self, name: str) -> Predicate:
        self._use(name, "in")
        self._expect("(")
        values = [self._literal()]
        while self._accept(","):
            values.append(self._literal())
        self._expect(")")
        tests = [_compare(name, "eq", value) for value in values]
        return lambda row: any(test(row) for test in tests)

    def _use(self, name: str, operator: str) -> None:
        if name not in self._supported:
            raise refusal("bad_query", f"Could not find a property named '{name}'.")
        if operator not in self._supported[name]:
            raise refusal("unsupported_query")
        self.operators.add(operator)
        self.properties.add(name)

    def _literal(self) -> Any:
        kind, text = self._next()
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text)
        if kind == "moment":
            return text
        if text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text]
        raise _invalid()

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise _invalid()
        return self._tokens.pop(0)

    def _accept(self, text: str) -> bool:
        if self._tokens and self._tokens[0][0] != "string" and self._tokens[0][1] == text:
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise _invalid()

    def finish(self) -> None:
        if self._tokens:
            raise _invalid()


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _compare(name: str, operator: str, value: Any) -> Predicate:
    wanted = _folded(value)

    def comparable(found: Any) -> bool:
        return found is not None and type(found) is type(wanted)

    tests: Mapping[str, Callable[[Any], bool]] = {
        "eq": lambda found: bool(found == wanted),
        "ne": lambda found: bool(found != wanted),
        "ge": lambda found: bool(comparable(found) and found >= wanted),
        "gt": lambda found: bool(comparable(found) and found > wanted),
        "le": lambda found: bool(comparable(found) and found <= wanted),
        "lt": lambda found: bool(comparable(found) and found < wanted),
    }
    test = tests[operator]
    return lambda row: test(_folded(row.get(name)))


def _affix(name: str, function: str, affix: str) -> Predicate:
    if function == "startswith":
        return lambda row: (row.get(name) or "").casefold().startswith(affix)
    return lambda row: (row.get(name) or "").casefold().endswith(affix)
