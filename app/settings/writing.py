"""Writes a tenant into the user's file, and nothing else of it.

The file belongs to whoever wrote it: keys, comments, line ends and order stay. What is to come out
is parsed before it goes to the disk, and compared with what stood there; where the tenant does not
fit in beside it, nothing is written and the reason is told.
"""

import contextlib
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app.core.cloud import Cloud
from app.core.errors import SettingsProblem, SettingsUnwritable
from app.core.tenancy import Tenancy
from app.files import sync_folder
from app.settings.documents import Document, read_document
from app.settings.givens import Layer
from app.settings.letter import write_letter
from app.settings.loading import Loaded, Sources, load
from app.settings.resolve import Settled
from app.settings.showing import toml

_SECTION: Final = "tenant"
_HEADER: Final = re.compile(r"[ \t]*\[[ \t]*tenant[ \t]*\][ \t]*(#.*)?")
_LINES: Final = re.compile(r"(?<=\n)")  # TOML knows no other end of a line
_IDS: Final = ("id", "client_id")
_BOM: Final = "\ufeff"
_FIRST_LINE: Final = "# The configuration of Oathdesk. `oathdesk config example` explains each key."


class TenancyFile:
    """core.ports.TenancyKeeper over the user's file of `sources`; messages go to `documents`."""

    def __init__(self, sources: Sources, documents: Path) -> None:
        self._sources = sources
        self._documents = documents

    def keep(self, tenancy: Tenancy) -> None:
        """Write `tenancy`, durably and all at once. Raises SettingsUnwritable."""
        file = self._sources.user_file
        document = read_document(file)
        if isinstance(document, SettingsProblem):
            raise SettingsUnwritable(document)
        refused = fixed_elsewhere(load(self._sources), tenancy)
        if refused:
            raise SettingsUnwritable(*refused)
        try:
            _replace(file, _with_tenant(document, _text(file), tenancy))
        except OSError as error:
            problem = f"it cannot be written: {error.strerror or type(error).__name__}"
            raise SettingsUnwritable(SettingsProblem(str(file), problem)) from None

    def keep_letter(self, text: str) -> str:
        """Write `text` to a new file; return its path. Raises SettingsUnwritable."""
        return str(write_letter(self._documents, text))


def fixed_elsewhere(loaded: Loaded, tenancy: Tenancy | None = None) -> tuple[SettingsProblem, ...]:
    """Return the keys of [tenant] that the user's file has no say in, and that are in the way.

    A key that is fixed to what `tenancy` says is not. Without one, both IDs are meant.
    """
    wanted = _wanted(tenancy) if tenancy else None
    return tuple(
        SettingsProblem(each.origin.place, _why_fixed(each), each.path)
        for each in loaded.settled
        if each.key.section == _SECTION
        and each.key.name in (wanted or _IDS)
        and (each.origin.locked or each.origin.layer > Layer.USER)
        and (wanted is None or toml(each.value) != toml(wanted[each.key.name]))
    )


def _why_fixed(settled: Settled) -> str:
    layer = settled.origin.layer
    if layer > Layer.BUILT_IN:
        return f"the {layer.words} decides this, whatever the user's file says"
    return "the machine-wide file locks this key and gives it no value"


def _wanted(tenancy: Tenancy) -> dict[str, str]:
    """Return what the tenant's keys have to say in the end. What it is called is free."""
    return {"id": tenancy.id, "client_id": tenancy.client_id, "cloud": tenancy.cloud.value}


def _keys(tenancy: Tenancy) -> dict[str, str]:
    """Return what is written where nothing stands yet, in this order."""
    keys = _wanted(tenancy)
    if tenancy.cloud is Cloud.GLOBAL:
        del keys["cloud"]
    return keys | ({"name": tenancy.name} if tenancy.name else {})


def _text(file: Path) -> str:
    """Return the file as it is, line ends included; a new file begins with a word about itself."""
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return f"{_FIRST_LINE}\n"


def _with_tenant(document: Document, text: str, tenancy: Tenancy) -> str:
    """Return `text` with the tenant in it. Raises SettingsUnwritable where it does not fit."""
    there = document.values.get(_SECTION, {})
    known = there if isinstance(there, dict) else {}
    added = {name: value for name, value in _keys(tenancy).items() if name not in known}
    made = _inserted(document, text, added)
    for problem in _unlike(document, made, _wanted(tenancy)):
        raise SettingsUnwritable(problem)
    return made


def _inserted(document: Document, text: str, keys: Mapping[str, str]) -> str:
    """Return `text` with `keys` below the header of [tenant], or with such a table at its end."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [f"{name} = {toml(value)}{end}" for name, value in keys.items()]
    whole = _LINES.split(text)
    at = document.lines.get((_SECTION,), 0)
    if at and _HEADER.fullmatch(whole[at - 1].rstrip("\r\n").removeprefix(_BOM)):
        whole[at - 1] = whole[at - 1].rstrip("\r\n") + end
        return "".join((*whole[:at], *lines, *whole[at:]))
    gap = "" if not text or text.endswith("\n") else end
    return "".join((text, gap, end, f"[{_SECTION}]{end}", *lines))


def _unlike(document: Document, made: str, keys: Mapping[str, str]) -> Iterator[SettingsProblem]:
    """Yield what is wrong with `made`: keys that say something else, or others that changed."""
    before = dict(document.values)
    there = before.pop(_SECTION, {})
    after = _parsed(made)
    tenant = after.pop(_SECTION, None)
    if not isinstance(there, dict) or not isinstance(tenant, dict) or after != before:
        place = document.place(_SECTION) if _SECTION in document.values else str(document.file)
        problem = "the tenant does not fit in beside what stands here"
        yield SettingsProblem(place, problem, _SECTION, f"a table [{_SECTION}]")
        return
    for name, value in keys.items():
        if tenant.get(name, value) != value:  # a cloud that is not written is the global one
            problem = f"it stands here already and says {toml(tenant[name])}"
            path = f"{_SECTION}.{name}"
            yield SettingsProblem(document.place(_SECTION, name), problem, path, toml(value))


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix(_BOM))
    except ValueError:  # TOMLDecodeError: a second table of that name
        return {}


def _replace(file: Path, text: str) -> None:
    """Put `text` in the place of `file` so that a crash leaves the old or the new. OSError."""
    target = file.resolve()  # a link stays one
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = _mode_of(target)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            made.chmod(mode)
        made.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            made.unlink()
        raise
    sync_folder(target.parent)


def _mode_of(target: Path) -> int | None:
    """Return the permissions of what is replaced. OSError where it may not be written."""
    if not target.exists():
        return None
    with target.open("r+b"):  # a folder that may be written would let a read-only file be replaced
        return stat.S_IMODE(target.stat().st_mode)
