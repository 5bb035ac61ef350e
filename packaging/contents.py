"""Decide what travels in the one-folder build: nothing that is not used, nothing of the system.

PyInstaller follows imports and knows most packages, but it is generous: of Qt it takes every
plugin of the modules that are imported, and each plugin brings libraries of its own. A plugin
stays only where it is named here, and a library of Qt only where something that stays is linked
with it. On Linux nothing is taken from the system's own library folders: the package depends on
those libraries instead, so that they are updated with the system (and libpcsclite, which speaks
the protocol of the service beside it, is always the right one).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

Entry = tuple[str, str, str]
"""What PyInstaller calls a TOC entry: the name in the build, the source path, the kind."""

# Modules the program asks for by name, which no analysis of its imports can see.
_EVERYWHERE = (
    "pskc",
    "pskc.exceptions",
    "pskc.key",
    "serial",
    "serial.tools.list_ports",
    "smartcard.scard",
)
_BY_NAME = {
    "linux": (*_EVERYWHERE, "secretstorage"),
    "darwin": (*_EVERYWHERE, "keyring", "keyring.backends.macOS"),
    "win32": (*_EVERYWHERE, "winreg"),
}

# What some package would use if it were there, and the station never asks for.
_NOWHERE = (
    "IPython",
    "PIL.AvifImagePlugin",
    "PIL.ImageCms",
    "PIL.ImageQt",
    "PIL.ImageShow",
    "PIL.ImageTk",
    "PIL.WebPImagePlugin",
    "PIL._avif",
    "PIL._imagingcms",
    "PIL._imagingft",
    "PIL._webp",
    "PySide6.QtDBus",
    "lib2to3",
    "numpy",
    "pydoc",
    "pythoncom",
    "pywintypes",
    "setuptools",
    "starlette.testclient",
    "tkinter",
    "win32api",
    "win32com",
    "win32evtlog",
    "win32evtlogutil",
    "yaml",
)

REPLACEABLE = ("PySide6", "pskc", "shiboken6", "smartcard")
"""Packages under the LGPL, kept as files of their own so that whoever wants can change them."""

PLUGINS = (
    "iconengines/qsvgicon",
    "imageformats/qgif",
    "imageformats/qjpeg",
    "imageformats/qsvg",
    "imageformats/qwebp",
    "platforminputcontexts/composeplatforminputcontextplugin",
    "platforminputcontexts/ibusplatforminputcontextplugin",
    "platforms/qcocoa",
    "platforms/qoffscreen",
    "platforms/qwayland",
    "platforms/qwindows",
    "platforms/qxcb",
    "platformthemes/qxdgdesktopportal",
    "styles/qmacstyle",
    "styles/qmodernwindowsstyle",
    "wayland-decoration-client/bradient",
    "wayland-shell-integration/xdg-shell",
)
"""Plugins of Qt that stay, by folder and name without the system's prefix and ending: pictures
(photos are JPEG, PNG is built in), the ways to a screen, and how a system composes letters."""

TRANSLATIONS = re.compile(r"qtbase_\w+\.qm$")
"""Qt's own few words; the station's are in resources/i18n."""

_INSTALLERS_OWN = re.compile(
    r"\.dist-info/(?:INSTALLER|RECORD|REQUESTED|WHEEL|direct_url\.json|licenses/.*|sboms/.*)$"
)
_SYSTEM = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
_SYSTEM_PYTHON = re.compile(r"^/(?:usr/)?lib(?:64)?/(?:[\w-]+/)?(?:libpython3[^/]*$|python3[^/]*/)")
_QT_LIBRARY = re.compile(r"PySide6/(?:Qt/(?:lib|bin)/)?(?:lib)?(?:Qt6\w+|icu\w+)[.\w]*$")
_BINDING = re.compile(r"PySide6/(Qt\w+)\.")


BROKER = "OATHDESK_BROKER"
"""The environment variable that puts Windows' broker into the build, set to "yes".

pymsalruntime says that it is MIT licensed, and the terms in its LICENSE forbid to distribute it. It
travels only where the maker of the build has decided that they may pass it on."""

_BROKER_MODULES = ("msal.broker", "pymsalruntime")


def by_name(platform: str, *, broker: bool = False) -> tuple[str, ...]:
    """Return the modules asked for by name on `platform`, as sys.platform calls it."""
    named = _BY_NAME.get(platform, _BY_NAME["linux"])
    return (*named, *_BROKER_MODULES) if broker and platform == "win32" else named


def unwanted(platform: str, *, broker: bool = False) -> tuple[str, ...]:
    """Return the modules to leave out on `platform`; keyring serves the Keychain of macOS alone."""
    left_out = _NOWHERE if platform == "darwin" else (*_NOWHERE, "keyring")
    return left_out if broker else (*left_out, "pymsalruntime")


def kept_binaries(
    entries: Iterable[Entry], linked: Callable[[str], Iterable[str]], *, linux: bool
) -> list[Entry]:
    """Return those of `entries` that travel; `linked` tells the file names a library needs."""
    ours = [entry for entry in entries if not (linux and of_the_system(entry[1]))]
    chosen = [entry for entry in ours if plugin_of(entry[0]) in {None, *PLUGINS}]
    wanted = _reached(chosen, linked)
    return [entry for entry in chosen if not _is_qt_library(entry[0]) or base(entry[0]) in wanted]


def kept_data(entries: Iterable[Entry], binaries: Iterable[Entry]) -> list[Entry]:
    """Return those of `entries` that travel with `binaries`.

    Of what lies in PySide6 that is the translations. A package's metadata stays, but not the list
    of its files, which tells where and how it was installed. A link stays where it leads to.
    """
    there = {_slashes(name) for name, _, _ in binaries}
    return [entry for entry in entries if _is_wanted(entry, there)]


def _is_wanted(entry: Entry, there: set[str]) -> bool:
    name, source, kind = _slashes(entry[0]), entry[1], entry[2]
    if kind == "SYMLINK":
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), source)) in there
    if _INSTALLERS_OWN.search(name):
        return False
    return "PySide6/" not in name or name.endswith(".py") or bool(TRANSLATIONS.search(name))


def of_the_system(source: str) -> bool:
    """Tell whether `source` lies in a library folder of Linux and is no part of Python itself."""
    return source.startswith(_SYSTEM) and not _SYSTEM_PYTHON.match(source)


def plugin_of(name: str) -> str | None:
    """Return folder and name of the plugin of Qt called `name` in the build, None for others."""
    found = re.search(r"PySide6/(?:Qt/)?plugins/([\w-]+)/(?:lib)?([\w-]+?)\.\w+$", _slashes(name))
    return f"{found[1]}/{found[2]}" if found else None


def qt_modules(entries: Iterable[Entry]) -> list[str]:
    """Return the modules of PySide6 among `entries`, sorted, such as QtCore."""
    found = (_BINDING.search(_slashes(entry[0])) for entry in entries)
    return sorted({match[1] for match in found if match})


def base(name: str) -> str:
    """Return the file's own name, whatever system's slashes the path has."""
    return PurePosixPath(_slashes(name)).name


def _reached(entries: list[Entry], linked: Callable[[str], Iterable[str]]) -> set[str]:
    """Return the names of all libraries that what is no library of Qt leads to."""
    sources: Mapping[str, str] = {base(name): source for name, source, _ in entries}
    met: set[str] = set()
    ahead = [base(name) for name, _, _ in entries if not _is_qt_library(name)]
    while ahead:
        name = ahead.pop()
        if name in met:
            continue
        met.add(name)
        ahead += [each for each in _names(linked, sources.get(name)) if each in sources]
    return met


def _names(linked: Callable[[str], Iterable[str]], source: str | None) -> Iterator[str]:
    if source:
        yield from (base(each) for each in linked(source))


def _is_qt_library(name: str) -> bool:
    return _QT_LIBRARY.search(_slashes(name)) is not None


def _slashes(path: str) -> str:
    return path.replace("\\", "/")
