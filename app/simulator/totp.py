"""Checks a code the way Entra is documented to: TOTP, six digits, and a wide window at activation.

Entra accepts, when a token is activated, codes within about a day (30 s tokens) or two days
(60 s tokens) of the right time and stores the correction (contract, section 8).
"""

import hashlib

import pyotp

from app.simulator.model import Device

DIGITS = 6
WINDOW_STEPS = 2880
"""Steps accepted on either side: one day of 30 s steps, two days of 60 s steps."""

_DIGESTS = {"hmacsha1": hashlib.sha1, "hmacsha256": hashlib.sha256}


def _generator(device: Device) -> pyotp.TOTP:
    digest = _DIGESTS[device.hash_function]
    return pyotp.TOTP(device.secret, digits=DIGITS, digest=digest, interval=device.interval)


def step_at(device: Device, now: float) -> int:
    """The number of the time step that `now` (Unix seconds) falls in."""
    return int(now // device.interval)


def code_at(device: Device, now: float, offset_steps: int = 0) -> str:
    """The six digits the physical token shows at `now`, its own clock error included."""
    step = step_at(device, now) + device.clock_steps + offset_steps
    return _generator(device).generate_otp(step)


def seconds_left(device: Device, now: float) -> float:
    """How long the code shown at `now` stays on the display."""
    return device.interval - now % device.interval


def matching_step(device: Device, code: str, now: float) -> int | None:
    """The step nearest to the expected one whose code is `code`, or None outside the window."""
    generator = _generator(device)
    expected = step_at(device, now) + device.known_drift
    for distance in range(WINDOW_STEPS + 1):
        for step in {expected + distance, max(0, expected - distance)}:
            if generator.generate_otp(step) == code:
                return step
    return None
