"""Make the station's two sounds: `python packaging/sounds.py`. They are computed, not recorded.

*Accepted* is one short tone that rises, *attention* two that fall, so that they are told apart
without looking and by those who hear the high tones badly. Both are 16-bit mono WAV, which every
system can play.
"""

from __future__ import annotations

import math
import struct
import wave
from io import BytesIO
from pathlib import Path

RATE = 22_050
"""Samples a second."""

LOUDEST = 0.35
"""Of full scale: heard across a desk, and no alarm."""

FADE = 0.012
"""Seconds in which a tone comes and goes, so that it does not click."""

Note = tuple[float, float]
"""A tone's frequency in Hz (0 is silence) and its length in seconds."""

SOUNDS: dict[str, tuple[Note, ...]] = {
    "accepted": ((880.0, 0.07), (1318.5, 0.11)),
    "attention": ((587.3, 0.14), (0.0, 0.05), (440.0, 0.22)),
}


def rendered(notes: tuple[Note, ...]) -> bytes:
    """Return the WAV file of `notes`."""
    samples = [sample for note in notes for sample in _tone(*note)]
    content = BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return content.getvalue()


def _tone(frequency: float, seconds: float) -> list[int]:
    count = round(RATE * seconds)
    return [_sample(frequency, index / RATE, seconds) for index in range(count)]


def _sample(frequency: float, at: float, seconds: float) -> int:
    """One sample: a tone with a soft octave above it, faded at both ends."""
    edge = min(1.0, at / FADE, (seconds - at) / FADE)
    wave_form = math.sin(math.tau * frequency * at) + 0.25 * math.sin(2 * math.tau * frequency * at)
    return round(32767 * LOUDEST * edge * wave_form / 1.25)


def write(root: Path) -> None:
    """Write every sound below `root`, the checkout."""
    folder = root / "resources" / "sounds"
    folder.mkdir(parents=True, exist_ok=True)
    for name, notes in SOUNDS.items():
        (folder / f"{name}.wav").write_bytes(rendered(notes))


if __name__ == "__main__":
    write(Path(__file__).resolve().parent.parent)
