"""The policy branch, read through `winreg` as Windows behaves."""

import sys

import pytest

from app.settings.registry import WindowsPolicies, policies_of_this_machine
from tests.fakes.registry import FakeRegistry, FakeWinreg


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


@pytest.fixture
def winreg(registry: FakeRegistry) -> FakeWinreg:
    return FakeWinreg(registry)


def test_a_machine_without_the_branch_has_no_policies(winreg: FakeWinreg) -> None:
    policies = WindowsPolicies(winreg)
    assert policies.below() == ()
    assert policies.values() == {}
    assert policies.values("desk") == {}


def test_values_and_keys_are_read_as_they_were_written(
    registry: FakeRegistry, winreg: FakeWinreg
) -> None:
    registry.write("name", "Lobby", "desk")
    registry.write("mode", "assign-only", "desk")
    registry.write("id", "x", "tenants", "north")
    policies = WindowsPolicies(winreg)
    assert policies.below() == ("desk", "tenants")
    assert policies.below("tenants") == ("north",)
    assert policies.values("desk") == {"name": "Lobby", "mode": "assign-only"}
    assert policies.values("tenants", "north") == {"id": "x"}
    registry.remove("mode", "desk")
    assert policies.values("desk") == {"name": "Lobby"}


def test_every_key_that_was_opened_is_closed(registry: FakeRegistry, winreg: FakeWinreg) -> None:
    registry.write("name", "Lobby", "desk")
    WindowsPolicies(winreg).values("desk")
    WindowsPolicies(winreg).below()
    assert winreg.opened == 0


def test_a_branch_that_may_not_be_read_is_no_empty_one(
    registry: FakeRegistry, winreg: FakeWinreg
) -> None:
    registry.write("name", "Lobby", "desk")
    registry.bar("desk")
    with pytest.raises(PermissionError):
        WindowsPolicies(winreg).values("desk")


def test_any_other_failure_of_the_registry_is_told(winreg: FakeWinreg) -> None:
    class Failing(FakeWinreg):
        def OpenKeyEx(self, root: object, place: str, reserved: int, access: int) -> None:  # type: ignore[override] # - it never returns # noqa: N802 - the name in winreg
            raise OSError(22, "The configuration registry database is corrupt")

    with pytest.raises(OSError, match="corrupt"):
        WindowsPolicies(Failing(FakeRegistry())).values("desk")


def test_only_windows_has_a_registry() -> None:
    assert (policies_of_this_machine() is None) is (sys.platform != "win32")
