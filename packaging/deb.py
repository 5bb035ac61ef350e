"""Make the Debian packages of a one-folder build: the station's own, and the kiosk's on top.

    python3 packaging/bootstrap.py package deb

Nothing of Debian's own tools but dpkg-deb and dpkg-shlibdeps is needed. The texts are those of
linux/; the libraries that the station needs of the system are found by asking every file of the
build, so that it starts on a machine that has nothing yet. No maintainer script writes anything:
/etc/oathdesk/config.toml and the records belong to whoever runs the station.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import stat
import subprocess
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import environment
import release

Say = Callable[[str], None]

MAINTAINER = "OATHDESK_MAINTAINER"
"""The environment variable that names who publishes the packages: Name <address>."""
NOBODY = "Oathdesk <oathdesk@example.org>"

LINUX = Path("packaging") / "linux"
KIOSK = LINUX / "kiosk"

# What is loaded by name, so that no file of the build is linked with it, and fonts for people's
# names in every script. Without these the window opens, but not every desk works.
NEEDED = ("ca-certificates", "fonts-inter", "fonts-noto-core", "libpcsclite1")
WANTED = ("alsa-utils | pulseaudio-utils", "fonts-noto-cjk", "pcscd", "xdg-utils")
WELCOME = ("gnome-keyring", "oathdesk-kiosk")
KIOSK_NEEDED = (
    "cage",
    "chromium",
    "dbus",
    "libpam-systemd",
    "polkitd | policykit-1",
    "systemd",
    "xwayland",  # cage does not start without, though nothing here ever speaks X
)
KIOSK_WANTED = ("pcscd",)

ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


@dataclass(frozen=True, slots=True)
class Facts:
    """What both packages say of themselves: `version` is Debian's spelling of it."""

    version: str
    seconds: int
    maintainer: str

    @classmethod
    def of_release(cls, root: Path) -> Facts:
        """Return the facts of the sources at `root`."""
        version = release.for_debian(release.version(root))
        return cls(version, release.made_at(root), os.environ.get(MAINTAINER, NOBODY))

    def filled(self, text: str, **more: str) -> str:
        """Return `text` with what stands between @ signs put in."""
        words = {
            "VERSION": self.version,
            "DATE": release.day(self.seconds),
            "YEAR": release.day(self.seconds)[:4],
            **more,
        }
        for name, value in words.items():
            text = text.replace(f"@{name}@", value)
        return text


@dataclass(frozen=True, slots=True)
class Build:
    """A one-folder build: its folder, the folder of the drawn icons, the bill of materials."""

    folder: Path
    icons: Path
    bill: Path


@dataclass(frozen=True, slots=True)
class Package:
    """What one package says of itself, and the scripts that dpkg runs, by their names."""

    name: str
    architecture: str
    described: str
    relations: Mapping[str, str]
    scripts: Mapping[str, str]


def station(root: Path, build: Build, target: Path, facts: Facts, say: Say) -> Path:
    """Make the station's package of `build`; returns its file in `target`.

    Raises environment.BootstrapError where one of dpkg's tools fails.
    """
    source = root / LINUX
    with _staged(target, "oathdesk") as stage:
        shutil.copytree(build.folder, stage / "usr/lib/oathdesk", symlinks=True)
        _link(stage / "usr/bin/oathdesk", "../lib/oathdesk/oathdesk")
        _add_texts(source, stage, facts)
        _add_icons(root, build.icons, stage)
        _add_documents(root, build, stage, facts)
        say("asking what it needs of the system ...")
        package = Package(
            "oathdesk",
            _architecture(),
            _text(source, "description"),
            {
                "Depends": ", ".join(sorted({*libraries(stage), *NEEDED})),
                "Recommends": ", ".join(WANTED),
                "Suggests": ", ".join(WELCOME),
            },
            {"postrm": _text(source, "postrm")},
        )
        say("packing ...")
        return _packed(package, stage, target, facts)


def kiosk(root: Path, target: Path, facts: Facts) -> Path:
    """Make the kiosk's package; returns its file in `target`."""
    source = root / KIOSK
    with _staged(target, "oathdesk-kiosk") as stage:
        shared = stage / "usr/share/oathdesk-kiosk"
        for name in ("config.toml", "logind.conf", "polkit.rules", "sysctl.conf"):
            _put(shared / name, (source / name).read_text("utf-8"))
        _put(stage / "usr/sbin/oathdesk-kiosk", _text(source, "oathdesk-kiosk"), 0o755)
        unit = stage / "usr/lib/systemd/system/oathdesk-kiosk.service"
        _put(unit, _text(source, "oathdesk-kiosk.service"))
        _put(stage / "usr/lib/sysusers.d/oathdesk-kiosk.conf", _text(source, "sysusers.conf"))
        _put(stage / "etc/pam.d/oathdesk-kiosk", _text(source, "pam"))
        manual = facts.filled(_text(source, "oathdesk-kiosk.8"))
        _put_packed(stage / "usr/share/man/man8/oathdesk-kiosk.8.gz", manual, facts)
        documents = stage / "usr/share/doc/oathdesk-kiosk"
        _put(documents / "copyright", facts.filled(_text(root / LINUX, "copyright"), NOTICES=""))
        _put_packed(documents / "changelog.gz", _changelog(root, "oathdesk-kiosk", facts), facts)
        overrides = _text(source, "lintian-overrides")
        _put(stage / "usr/share/lintian/overrides/oathdesk-kiosk", overrides)
        package = Package(
            "oathdesk-kiosk",
            "all",
            _text(source, "description"),
            {
                "Depends": ", ".join((f"oathdesk (= {facts.version})", *KIOSK_NEEDED)),
                "Recommends": ", ".join(KIOSK_WANTED),
            },
            {name: _text(source, name) for name in ("postinst", "prerm", "postrm")},
        )
        _put(stage / "DEBIAN/triggers", _text(source, "triggers"))
        file = _packed(package, stage, target, facts)
    shutil.copyfile(source / "kiosk.sh", target / "kiosk.sh")
    return file


def libraries(stage: Path) -> list[str]:
    """Return the packages that hold the libraries which files below `stage` are linked with."""
    (stage / "debian").mkdir()
    stanza = "Source: oathdesk\n\nPackage: oathdesk\nArchitecture: any\n"
    (stage / "debian/control").write_text(stanza, "ascii")
    files = [path for path in sorted(stage.rglob("*")) if _is_elf(path)]
    own = [f"-l{folder}" for folder in sorted({path.parent for path in files})]
    command = ["dpkg-shlibdeps", "-O", "--warnings=0", "--ignore-missing-info", *own]
    said = _run([*command, *(f"-e{path}" for path in files)], stage)
    shutil.rmtree(stage / "debian")
    line = next(line for line in said.splitlines() if line.startswith("shlibs:Depends="))
    return line.partition("=")[2].split(", ")


class _staged:  # noqa: N801 - used like a function
    """A fresh folder for what a package holds, gone again afterwards."""

    def __init__(self, target: Path, name: str) -> None:
        self._folder = target / f".{name}.stage"

    def __enter__(self) -> Path:
        shutil.rmtree(self._folder, ignore_errors=True)
        (self._folder / "DEBIAN").mkdir(parents=True)
        return self._folder

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder)


def _add_texts(source: Path, stage: Path, facts: Facts) -> None:
    share = stage / "usr/share"
    _put(share / "applications/oathdesk.desktop", _text(source, "oathdesk.desktop"))
    metainfo = facts.filled(_text(source, "oathdesk.metainfo.xml"))
    _put(share / "metainfo/oathdesk.metainfo.xml", metainfo)
    completion = _text(source, "oathdesk.bash-completion")
    _put(share / "bash-completion/completions/oathdesk", completion)
    manual = facts.filled(_text(source, "oathdesk.1"))
    _put_packed(share / "man/man1/oathdesk.1.gz", manual, facts)
    examples = share / "doc/oathdesk/examples"
    for name in ("50-oathdesk-readers.rules", "60-oathdesk-scanner.rules"):
        _put(examples / name, _text(source, name))
    _put(share / "lintian/overrides/oathdesk", _text(source, "lintian-overrides"))


def _add_icons(root: Path, icons: Path, stage: Path) -> None:
    hicolor = stage / "usr/share/icons/hicolor"
    for size in ICON_SIZES:
        place = hicolor / f"{size}x{size}/apps/oathdesk.png"
        place.parent.mkdir(parents=True)
        shutil.copyfile(icons / f"{size}.png", place)
    drawing = (root / "resources/icons/app.svg").read_text("utf-8")
    _put(hicolor / "scalable/apps/oathdesk.svg", drawing)


def _add_documents(root: Path, build: Build, stage: Path, facts: Facts) -> None:
    example = (root / "resources/config/oathdesk.example.toml").read_text("utf-8")
    _put(stage / "etc/oathdesk/config.example.toml", example)
    documents = stage / "usr/share/doc/oathdesk"
    notices = (build.folder / "_internal/licences/NOTICES.txt").read_text("utf-8")
    where = "\nThe texts are in /usr/lib/oathdesk/_internal/licences."
    copyrights = facts.filled(_text(root / LINUX, "copyright"), NOTICES=notices + where)
    _put(documents / "copyright", copyrights)
    _put_packed(documents / "changelog.gz", _changelog(root, "oathdesk", facts), facts)
    _put_packed(documents / "oathdesk.cdx.json.gz", build.bill.read_text("utf-8"), facts)


def _changelog(root: Path, package: str, facts: Facts) -> str:
    """Return Debian's form of what CHANGELOG.md says of this version: one line per entry."""
    said = release.notes(release.version(root), root).splitlines()
    entries = [line[2:].strip().strip("*.").partition("**")[0] for line in said if line[:2] == "- "]
    filled = (
        textwrap.fill(f"{entry.rstrip('.')}.", 76, initial_indent="  * ", subsequent_indent="    ")
        for entry in entries or ["See CHANGELOG.md"]
    )
    listed = "".join(f"{entry}\n" for entry in filled)
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(facts.seconds))
    head = f"{package} ({facts.version}) stable; urgency=medium\n\n"
    return f"{head}{listed}\n -- {facts.maintainer}  {when}\n"


def _write_control(package: Package, stage: Path, facts: Facts) -> None:
    summary, _, rest = package.described.partition("\n")
    fields = {
        "Package": package.name,
        "Version": facts.version,
        "Architecture": package.architecture,
        "Maintainer": facts.maintainer,
        "Installed-Size": str(_kibibytes(stage)),
        **package.relations,
        "Section": "misc",
        "Priority": "optional",
        "Description": f"{summary}\n{rest.rstrip()}",
    }
    text = "".join(f"{field}: {value}\n" for field, value in fields.items() if value)
    _put(stage / "DEBIAN/control", text)
    settings = sorted(path for path in (stage / "etc").rglob("*") if path.is_file())
    listed = "".join(f"/{path.relative_to(stage)}\n" for path in settings)
    _put(stage / "DEBIAN/conffiles", listed)
    _put(stage / "DEBIAN/md5sums", "".join(_sums(stage, settings)))
    for script, content in package.scripts.items():
        _put(stage / "DEBIAN" / script, content, 0o755)


def _sums(stage: Path, settings: Iterable[Path]) -> Iterator[str]:
    left_out = set(settings)
    for path in _files(stage):
        if path not in left_out:
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            yield f"{digest}  {path.relative_to(stage)}\n"


def _files(stage: Path) -> list[Path]:
    inside = (path for path in sorted(stage.rglob("*")) if "DEBIAN" not in path.parts)
    return [path for path in inside if path.is_file() and not path.is_symlink()]


def _kibibytes(stage: Path) -> int:
    """Return what dpkg calls the installed size: every file in whole kibibytes, 1 for the rest."""
    inside = [path for path in stage.rglob("*") if "DEBIAN" not in path.parts]
    sizes = {path: path.lstat() for path in inside}
    return sum(
        -(-each.st_size // 1024) if stat.S_ISREG(each.st_mode) else 1 for each in sizes.values()
    )


def _packed(package: Package, stage: Path, target: Path, facts: Facts) -> Path:
    """Pack `stage`, with permissions and times that do not depend on who packs it, and when."""
    _write_control(package, stage, facts)
    for path in (stage, *stage.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or _is_program(path) else 0o644)
    file = target / f"{package.name}_{facts.version}_{package.architecture}.deb"
    # One thread: with more, the compressed stream depends on how many processors there are.
    command = ["dpkg-deb", "--root-owner-group", "--threads-max=1", *COMPRESSION, "--build"]
    _run([*command, str(stage), str(file)], stage, SOURCE_DATE_EPOCH=str(facts.seconds))
    return file


COMPRESSION = ("-Zxz", "-z6")


def _architecture() -> str:
    return _run(["dpkg", "--print-architecture"], Path("/")).strip()


def _run(command: list[str], folder: Path, **variables: str) -> str:
    """Run one of dpkg's tools in `folder`; returns what it says. Raises BootstrapError."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise environment.BootstrapError(f"{command[0]} failed. It said:\n{done.stderr[-2000:]}")
    return done.stdout


def _is_program(path: Path) -> bool:
    """Tell whether `path` is run, not loaded: no library is, whatever its wheel says of it."""
    return bool(path.stat().st_mode & 0o100) and ".so" not in path.name


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def _put(place: Path, text: str, mode: int = 0o644) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8", newline="\n")
    place.chmod(mode)


def _put_packed(place: Path, text: str, facts: Facts) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(gzip.compress(text.encode(), 9, mtime=facts.seconds))


def _link(place: Path, to: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(to)
