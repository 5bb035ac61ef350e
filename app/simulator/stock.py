"""Makes the practice tokens from a seed: several vendors, both hashes, both steps, every state.

Serial numbers have the shapes that vendors print (reference: token readers, sections 1.1 and 3).
"""

import base64
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from app.simulator.model import Device, Person

DEMO_SERIAL = "8659610904217"
"""A Token2 C301-i that every practice tenant has in its drawer, 30 s and SHA-1."""

TOKEN2_MODELS = {
    "8659612": "OTPC-P1-i",
    "8659622": "OTPC-P2-i",
    "8659621": "OTPC-P2-i-NB",
    "8659600": "miniOTP-2-i",
    "8659601": "miniOTP-3-i",
    "8659609": "miniOTP-3-i-NB",
    "8659610": "C301-i",
    "8659632": "C302-i",
}
"""Prefix of the printed serial number -> model, for Token2's programmable tokens."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One product line: who makes it and what its tokens are like."""

    manufacturer: str
    model: str
    prefix: str
    digits: int
    interval: int
    hash_function: str
    weight: int
    hexadecimal: bool = False

    def serial(self, rng: random.Random) -> str:
        width = self.digits - len(self.prefix)
        if self.hexadecimal:
            return f"{self.prefix}{rng.getrandbits(4 * width):0{width}X}"
        return f"{self.prefix}{rng.randrange(10**width):0{width}d}"


_LINES = (
    *(_Line("Token2", model, prefix, 13, 30, "hmacsha1", 4)
      for prefix, model in TOKEN2_MODELS.items() if model != "C302-i"),
    _Line("Token2", "C302-i", "8659632", 13, 60, "hmacsha256", 6),
    _Line("Token2", "C202", "", 8, 30, "hmacsha1", 14),
    _Line("FEITIAN", "OTP c200", "2600", 13, 60, "hmacsha1", 14),
    _Line("FEITIAN", "OTP c200 SHA-256", "2601", 13, 30, "hmacsha256", 6),
    _Line("Deepnet", "SafeID/Classic", "10", 8, 30, "hmacsha1", 12),
    _Line("Deepnet", "SafeID/Diamond", "71", 8, 60, "hmacsha256", 6),
    _Line("Thales", "SafeNet OTP 110", "GAKT", 12, 30, "hmacsha256", 8, hexadecimal=True),
    _Line("Yubico", "YubiKey 5 NFC", "", 8, 30, "hmacsha1", 6),
)  # fmt: skip

_STATES = ("available", "assigned", "activated", "failedActivation")


def make_tokens(count: int, seed: int, people: Sequence[Person]) -> list[Device]:
    """`count` tokens (at least the practice dozen); holders are taken from `people`."""
    rng = random.Random(f"tokens:{seed}")
    drawer = [_drawer_token(rng, index) for index in range(12)]
    serials = {device.serial_number for device in drawer}
    holders = _holders(rng, people)
    tokens = islice(_tokens(rng, serials, holders), max(0, count - len(drawer)))
    return [*drawer, *tokens]


def _guid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def _secret(rng: random.Random, hash_function: str) -> str:
    length = 20 if hash_function == "hmacsha1" else 30
    return base64.b32encode(rng.randbytes(length)).decode().rstrip("=")


def _device(rng: random.Random, line: _Line, serial: str) -> Device:
    return Device(
        id=_guid(rng),
        serial_number=serial,
        manufacturer=line.manufacturer,
        model=line.model,
        secret=_secret(rng, line.hash_function),
        interval=line.interval,
        hash_function=line.hash_function,
    )


def _drawer_token(rng: random.Random, index: int) -> Device:
    """The practice dozen: available, one of each line first, some with leading zeros or drift."""
    serials = {0: DEMO_SERIAL, 1: "00417208", 2: "0009358127604"}
    by_model = {line.model: line for line in _LINES}
    order = ("C301-i", "C202", "OTP c200", "SafeID/Diamond", "SafeNet OTP 110", "C302-i",
             "YubiKey 5 NFC", "OTPC-P1-i", "SafeID/Classic", "OTP c200 SHA-256", "miniOTP-3-i",
             "C202")  # fmt: skip
    line = by_model[order[index]]
    device = _device(rng, line, serials.get(index) or line.serial(rng))
    return replace(device, clock_steps={7: 3, 8: -2, 9: 40}.get(index, 0))


def _holders(rng: random.Random, people: Sequence[Person]) -> Iterator[Person]:
    """Ordinary people in a random order, none twice, those at the limit of five left out."""
    plain = [p for p in people[11:] if not p.is_guest and len(p.other_methods) < 5]
    rng.shuffle(plain)
    return iter(plain)


def _tokens(rng: random.Random, serials: set[str], holders: Iterator[Person]) -> Iterator[Device]:
    weights = [line.weight for line in _LINES]
    while True:
        line = rng.choices(_LINES, weights)[0]
        serial = line.serial(rng)
        if serial in serials:
            continue
        serials.add(serial)
        device = replace(_device(rng, line, serial), clock_steps=_drift(rng))
        status = rng.choices(_STATES, (45, 12, 40, 3))[0]
        holder = None if status == "available" else next(holders, None)
        yield device if holder is None else _held(rng, device, status, holder)


def _drift(rng: random.Random) -> int:
    return rng.choice((-2, -1, 1, 2, 5)) if rng.random() < 0.1 else 0


def _held(rng: random.Random, device: Device, status: str, holder: Person) -> Device:
    active = status == "activated"
    day = f"2026-{rng.randrange(1, 11):02d}-{rng.randrange(1, 29):02d}"
    return replace(
        device,
        status=status,
        holder=holder.id,
        registered=f"{day}T08:15:30Z",
        last_used=f"2026-11-{rng.randrange(1, 20):02d}T06:40:11Z" if active else None,
        display_name=f"{holder.given_name}'s token" if rng.random() < 0.3 else None,
        legacy=active and rng.random() < 0.01,
        known_drift=device.clock_steps if active else 0,
    )
