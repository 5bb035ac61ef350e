"""Know which parts a build is made of, what they are licensed under, and carry the texts along.

A part is whatever has a licence of its own: a package from the index, Python, Qt, ICU. They are
found from the files that travel, not from what happens to be installed. A part without a single
text of a licence stops the build.
"""

from __future__ import annotations

import json
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path
from typing import Any

import release
from contents import Entry

TEXTS = Path("packaging") / "licences"
_QT = ("LGPL-3.0-only", "GPL-3.0-only")
# Where a package brings no text of its licence, these of packaging/licences/ stand in.
_STAND_IN = {
    "pyserial": ("pyserial",),
    "pyside6-essentials": _QT,
    "shiboken6": _QT,
}
# What those few packages leave unsaid, or say in words that are no SPDX expression.
_SAID = {
    "BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Dual License": "Apache-2.0 OR BSD-3-Clause",
    "LGPL": "LGPL-2.1-or-later",  # python-pskc, whose files say so in full
    "GPLv2-or-later with a special exception which allows to use PyInstaller to build and "
    "distribute non-free programs (including commercial ones)": (
        "GPL-2.0-or-later WITH Bootloader-exception"
    ),
}
_TEXT_NAMES = re.compile(r"(?i)(licen[cs]e|copying|notice|authors)")
_QT_FILE = re.compile(r"PySide6[/\\](?:Qt[/\\])?.*Qt6?Core\b")
_ICU_FILE = re.compile(r"icudata|icudt")


class NoLicence(Exception):
    """`name` travels with the build and brings no text of its licence."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} brings no text of its licence; add one to {TEXTS.as_posix()}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `licence` is an SPDX expression or the part's own words; `texts` are files.

    `needs` names other parts; `inside` are what the part itself lists as built into it, as
    components of CycloneDX.
    """

    name: str
    version: str
    licence: str
    purl: str
    texts: tuple[Path, ...] = ()
    needs: tuple[str, ...] = ()
    inside: tuple[dict[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The parts of one build, sorted by name."""

    parts: tuple[Part, ...]

    @classmethod
    def of_build(cls, root: Path, entries: Sequence[Entry]) -> Found:
        """Return the parts that `entries` belong to. Raises NoLicence."""
        sources = [source for _, source, _ in entries]
        named = {each.name: each for each in _packages(root, sources)}
        named |= {each.name: each for each in _others(root, [name for name, _, _ in entries])}
        whole = [replace(each, needs=_there(each.needs, named)) for each in named.values()]
        for each in whole:
            if not each.texts:
                raise NoLicence(each.name)
        return cls(tuple(sorted(whole, key=lambda each: each.name)))

    def licence_entries(self, folder: Path) -> list[Entry]:
        """Return what to add to the build: every text, and a page (made in `folder`) about all."""
        folder.mkdir(parents=True, exist_ok=True)
        page = folder / "NOTICES.txt"
        page.write_text(self.notices(), encoding="utf-8", newline="\n")
        entries = [("licences/NOTICES.txt", str(page), "DATA")]
        entries += [
            (f"licences/{part.name}/{text.name}", str(text), "DATA")
            for part in self.parts
            for text in part.texts
        ]
        return entries

    def notices(self) -> str:
        """Return the page that names every part, its licence, and where its text is."""
        rows = [f"{each.name} {each.version}\n    {each.licence}" for each in self.parts]
        return "\n\n".join((_NOTICES, *rows)) + "\n"

    def write(self, file: Path) -> None:
        """Write what `sbom` needs to know."""
        rows = [asdict(each) | {"texts": [text.name for text in each.texts]} for each in self.parts]
        file.write_text(json.dumps(rows, indent=2, sort_keys=True) + "\n", encoding="utf-8")


_NOTICES = """\
Oathdesk is licensed under the Apache License, Version 2.0. This build carries the parts below,
each under its own licence; the texts are in the folder of the part's name, beside this page.

Qt, the binding to it (PySide6 and shiboken6), pyscard and python-pskc are free libraries under the
GNU Lesser General Public License. They are files of their own in this build and are loaded when
they are needed: a changed version of any of them takes the place of the file that is here. Their
sources are published by the Qt Company and by the projects of these names, under the versions
below."""


def _packages(root: Path, sources: Iterable[str]) -> Iterator[Part]:
    """Give the packages from the index that own one of the files at `sources`."""
    wanted = {str(Path(source).resolve()) for source in sources}
    for each in distributions():
        files = each.files or ()
        places = (str(Path(str(each.locate_file(file))).resolve()) for file in files)
        if _key(each) != release.NAME and any(place in wanted for place in places):
            yield _part(root, each)


def _part(root: Path, package: Distribution) -> Part:
    key = _key(package)
    return Part(
        key,
        package.version,
        _licence(package),
        f"pkg:pypi/{key}@{package.version}",
        tuple(_texts(package)) or tuple(root / TEXTS / name for name in _STAND_IN.get(key, ())),
        tuple(_needed(package)),
        tuple(_inside(package)),
    )


def _key(package: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()


def _licence(package: Distribution) -> str:
    """Return how the package says it is licensed: an expression, a word, or its classifier."""
    meta = package.metadata
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in meta.get_all("Classifier") or ()
        if each.startswith("License ::")
    ]
    said = [
        *(meta[name] for name in ("License-Expression", "License") if name in meta),
        *classifiers,
    ]
    short = next((each for each in said if each and "\n" not in each and each != "UNKNOWN"), "")
    return _SAID.get(short, short)


def _texts(package: Distribution) -> Iterator[Path]:
    for file in sorted(package.files or (), key=str):
        within = ".dist-info" in file.parts[0]
        if within and (_TEXT_NAMES.search(file.name) or "licenses" in file.parts):
            yield Path(str(package.locate_file(file)))


def _needed(package: Distribution) -> Iterator[str]:
    for each in package.requires or ():
        name = re.match(r"[\w.-]+", each)
        if name and "extra ==" not in each:
            yield re.sub(r"[-_.]+", "-", name[0]).lower()


def _inside(package: Distribution) -> Iterator[dict[str, Any]]:
    """Give what the package's own bills of materials list (PEP 770), without their addresses."""
    for file in sorted(package.files or (), key=str):
        if "sboms" in file.parts and file.name.endswith(".json"):
            bill = json.loads(Path(str(package.locate_file(file))).read_text(encoding="utf-8"))
            for each in bill.get("components", ()):
                yield {name: each[name] for name in ("name", "version", "purl") if name in each}


def _others(root: Path, names: Sequence[str]) -> Iterator[Part]:
    """Give what travels and is no package of the index: Python, the loader, Qt and ICU."""
    number = platform.python_version()
    text = (_python_licence(),)
    yield Part("python", number, "PSF-2.0", f"pkg:generic/python@{number}", text)
    yield from _loader(root)
    if any(_QT_FILE.search(name) for name in names):
        yield from _qt(root, icu=any(_ICU_FILE.search(name) for name in names))


def _loader(root: Path) -> Iterator[Part]:
    """Give PyInstaller, of which the start of the program is a part."""
    try:
        yield _part(root, distribution("pyinstaller"))
    except PackageNotFoundError:
        return


def _qt(root: Path, *, icu: bool) -> Iterator[Part]:
    number = distribution("PySide6-Essentials").version
    folder = root / TEXTS
    third = folder / "qt-third-party"
    texts = (*(folder / name for name in _QT), third)
    yield Part("qt", number, _QT[0], f"pkg:generic/qt@{number}", texts)
    if icu:
        yield Part("icu", "73", "Unicode-3.0", "pkg:generic/icu@73", (folder / "Unicode-3.0",))


def _python_licence() -> Path:
    """Return the text of Python's licence, which also names what is built into Python."""
    number = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = (
        Path(sys.base_prefix) / "LICENSE.txt",
        Path(sys.base_prefix) / "lib" / number / "LICENSE.txt",
        Path("/usr/share/doc") / number / "copyright",
    )
    for place in places:
        if place.exists():
            return place
    raise NoLicence("python")


def _there(needs: Iterable[str], parts: Iterable[str]) -> tuple[str, ...]:
    present = set(parts)
    return tuple(sorted(name for name in set(needs) if name in present))
