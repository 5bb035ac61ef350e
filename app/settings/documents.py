"""One TOML file: read within bounds, and able to tell the line of each of its keys."""

import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.core.errors import SettingsProblem
from app.settings.locate import key_lines
from app.settings.shape import TooLarge, check_shape

LARGEST_FILE: Final = 1_000_000
"""Bytes of a file that are read; a configuration has a few thousand."""

BACKSLASH_ADVICE: Final = "a path in single quotes, or with / in place of each backslash"

_SYNTAX: Final = re.compile(
    r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|.*)\)"
)


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds. It has neither keys nor lines where there is no such file."""

    file: Path
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict, repr=False)

    def place(self, *path: str | int) -> str:
        """Return file and line of the key at `path`."""
        return f"{self.file}:{self.lines[path]}"


def read_document(file: Path, *, needed: bool = False) -> Document | SettingsProblem:
    """Return what `file` holds, or why it cannot be told; a missing file is empty unless needed."""
    try:
        data = _bounded(file)
    except FileNotFoundError:
        return _missing(file, needed=needed)
    except OSError as error:
        return SettingsProblem(str(file), f"it cannot be read: {error.strerror or error}")
    if data is None:
        return SettingsProblem(str(file), "it is no file", allowed="a file of text")
    if len(data) > LARGEST_FILE:
        return SettingsProblem(
            str(file), "it is larger than one megabyte", allowed="less than that"
        )
    return _document(file, data)


def _missing(file: Path, *, needed: bool) -> Document | SettingsProblem:
    if needed or file.is_symlink():
        return SettingsProblem(str(file), "there is no such file")
    if any(folder.is_file() for folder in file.parents):  # Windows does not tell this by itself
        return SettingsProblem(str(file), "it cannot be read: a file stands above it")
    return Document(file)


def _bounded(file: Path) -> bytes | None:
    """Return a little more than is allowed at most; None for a folder, a device or a pipe."""
    if not stat.S_ISREG(file.stat().st_mode):
        return None
    with file.open("rb") as stream:
        return stream.read(LARGEST_FILE + 1)


def _document(file: Path, data: bytes) -> Document | SettingsProblem:
    try:
        text = data.decode("utf-8-sig")
        check_shape(text)
        return Document(file, tomllib.loads(text), key_lines(text))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = "there is a character in another encoding"
        return SettingsProblem(f"{file}:{line}", problem, allowed="text in UTF-8")
    except TooLarge as error:
        return SettingsProblem(f"{file}:{error.line}", error.problem, allowed=error.allowed)
    except RecursionError:
        return SettingsProblem(str(file), "its lists and tables lie too deep in each other")
    except ValueError as error:  # TOMLDecodeError is one, and so is a number of too many digits
        return _syntax(file, str(error), text)


def _syntax(file: Path, message: str, text: str) -> SettingsProblem:
    """Say what the parser said. It names keys and single characters, and never quotes a value.

    The parser's words for a Windows path in double quotes ("Invalid hex value") do not help, so
    such a place is told by its cause.
    """
    found = _SYNTAX.fullmatch(message)
    if found is None:
        return SettingsProblem(str(file), message, allowed="TOML")
    lines = text.replace("\r\n", "\n").split("\n")
    number = int(found["line"] or len(lines))
    before = lines[number - 1][: int(found["column"] or 0) or None]
    if '"' in before and "\\" in before:
        problem = "a backslash in double quotes begins an escape, such as \\n or \\u00e9"
        return SettingsProblem(f"{file}:{number}", problem, allowed=BACKSLASH_ADVICE)
    if found["line"] is None:
        return SettingsProblem(str(file), f"{found['what']} at the end of the file", allowed="TOML")
    problem = f"{found['what']}, at column {found['column']}"
    return SettingsProblem(f"{file}:{found['line']}", problem, allowed="TOML")
