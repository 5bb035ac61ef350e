"""The virtual environment: made once, known to be complete, and made anew when it is not.

The project installed here is a real one, small enough to need no index: it builds itself.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from environment import STAMP, BootstrapError, Environment, pip_advice

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "small"
version = "1.0"
"""
BACKEND = """
import pathlib, zipfile

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "small-1.0-py3-none-any.whl"
    info = "small-1.0.dist-info/"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("small.pth", str(pathlib.Path.cwd()))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""
LOCKED = "# nothing is locked here\n"
UNKNOWN = "no-such-thing==1.0 --hash=sha256:" + 64 * "0" + "\n"


class Checkout:
    """A checkout of the small project."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: list[str] = []
        self.environment = Environment(root, self.said.append)

    def write_sources(self) -> None:
        """Put every file of the checkout (back) into its first state; `.venv` stays as it is."""
        (self.root / "packaging" / "requirements").mkdir(parents=True, exist_ok=True)
        (self.root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
        (self.root / "backend.py").write_text(BACKEND, encoding="utf-8")
        self.lock("demo", LOCKED)
        self.lock("test", LOCKED + "# and no tools\n")

    def lock(self, purpose: str, text: str) -> None:
        path = self.root / "packaging" / "requirements" / f"{purpose}.txt"
        path.write_text(text, encoding="utf-8")

    def bootstrap(self, purpose: str) -> list[str]:
        """Make the environment ready; returns what the person was told meanwhile."""
        self.said.clear()
        self.environment.ready(purpose)
        return list(self.said)

    def is_current(self, purpose: str, **changed: object) -> bool:
        """Whether nothing is left to do, were the stamp to say what is `changed`."""
        stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
        return self.environment.is_current({**stamp, **changed}, purpose)

    @property
    def stamp(self) -> Path:
        return self.environment.folder / STAMP


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout in a folder with spaces in its name, its environment to be made by who asks."""
    checkout = Checkout(tmp_path_factory.mktemp("a checkout") / "with spaces")
    checkout.write_sources()
    return checkout


@pytest.fixture
def checkout(made_once: Checkout) -> Checkout:
    """The same checkout in its first state, with an environment that is ready for tests."""
    made_once.write_sources()
    made_once.bootstrap("test")
    return made_once


def test_the_project_is_importable_in_an_environment_that_is_ready(checkout: Checkout) -> None:
    command = [str(checkout.environment.python), "-c", "import backend; print('here')"]
    assert subprocess.check_output(command, text=True, cwd=Path("/")).strip() == "here"


def test_what_is_built_without_isolation_finds_the_tools_of_the_environment(
    checkout: Checkout,
) -> None:
    before = checkout.environment.python.parent / "tool-of-this-environment"
    before.write_text("", encoding="utf-8")
    before.chmod(0o755)
    (checkout.root / "backend.py").write_text(
        BACKEND.replace(
            "    name =",
            f"    import shutil\n    assert shutil.which({before.name!r})\n    name =",
            1,
        ),
        encoding="utf-8",
    )
    checkout.environment.pip(
        ["install", "--no-deps", "--no-build-isolation", "--editable", str(checkout.root)]
    )


def test_a_second_run_does_nothing(checkout: Checkout) -> None:
    assert checkout.bootstrap("test") == []


def test_an_environment_made_for_tests_serves_the_demo(checkout: Checkout) -> None:
    assert checkout.bootstrap("demo") == []


def test_a_changed_lock_is_installed_into_the_environment_that_is_there(checkout: Checkout) -> None:
    checkout.lock("test", "# another comment\n")
    said = checkout.bootstrap("test")
    assert said[0].startswith("installing 0 locked packages")
    assert checkout.bootstrap("test") == []


def test_settings_of_the_tools_are_no_reason_to_install_again(checkout: Checkout) -> None:
    pyproject = checkout.root / "pyproject.toml"
    pyproject.write_text(PYPROJECT + "[tool.ruff]\nline-length = 80\n", encoding="utf-8")
    assert checkout.is_current("test")
    pyproject.write_text(PYPROJECT.replace("1.0", "1.1"), encoding="utf-8")
    assert not checkout.is_current("test")


def test_an_environment_of_another_python_or_place_is_not_current(checkout: Checkout) -> None:
    made_by = json.loads(checkout.stamp.read_text(encoding="utf-8"))["made_by"]
    for index, _ in enumerate(made_by):
        other = [*made_by[:index], "other", *made_by[index + 1 :]]
        assert not checkout.is_current("test", made_by=other)


def test_an_environment_whose_python_was_removed_is_not_current(checkout: Checkout) -> None:
    python = checkout.environment.python
    aside = python.with_name("aside")
    python.rename(aside)
    assert not checkout.is_current("test")
    aside.rename(python)


@pytest.mark.parametrize("text", ["", "{", "[]", '"words"'])
def test_a_damaged_stamp_counts_as_none(tmp_path: Path, text: str) -> None:
    checkout = Checkout(tmp_path)
    checkout.environment.folder.mkdir()
    checkout.stamp.write_text(text, encoding="utf-8")
    assert checkout.environment.read_stamp() is None


def test_a_run_that_stops_half_way_is_made_anew_by_the_next(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.lock("test", UNKNOWN)
    with monkeypatch.context() as offline:
        offline.setenv("PIP_NO_INDEX", "1")
        with pytest.raises(BootstrapError, match="no build of"):
            checkout.bootstrap("test")
    assert not checkout.stamp.exists()
    leftover = checkout.environment.folder / "half-unpacked"
    leftover.touch()
    checkout.write_sources()
    assert "unfinished" in checkout.bootstrap("test")[0]
    assert not leftover.exists()


def test_a_file_that_is_missing_is_told_in_a_sentence(checkout: Checkout) -> None:
    (checkout.root / "packaging" / "requirements" / "test.txt").unlink()
    with pytest.raises(BootstrapError, match=r"test\.txt"):
        checkout.bootstrap("test")


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("ERROR: [Errno 28] No space left on device", "The disk is full"),
        ("WARNING: Retrying (Retry(total=4)) after connection broken", "cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "differs from the one"),
        ("SSLError: [SSL: CERTIFICATE_VERIFY_FAILED]", "PIP_CERT"),
        ("ERROR: something nobody has seen", "pip could not install"),
    ],
)
def test_what_pip_says_becomes_advice_and_is_still_shown(output: str, advice: str) -> None:
    sentence = pip_advice(["Collecting it", output])
    assert advice in sentence
    assert output in sentence
