"""Who runs the program, whatever the environment says."""

from __future__ import annotations

import os
import sys

import pytest

from app.account import account, home

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="needs numbered accounts; run it on Linux or macOS"
)


def test_t4_no_variable_says_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = account()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER", "SUDO_UID", "HOME"):
        monkeypatch.setenv(name, "x")
    assert account() == before
    assert account().startswith(f"uid {os.getuid()}")


def test_t5_no_variable_moves_the_home_of_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    before = home()
    monkeypatch.setenv("HOME", "/elsewhere")
    assert home() == before
