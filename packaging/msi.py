"""Make the MSI of a one-folder build: for all users of a machine, silent if wanted.

    python3 packaging/bootstrap.py package msi

windows/oathdesk.wxs says what it does; the list of files is written here: those of the build, and
the examples of kiosks in the folder `kiosk`. On Windows, WiX 3 makes it. Elsewhere msitools' wixl
does, for tests: it knows no permissions on folders, so that with such an installer every user may
write the machine's configuration where none is there yet. Every code is derived from a name, so the
same build gives the same codes, and a file keeps its own from one version to the next.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import environment
import release
import sbom

Say = Callable[[str], None]

SOURCE = Path("packaging") / "windows" / "oathdesk.wxs"
KIOSK = Path("packaging") / "windows" / "kiosk"
UPGRADE_CODE = "5C0D7B0E-6A55-4E55-9E31-0A7D35C0A000"
"""Never to be changed: by it an installer knows the versions before it."""

PROGRAM = "oathdesk.exe"


@dataclass(frozen=True, slots=True)
class Build:
    """What an installer is made of.

    `folder` is the one-folder build. `made` holds what was made beside it: `icons` with the drawn
    icons, and `policies` with the template of the policies. `version` is the program's.
    """

    folder: Path
    made: Path
    version: str


def build(root: Path, made_of: Build, target: Path, say: Say) -> Path:
    """Make the MSI; returns its file in `target`.

    Raises environment.BootstrapError where there is no WiX, or it fails.
    """
    folder, made, version = made_of.folder, made_of.made, made_of.version
    file = target / f"oathdesk-{version}-x64.msi"
    work = target / ".oathdesk.msi"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    windows = sys.platform == "win32"
    variables = {
        "Icon": str(made / "icons" / _ICON) if windows else _ICON,
        "Policies": str(made / _POLICIES) if windows else _POLICIES,
        "ProductCode": sbom.derived(f"product {version}"),
        "UpgradeCode": UPGRADE_CODE,
        "Version": release.for_windows(version),
    }
    if not windows:  # wixl finds nothing by a path that begins at the root
        (work / _FILES).symlink_to(folder.resolve())
        (work / _POLICIES).symlink_to((made / _POLICIES).resolve())
        (work / _KIOSK).symlink_to((root / KIOSK).resolve())
        shutil.copyfile(made / "icons" / _ICON, work / _ICON)
        say("wixl sets no permissions on folders: this installer is for tests.")
    places = {folder: str(folder) if windows else _FILES}
    places[root / KIOSK] = str(root / KIOSK) if windows else _KIOSK
    listed = work / "files.wxs"
    listed.write_text(files(places, root / SOURCE), "utf-8")
    say("making the installer ...")
    commands = _with_wix if windows else _with_wixl
    for command in commands([root / SOURCE, listed], variables, work, file.resolve()):
        _run(command, work)
    shutil.rmtree(work)
    return file


_ICON = "oathdesk.ico"
_FILES = "files"
_POLICIES = "policies"
_KIOSK = "kiosk"


def files(folders: Mapping[Path, str], source: Path) -> str:
    """Return what installs every file of `folders`, each a component, in the language of `source`.

    Each folder leads to where the compiler finds it. Files of a folder called `kiosk` go into a
    folder of that name, the others to the top.
    """
    tree = ET.parse(source)  # noqa: S314 - the project's own file
    space = tree.getroot().tag.partition("}")[0].strip("{")
    wix = ET.Element("Wix", xmlns=space)
    fragment = ET.SubElement(wix, "Fragment")
    ids = []
    top = ET.SubElement(fragment, "DirectoryRef", Id="INSTALLFOLDER")
    directories = {PurePosixPath(): top}
    for path, place in sorted(_installed(folders)):
        above = _directory(directories, path.parent)
        ids.append(_component(above, path, place))
    group = ET.SubElement(ET.SubElement(wix, "Fragment"), "ComponentGroup", Id="Files")
    for each in ids:
        ET.SubElement(group, "ComponentRef", Id=each)
    ET.indent(wix)
    return ET.tostring(wix, encoding="unicode", xml_declaration=True) + "\n"


def _installed(folders: Mapping[Path, str]) -> Iterator[tuple[PurePosixPath, str]]:
    """Give each file's path below the program's folder, and where the compiler finds the file."""
    for folder, place in folders.items():
        within = PurePosixPath(_KIOSK if folder.name == _KIOSK else "")
        for file in folder.rglob("*"):
            if file.is_file():
                name = file.relative_to(folder).as_posix()
                yield within / name, f"{place}/{name}"


def _directory(places: dict[PurePosixPath, ET.Element], path: PurePosixPath) -> ET.Element:
    if path not in places:
        parent = _directory(places, path.parent)
        known = {"Id": _id("d", path), "Name": path.name}
        places[path] = ET.SubElement(parent, "Directory", known)
    return places[path]


def _component(above: ET.Element, path: PurePosixPath, place: str) -> str:
    name = _id("c", path)
    guid = sbom.derived(f"file {path}")
    component = ET.SubElement(above, "Component", Id=name, Guid=guid, Win64="yes")
    known = {"Id": _id("f", path), "Name": path.name, "Source": place, "KeyPath": "yes"}
    entry = ET.SubElement(component, "File", known)
    if str(path) == PROGRAM:
        ET.SubElement(entry, "Shortcut", _SHORTCUT)
    return name


_SHORTCUT = {
    "Id": "StartMenu",
    "Directory": "ProgramMenuFolder",
    "Name": "Oathdesk",
    "Description": "Enrollment station for hardware OATH tokens",
    "Icon": "oathdesk.ico",
    "WorkingDirectory": "INSTALLFOLDER",
    "Advertise": "no",
}


def _id(kind: str, path: PurePosixPath) -> str:
    """Return an identifier for `path`: letters and digits, 72 at most, as MSI wants them."""
    return f"{kind}_{hashlib.sha256(str(path).encode()).hexdigest()[:40]}"


def _with_wix(
    sources: list[Path], variables: dict[str, str], work: Path, file: Path
) -> list[list[str]]:
    """Return what to run on Windows, one after the other."""
    advice = "Install the WiX Toolset, version 3.14."
    candle, light = _found("candle", advice), _found("light", advice)
    given = [f"-d{name}={value}" for name, value in variables.items()]
    objects = [work / f"{source.stem}.wixobj" for source in sources]
    compiled = [candle, "-nologo", "-arch", "x64", *given, "-out", f"{work}{os.sep}"]
    linked = [light, "-nologo", "-spdb", "-out", str(file), *map(str, objects)]
    return [[*compiled, *map(str, sources)], linked]


def _with_wixl(
    sources: list[Path], variables: dict[str, str], work: Path, file: Path
) -> list[list[str]]:
    """Return what to run elsewhere; what wixl does not know is put in afterwards, where it can."""
    wixl = _found("wixl", _ON_DEBIAN)
    defined = (f"{name}={value}" for name, value in variables.items())
    given = [word for each in defined for word in ("--define", each)]
    simple, conditions = _for_wixl(sources[0], work)
    compiled = [wixl, "--arch", "x64", *given, "--output", str(file)]
    msibuild = _found("msibuild", _ON_DEBIAN)
    updates = [
        word
        for component, condition in conditions.items()
        for word in ("-q", _UPDATE.format(condition, component))
    ]
    return [[*compiled, str(simple), *map(str, sources[1:])], [msibuild, str(file), *updates]]


_ON_DEBIAN = "On Debian, install wixl and msitools."
_UPDATE = "UPDATE `Component` SET `Condition` = '{}' WHERE `Component` = '{}'"


def _for_wixl(source: Path, work: Path) -> tuple[Path, dict[str, str]]:
    """Return a copy of `source` without what wixl does not know, and the components' conditions."""
    tree = ET.parse(source)  # noqa: S314 - the project's own file
    space = tree.getroot().tag.partition("}")[0] + "}"
    conditions = {}
    for component in tree.iter(f"{space}Component"):
        for condition in component.findall(f"{space}Condition"):
            conditions[component.attrib["Id"]] = condition.text or ""
            component.remove(condition)
    for parent in tree.iter():
        for child in parent.findall(f"{space}PermissionEx"):
            parent.remove(child)
        for name in ("Platform", "Secure"):
            parent.attrib.pop(name, None)
        if parent.tag == f"{space}Component":
            parent.attrib.pop("KeyPath", None)
    for product in tree.iter(f"{space}Product"):
        for empty in [each for each in product.findall(f"{space}Property") if _is_empty(each)]:
            product.remove(empty)
    ET.register_namespace("", space.strip("{}"))
    copy = work / f"{source.stem}.wixl.wxs"
    tree.write(copy, encoding="utf-8", xml_declaration=True)
    return copy, conditions


def _is_empty(element: ET.Element) -> bool:
    return "Value" not in element.attrib and not len(element)


def _found(name: str, advice: str) -> str:
    """Return the program `name`, from PATH or where the WiX Toolset says that it is."""
    wix = os.environ.get("WIX")
    found = shutil.which(name) or (shutil.which(name, path=str(Path(wix) / "bin")) if wix else None)
    if found is None:
        raise environment.BootstrapError(f"{name} is not there, which makes the MSI. {advice}")
    return found


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr)[-2000:]
        raise environment.BootstrapError(f"{Path(command[0]).name} failed. It said:\n{said}")
