"""System packages on Debian: what is missing is seen, and installed or told in one command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

import debian


class Terminal:
    """Remembers what the person was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, sentence: str) -> None:
        self.lines.append(sentence)


class Apt:
    """An apt whose first commands fail, as on a machine with stale lists or a poor mirror."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.commands: list[str] = []
        self.pauses: list[float] = []

    def __call__(self, command: Sequence[str]) -> int:
        self.commands.append(" ".join(command))
        self.failures -= 1
        return 100 if self.failures >= 0 else 0


def _dpkg_with(*installed: str) -> list[str]:
    """What is missing of three packages where dpkg knows `installed`."""
    answer = "".join(f"{name}\tinstalled\n" for name in installed) + "xvfb\tnot-installed\n"
    return debian.missing_packages(["libegl1", "libglib2.0-0", "xvfb"], lambda _: answer)


def _two_missing(_: Iterable[str]) -> list[str]:
    return ["libegl1", "xvfb"]


def _machine(apt: Apt, *, is_root: bool = True) -> debian.Machine:
    return debian.Machine(_two_missing, lambda: is_root, apt, apt.pauses.append)


def test_a_package_dpkg_has_only_heard_of_is_missing() -> None:
    assert _dpkg_with("libegl1", "libglib2.0-0") == ["xvfb"]


def test_a_library_under_its_name_of_newer_releases_is_present() -> None:
    assert _dpkg_with("libegl1", "libglib2.0-0t64", "xvfb") == []


def test_nothing_is_said_where_nothing_is_missing() -> None:
    terminal, apt = Terminal(), Apt()
    assert debian.ensure([], terminal.say, debian.Machine(missing=lambda _: [], run=apt))
    assert (terminal.lines, apt.commands) == ([], [])


def test_who_is_not_root_is_shown_exactly_one_command_and_nothing_is_run() -> None:
    terminal, apt = Terminal(), Apt()
    assert not debian.ensure([], terminal.say, _machine(apt, is_root=False))
    commands = [line.strip() for line in terminal.lines if "apt-get" in line]
    assert commands == ["sudo apt-get install --yes --no-install-recommends libegl1 xvfb"]
    assert apt.commands == []


def test_root_has_the_missing_packages_installed_without_an_update_that_is_not_needed() -> None:
    terminal, apt = Terminal(), Apt()
    assert debian.ensure([], terminal.say, _machine(apt))
    assert apt.commands == ["apt-get install --yes --no-install-recommends libegl1 xvfb"]


def test_a_first_failure_is_answered_with_fresh_lists_and_a_second_try() -> None:
    terminal, apt = Terminal(), Apt(failures=1)
    assert debian.ensure([], terminal.say, _machine(apt))
    assert [command.split()[1] for command in apt.commands] == ["install", "update", "install"]


def test_a_mirror_that_stays_away_is_told_and_is_no_error() -> None:
    terminal, apt = Terminal(), Apt(failures=9)
    assert not debian.ensure([], terminal.say, _machine(apt))
    assert [command.split()[1] for command in apt.commands] == ["install", "update", "update"]
    assert apt.pauses == [debian.PAUSE]
    assert "going on without" in terminal.lines[-2]


@pytest.mark.parametrize("package", ["dbus", "gnome-keyring", "softhsm2"])
def test_stores_of_secrets_and_keys_are_wanted_for_tests_alone(package: str) -> None:
    assert package in debian.wanted("test")
    assert package not in debian.wanted("demo")


@pytest.mark.parametrize("package", ["xvfb", "xdotool", "openbox"])
def test_a_screen_for_real_keys_is_wanted_for_tests_alone(package: str) -> None:
    assert package in debian.wanted("test")
    assert package not in debian.wanted("demo")
