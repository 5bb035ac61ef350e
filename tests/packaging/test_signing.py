"""Signing: by the command that was given, of every file, and never with a word about the key."""

from __future__ import annotations

from pathlib import Path

import pytest

import signing
from environment import BootstrapError
from tests.packaging.builds import nothing


def test_without_a_key_nothing_is_signed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(signing.COMMAND, raising=False)
    assert not signing.sign([tmp_path / "oathdesk.exe"], nothing)


def test_every_file_is_handed_to_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = [tmp_path / "oathdesk.exe", tmp_path / "oathdesk console.exe"]
    monkeypatch.setenv(signing.COMMAND, "sh -c 'echo signed >\"$0\"'")
    assert signing.sign(files, nothing)
    assert [file.read_text() for file in files] == ["signed\n", "signed\n"]


def test_a_key_that_does_not_sign_stops_the_release_and_is_not_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(signing.COMMAND, "sh -c 'echo $1; exit 3' --password hunter2")
    with pytest.raises(BootstrapError) as refused:
        signing.sign([tmp_path / "oathdesk.exe"], nothing)
    assert str(refused.value) == "oathdesk.exe could not be signed (exit code 3)."
