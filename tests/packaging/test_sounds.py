"""The sounds in the tree are those that the script makes."""

from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path

import pytest

import sounds

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "sounds"


def samples_of(content: bytes) -> list[int]:
    with wave.open(BytesIO(content)) as file:
        return list(memoryview(file.readframes(file.getnframes())).cast("h"))


@pytest.mark.parametrize("name", sorted(sounds.SOUNDS))
def test_each_sound_is_as_it_would_be_made_now(name: str) -> None:
    kept = samples_of((FOLDER / f"{name}.wav").read_bytes())
    made = samples_of(sounds.rendered(sounds.SOUNDS[name]))
    assert len(kept) == len(made)
    assert max(abs(one - other) for one, other in zip(kept, made, strict=True)) <= 1


def test_no_sound_is_left_over() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(sounds.SOUNDS)


@pytest.mark.parametrize("name", sorted(sounds.SOUNDS))
def test_a_sound_is_short_neither_clicks_nor_clips(name: str) -> None:
    samples = samples_of(sounds.rendered(sounds.SOUNDS[name]))
    assert 0.1 < len(samples) / sounds.RATE < 0.5
    assert abs(samples[0]) < 400
    assert abs(samples[-1]) < 1200
    assert 8_000 < max(abs(sample) for sample in samples) < 16_000
