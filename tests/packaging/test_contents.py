"""What travels in the one-folder build, and what stays behind."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import contents
from tests.packaging.builds import ROOT

SITE = "/build/venv/lib/python3.11/site-packages"
QT = "PySide6/Qt"
LINKED = {
    "libqsvg.so": ["libQt6Svg.so.6", "libQt6Gui.so.6"],
    "libQt6Gui.so.6": ["libQt6Core.so.6", "libEGL.so.1"],
    "QtWidgets.abi3.so": ["libQt6Widgets.so.6"],
}


def _binary(name: str, source: str = "") -> contents.Entry:
    return (name, source or f"{SITE}/{name}", "BINARY")


def _linked(source: str) -> list[str]:
    return LINKED.get(Path(source).name, [])


def _kept(*entries: contents.Entry, linux: bool = True) -> list[str]:
    return [name for name, _, _ in contents.kept_binaries(entries, _linked, linux=linux)]


def _names_asked_for() -> Iterator[str]:
    """Modules that the program imports, or looks for, by a name in quotes."""
    for file in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="import_module" | "find_spec"),
                    args=[ast.Constant(value=str(name))],
                ):
                    yield name


def test_the_broker_travels_only_where_the_maker_of_the_build_says_so() -> None:
    assert "pymsalruntime" in contents.unwanted("win32")
    assert "pymsalruntime" in contents.by_name("win32", broker=True)
    assert "pymsalruntime" not in contents.unwanted("win32", broker=True)
    assert "pymsalruntime" not in contents.by_name("linux", broker=True)


def test_every_module_that_is_asked_for_by_name_travels() -> None:
    known = {name for each in ("linux", "darwin", "win32") for name in contents.by_name(each)}
    broker = {"pymsalruntime"}  # an extra for Windows that whoever wants it installs
    assert set(_names_asked_for()) - broker <= known | {each.partition(".")[0] for each in known}


def test_whatever_is_named_for_this_system_is_there_to_travel() -> None:
    readers = {"serial", "smartcard"}
    named = {name.partition(".")[0] for name in contents.by_name(sys.platform)}
    assert [each for each in named - readers if find_spec(each) is None] == []


def test_a_library_of_qt_travels_only_where_something_that_stays_needs_it() -> None:
    kept = _kept(
        _binary("PySide6/QtWidgets.abi3.so"),
        _binary(f"{QT}/lib/libQt6Widgets.so.6"),
        _binary(f"{QT}/lib/libQt6Quick.so.6"),
        _binary(f"{QT}/lib/libQt6EglFSDeviceIntegration.so.6"),
    )
    assert kept == ["PySide6/QtWidgets.abi3.so", f"{QT}/lib/libQt6Widgets.so.6"]


def test_what_a_library_needs_is_followed_to_its_end() -> None:
    names = ("plugins/imageformats/libqsvg.so", "lib/libQt6Svg.so.6", "lib/libQt6Gui.so.6")
    entries = [_binary(f"{QT}/{name}") for name in (*names, "lib/libQt6Core.so.6")]
    assert _kept(*entries) == [entry[0] for entry in entries]


def test_a_plugin_travels_only_where_it_is_named() -> None:
    wanted = f"{QT}/plugins/platforms/libqwayland.so"
    left = f"{QT}/plugins/egldeviceintegrations/libqeglfs-kms-integration.so"
    assert _kept(_binary(wanted), _binary(left)) == [wanted]


@pytest.mark.parametrize(
    ("name", "plugin"),
    [
        (r"PySide6\plugins\platforms\qwindows.dll", "platforms/qwindows"),
        ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", "platforms/qcocoa"),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "platforms/qxcb"),
        ("PySide6/Qt/lib/libQt6Core.so.6", None),
    ],
)
def test_a_plugin_is_known_on_every_system(name: str, plugin: str | None) -> None:
    assert contents.plugin_of(name) == plugin


def test_on_linux_nothing_of_the_system_travels_but_python() -> None:
    systems = "/lib/x86_64-linux-gnu"
    entries = [
        _binary("libpcsclite.so.1", f"{systems}/libpcsclite.so.1"),
        _binary("libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3"),
        _binary("libpython3.11.so.1.0", f"{systems}/libpython3.11.so.1.0"),
        _binary("python3.11/lib-dynload/_ssl.so", "/usr/lib/python3.11/lib-dynload/_ssl.so"),
    ]
    assert _kept(*entries) == ["libpython3.11.so.1.0", "python3.11/lib-dynload/_ssl.so"]
    assert len(_kept(*entries, linux=False)) == len(entries)


def test_of_qts_data_the_translations_travel_and_of_a_package_what_it_says_of_itself() -> None:
    wanted = [
        (f"{QT}/translations/qtbase_de.qm", "", "DATA"),
        ("resources/qss/10-base.qss", "", "DATA"),
        ("click-8.dist-info/METADATA", "", "DATA"),
        ("PySide6/__init__.py", "", "DATA"),
        ("libQt6Core.so.6", f"{QT}/lib/libQt6Core.so.6", "SYMLINK"),
    ]
    left = [
        (f"{QT}/translations/qtquickcontrols_de.qm", "", "DATA"),
        (f"{QT}/metatypes/qt6core.json", "", "DATA"),
        ("click-8.dist-info/RECORD", "", "DATA"),
        ("click-8.dist-info/direct_url.json", "", "DATA"),
        ("libQt6Quick.so.6", f"{QT}/lib/libQt6Quick.so.6", "SYMLINK"),
    ]
    binaries = [_binary(f"{QT}/lib/libQt6Core.so.6")]
    assert contents.kept_data([*wanted, *left], binaries) == wanted


def test_the_modules_of_qt_in_a_build_are_told() -> None:
    entries = [_binary("PySide6/QtCore.abi3.so"), _binary(r"PySide6\QtGui.pyd")]
    assert contents.qt_modules(entries) == ["QtCore", "QtGui"]
