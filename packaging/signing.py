"""Sign what is installed on Windows, where the key is: programs, and then the MSI of them.

OATHDESK_SIGN is the command that signs, to which the file's path is added, for example

    signtool sign /fd SHA256 /td SHA256 /tr TIMESTAMP-SERVER /sha1 THUMBPRINT

Without it nothing is signed, which is right for everybody but whoever publishes.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import environment

COMMAND = "OATHDESK_SIGN"

Say = Callable[[str], None]


def sign(files: Iterable[Path], say: Say) -> bool:
    """Sign each of `files`; returns whether there was anything to sign with.

    Raises environment.BootstrapError where the command fails, without what it was given: there may
    be a password in it.
    """
    command = shlex.split(os.environ.get(COMMAND, ""), posix=os.name == "posix")
    if not command:
        return False
    for file in files:
        say(f"signing {file.name} ...")
        done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise environment.BootstrapError(
                f"{file.name} could not be signed (exit code {done.returncode})."
            )
    return True
