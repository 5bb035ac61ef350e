"""Make the disk image of the bundle of macOS, signed and notarised where the keys are there.

    python3 packaging/bootstrap.py package dmg

Without OATHDESK_CODESIGN_IDENTITY the bundle is signed for this machine alone, as every program on
a Mac must be. With OATHDESK_NOTARY_PROFILE, the name of a profile that `notarytool
store-credentials` keeps in the keychain, Apple is asked to notarise the image, and its answer is
stapled to it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import environment

Say = Callable[[str], None]

PROFILE = "OATHDESK_NOTARY_PROFILE"


def build(
    dist: Path, version: str, say: Say, run: Callable[[list[str]], None] | None = None
) -> Path:
    """Make the image of dist/Oathdesk.app; returns its file. Raises environment.BootstrapError."""
    run = run or _run
    app, file = dist / "Oathdesk.app", dist / f"oathdesk-{version}.dmg"
    say("checking the signature ...")
    run(["codesign", "--verify", "--deep", "--strict", str(app)])
    say("making the disk image ...")
    image = ["hdiutil", "create", "-volname", "Oathdesk", "-format", "UDZO", "-ov"]
    run([*image, "-srcfolder", str(app), str(file)])
    profile = os.environ.get(PROFILE)
    if profile:
        say("asking Apple to notarise it; that takes minutes ...")
        submit = ["xcrun", "notarytool", "submit", str(file), "--wait"]
        run([*submit, "--keychain-profile", profile])
        run(["xcrun", "stapler", "staple", str(file)])
    return file


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr)[-2000:]
        raise environment.BootstrapError(f"{command[0]} failed. It said:\n{said}")
