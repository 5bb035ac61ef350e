"""The forms in which a secret may lie in a file, and the search for them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

CODE_DIGITS = 6
_LONG = 8


def forms(secret: str) -> set[bytes]:
    """`secret` as text, in any case, percent-encoded, in hexadecimal and Base64."""
    raw = secret.encode()
    found = {raw, raw.lower(), raw.upper(), quote(secret, safe="").encode()}
    if len(secret) >= CODE_DIGITS:
        found |= {raw.hex().encode(), raw.hex().upper().encode()}
        found |= set(_in_base64(raw))
    return found


def seed_forms(seed: str) -> set[bytes]:
    """A Base32 seed's forms, and those of the bytes it stands for."""
    plain = base64.b32decode(seed + "=" * (-len(seed) % 8))
    groups = " ".join(seed[i : i + 4] for i in range(0, len(seed), 4))
    found = (
        forms(seed) | forms(groups) | {plain, plain.hex().encode(), plain.hex().upper().encode()}
    )
    return found | set(_in_base64(plain))


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """What is sure to stand in the Base64 of any text that holds `raw`, wherever it begins."""
    for shift in range(3):
        encoded = base64.b64encode(b"\x00" * shift + raw)
        first = (0, 2, 3)[shift]
        last = len(encoded) - (4 if (shift + len(raw)) % 3 else 0)
        sure = encoded[first:last]
        if len(sure) >= _LONG:
            yield sure
            yield sure.replace(b"+", b"-").replace(b"/", b"_")


def places(folder: Path, wanted: Iterable[bytes]) -> list[str]:
    """Every file under `folder` that holds one of `wanted`, and a few bytes around it."""
    each = [(form, _pattern(form)) for form in wanted]
    found = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = file.read_bytes()
        for form, pattern in each:
            if form in data and (match := pattern.search(data)):
                around = data[max(0, match.start() - 120) : match.end() + 40]
                found.append(f"{file.relative_to(folder)}: {form!r} in {around!r}")
    return found


def _pattern(form: bytes) -> re.Pattern[bytes]:
    """Six digits count unless they are part of a longer number, a fraction or an id."""
    escaped = re.escape(form)
    if form.isdigit() and len(form) == CODE_DIGITS:
        escaped = rb"(?<![0-9A-Za-z.-])" + escaped + rb"(?![0-9A-Za-z-])"
    return re.compile(escaped)
