"""Plays the station's sounds with what the system has for that: no library, no open sound device.

Qt's own player sits in an add-on of some sixty megabytes; each system brings a small one. Where
there is none, the system's bell has to do.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QApplication

from app.assets import resources
from app.station.notices import Sound

_PLAYERS: Final[tuple[tuple[str, ...], ...]] = (
    ("pw-play",),
    ("paplay",),
    ("aplay", "--quiet"),
    ("afplay",),
)
"""PipeWire's, PulseAudio's, ALSA's and macOS's, the first that is there."""


class Player:
    """Plays one sound after the other's start; a sound never waits for the one before."""

    def __init__(self) -> None:
        """Look for a player once: a desk makes hundreds of sounds a day."""
        self._command = next((each for each in _PLAYERS if shutil.which(each[0])), ())

    def play(self, sound: Sound) -> None:
        """Begin to play `sound`, and return at once."""
        file = resources() / "sounds" / f"{sound.value}.wav"
        if sys.platform == "win32":
            _on_windows(file)
        elif not self._command or not self._start(file):
            QApplication.beep()

    def _start(self, file: Path) -> bool:
        program, *options = self._command
        process = QProcess()
        process.setProgram(program)
        process.setArguments([*options, str(file)])
        process.setStandardOutputFile(QProcess.nullDevice())
        process.setStandardErrorFile(QProcess.nullDevice())
        return bool(process.startDetached())


def _on_windows(file: Path) -> None:
    if sys.platform == "win32":
        import winsound  # noqa: PLC0415 - Windows has it, and no other system

        winsound.PlaySound(str(file), winsound.SND_FILENAME | winsound.SND_ASYNC)
