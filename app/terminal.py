"""Output that other programs read: bytes as a file would hold them, and a reader that leaves."""

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO


@contextmanager
def bytes_out(encoding: str) -> Iterator[TextIO]:
    """Write bytes as a file would hold them, so that `> file` gives the same as --output."""
    sys.stdout.flush()
    stream = TextIOWrapper(sys.stdout.buffer, encoding=encoding, errors="replace", newline="")
    try:
        yield stream
        stream.flush()
    finally:
        with contextlib.suppress(BrokenPipeError):
            stream.detach()


def close_quietly() -> None:
    """Let the interpreter's own last flush of the output go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
