"""The kinds of value a key takes: how each is written, what it is read as, what it refuses.

A value reaches a key in three spellings: as TOML has it, as plain text (environment, command line)
and as the registry has it. `parsed` and `of_registry` bring the latter two into TOML's; `taken`
then judges them all alike.
"""

import enum
import re
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from app.core.method_name import FIELDS, LONGEST_TEMPLATE, check_template
from app.core.pin import PinHash
from app.settings.showing import toml

_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off"})
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_ESCAPED: Final = "\b\t\n\f\r"
"""What TOML's escapes \\b, \\t, \\n, \\f and \\r stand for, as in the path C:\\temp\\new."""
_UNEXPANDED: Final = re.compile(r"~|\$\w|.*(\$\{\w+\}|%\w+%)")
_PORTS: Final = range(1, 65_536)


class NotTaken(ValueError):
    """A key does not take `culprit`; `why` says more where the kind alone does not tell it.

    The culprit may be a secret, so it is no argument of the exception and `why` does not quote it.
    """

    def __init__(self, culprit: object, why: str = "") -> None:
        super().__init__(why)
        self.culprit = culprit
        self.why = why


class Kind(ABC):
    """What a key takes."""

    @property
    def words(self) -> tuple[str, ...]:
        """The only texts it takes, where it takes but a few."""
        return ()

    @property
    @abstractmethod
    def allowed(self) -> str:
        """Say what is allowed, to follow "allowed:"."""

    @abstractmethod
    def taken(self, value: object) -> object:
        """Return what `value`, spelled as in TOML, is read as. Raises NotTaken."""

    def at(self, _base: Path | None, /) -> "Kind":
        """Return the kind for values written where relative paths begin at the folder `_base`."""
        return self

    def parsed(self, text: str) -> object:
        """Return plain `text` as TOML would have it; text that makes no sense stays text."""
        return text

    def of_registry(self, value: object) -> object:
        """Return a registry value as TOML would have it."""
        return self.parsed(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Printable text of `least` to `longest` characters.

    Any text but the empty one has to have the form `shape`, if there is one; `form` describes it.
    """

    longest: int = 200
    shape: re.Pattern[str] | None = None
    form: str = ""
    least: int = 0

    @property
    def allowed(self) -> str:
        bounds = f"{self.least} to {self.longest}" if self.least else f"at most {self.longest}"
        return self.form or f"text in quotes, {bounds} characters"

    def taken(self, value: object) -> str:
        if not isinstance(value, str):
            raise NotTaken(value)
        if not self.least <= len(value) <= self.longest:
            raise NotTaken(value, f"it has {len(value)} characters")
        if not value.isprintable():
            raise NotTaken(value, "it holds control characters")
        if value and self.shape and not self.shape.fullmatch(value):
            raise NotTaken(value)
        return value


@dataclass(frozen=True, slots=True)
class NameTemplate(Text):
    """The template of a method's name (core.method_name); empty text stands for none."""

    longest: int = LONGEST_TEMPLATE

    @property
    def allowed(self) -> str:
        fields = ", ".join(f"{{{each}}}" for each in FIELDS)
        return (
            f"at most {self.longest} characters of ASCII with one or more of {fields}, "
            "or empty text for none"
        )

    def taken(self, value: object) -> str:
        template = Text.taken(self, value)
        try:
            if template:
                check_template(template)
        except ValueError as error:
            raise NotTaken(value, str(error)) from error
        return template


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of a few words, read as the member that has it as its value (dashes for underscores)."""

    members: type[enum.Enum]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(str(member.value).replace("_", "-") for member in self.members)

    @property
    def allowed(self) -> str:
        return "one of " + _listed(self.words)

    def taken(self, value: object) -> enum.Enum:
        if isinstance(value, str):
            wanted = value.replace("_", "-")
            for member, word in zip(self.members, self.words, strict=True):
                if word == wanted:
                    return member
        raise NotTaken(value)


@dataclass(frozen=True, slots=True)
class Flag(Kind):
    """True or false."""

    @property
    def allowed(self) -> str:
        return "true or false"

    def taken(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise NotTaken(value)
        return value

    def parsed(self, text: str) -> object:
        word = text.strip().casefold()
        return True if word in _TRUE else False if word in _FALSE else text

    def of_registry(self, value: object) -> object:
        """A number of the registry stands for true or false where it is 1 or 0."""
        return Kind.of_registry(self, str(value) if value in (0, 1) else value)


@dataclass(frozen=True, slots=True)
class Whole(Kind):
    """A whole number, bounds included."""

    least: int
    most: int

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def taken(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise NotTaken(value)
        if not self.least <= value <= self.most:
            raise NotTaken(value)
        return value

    def parsed(self, text: str) -> object:
        return int(text) if _WHOLE.fullmatch(text.strip()) else text


@dataclass(frozen=True, slots=True)
class Seconds(Kind):
    """A time in seconds, with or without a fraction, bounds included."""

    least: float
    most: float

    @property
    def allowed(self) -> str:
        return f"seconds from {self.least:g} to {self.most:g}"

    def taken(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NotTaken(value)
        if not self.least <= value <= self.most:
            raise NotTaken(value)
        return float(value)

    def parsed(self, text: str) -> object:
        return float(text) if _NUMBER.fullmatch(text.strip()) else text


@dataclass(frozen=True, slots=True)
class Items(Kind):
    """A list of different texts, each of which `each` takes; in plain text divided by commas."""

    each: Kind
    most: int = 32
    least: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        return self.each.words

    @property
    def allowed(self) -> str:
        if self.words:
            some = "one or more" if self.least else "any"
            return f"a list of {some} of {_listed(self.words)}"
        return f"a list of at most {self.most}, each {self.each.allowed}"

    def taken(self, value: object) -> tuple[object, ...]:
        if not isinstance(value, list | tuple):
            raise NotTaken(value)
        if not self.least <= len(value) <= self.most:
            raise NotTaken(value, f"its length is {len(value)}")
        found: list[object] = []
        for item in value:
            member = self.each.taken(item)
            if member in found:
                raise NotTaken(item, "it stands in the list twice")
            if member == "":
                raise NotTaken(item, "it stands in a list")
            found.append(member)
        return tuple(found)

    def parsed(self, text: str) -> object:
        return [part.strip() for part in text.split(",")] if text.strip() else []

    def of_registry(self, value: object) -> object:
        """Of a list in the registry, lines that hold nothing are no items."""
        if isinstance(value, list):
            return [item for item in value if item != ""]
        return Kind.of_registry(self, value)


@dataclass(frozen=True, slots=True)
class Guid(Kind):
    """A GUID in any of the ways tools write it, read in the plain lower-case one."""

    @property
    def allowed(self) -> str:
        return "a GUID from the app registration"

    def taken(self, value: object) -> str:
        if not isinstance(value, str):
            raise NotTaken(value)
        try:
            found = UUID(value)
        except ValueError:
            raise NotTaken(value) from None
        if not found.int:
            raise NotTaken(value, "it only holds the place of one")
        return str(found)


@dataclass(frozen=True, slots=True)
class Place(Kind):
    """A path; `file` where it is to be a file that is there, else a folder that may be made.

    A relative path begins at `base`, the folder of the file that names it; without one it is
    refused. Nothing in it is expanded: what looks like a variable or a home folder is refused, lest
    a folder of that name is made.
    """

    file: bool = False
    base: Path | None = None

    def at(self, base: Path | None, /) -> Kind:
        return replace(self, base=base)

    @property
    def allowed(self) -> str:
        return "the path of a file" if self.file else "the path of a folder"

    def taken(self, value: object) -> Path:
        if not isinstance(value, str) or not value:
            raise NotTaken(value)
        if any(letter in value for letter in _ESCAPED):
            raise NotTaken(
                value,
                "in double quotes \\t and \\n stand for a tab and a line break, so write the path "
                "in single quotes, or with / in place of each backslash",
            )
        if not value.isprintable():
            raise NotTaken(value)
        if _UNEXPANDED.match(value):
            raise NotTaken(value, "variables and ~ are not expanded, so write the whole path")
        path = Path(value)
        if not path.is_absolute():
            if self.base is None:
                raise NotTaken(value, "the whole path is needed here")
            path = self.base / path
        self._look(value, path)
        return path

    def _look(self, value: str, path: Path) -> None:
        try:
            fits = path.is_file() if self.file else path.is_dir() or not path.exists()
        except OSError:
            return  # it may be there; whoever opens it says what is in the way
        if not fits:
            why = "there is no such file" if self.file else "a file stands there"
            raise NotTaken(value, why)


@dataclass(frozen=True, slots=True)
class Proxy(Kind):
    """The address of a proxy. It may hold a password, so no refusal quotes it."""

    @property
    def allowed(self) -> str:
        return "an address such as http://proxy.example.com:8080"

    def taken(self, value: object) -> str:
        if not isinstance(value, str) or not value.isprintable() or " " in value:
            raise NotTaken(value)
        if value and not _is_proxy(value):
            raise NotTaken(value, "it is no address of a proxy (http or https, host, port)")
        return value


@dataclass(frozen=True, slots=True)
class Pattern(Kind):
    """A regular expression; empty text stands for none."""

    longest: int = 200

    @property
    def allowed(self) -> str:
        return f"a regular expression of at most {self.longest} characters, or empty text for none"

    def taken(self, value: object) -> re.Pattern[str] | None:
        if not isinstance(value, str):
            raise NotTaken(value)
        if len(value) > self.longest:
            raise NotTaken(value, f"it has {len(value)} characters")
        try:
            with warnings.catch_warnings(action="ignore"):  # of a set that may mean two things
                return re.compile(value) if value else None
        except (re.error, RecursionError, OverflowError) as error:
            raise NotTaken(value, f"it is no regular expression: {error}") from error


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(toml(word) for word in words)


def _is_proxy(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    plain = parts.path in {"", "/"} and not parts.query and not parts.fragment
    fits = port is None or port in _PORTS
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain and fits


@dataclass(frozen=True, slots=True)
class Pin(Kind):
    """The hash of a PIN as `oathdesk kiosk pin` prints it; empty text stands for none."""

    @property
    def allowed(self) -> str:
        return "the text that `oathdesk kiosk pin` prints"

    def taken(self, value: object) -> PinHash | None:
        if not isinstance(value, str):
            raise NotTaken(value)
        try:
            return PinHash.read(value) if value else None
        except ValueError as error:
            raise NotTaken(value, str(error)) from None
