"""The disk image of macOS, as far as it can be seen elsewhere: which tools are asked for what."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

import dmg
from environment import BootstrapError
from tests.packaging.builds import ROOT, nothing


class Terminal:
    """Remembers what was to be run."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str]) -> None:
        self.commands.append(command)

    @property
    def tools(self) -> list[str]:
        return [" ".join(command[:2]) for command in self.commands]


def test_the_image_is_made_of_a_bundle_whose_signature_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(dmg.PROFILE, raising=False)
    terminal = Terminal()
    assert dmg.build(Path("dist"), "0.2.0", nothing, terminal) == Path("dist/oathdesk-0.2.0.dmg")
    assert terminal.tools == ["codesign --verify", "hdiutil create"]


def test_where_the_key_to_apple_is_there_the_image_is_notarised_and_stapled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(dmg.PROFILE, "releases")
    terminal = Terminal()
    dmg.build(Path("dist"), "0.2.0", nothing, terminal)
    assert terminal.tools[2:] == ["xcrun notarytool", "xcrun stapler"]
    assert terminal.commands[2][-2:] == ["--keychain-profile", "releases"]


def test_a_tool_that_fails_stops_it() -> None:
    with pytest.raises(BootstrapError, match=r"sh failed(.|\n)*no"):
        dmg._run(["sh", "-c", "echo no; exit 1"])


def test_the_program_may_use_card_readers_and_loads_only_what_its_maker_signed() -> None:
    told = plistlib.loads((ROOT / "packaging/macos/entitlements.plist").read_bytes())
    assert told["com.apple.security.smartcard"] is True
    assert "com.apple.security.cs.disable-library-validation" not in told
