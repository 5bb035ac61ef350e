"""A command's terminal: whether it can ask, and output whose reader may leave before its end."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO


def can_ask() -> bool:
    """Tell whether somebody can type an answer on standard input.

    `isatty` is not enough on Windows: it is true of every character device, the NUL device of an
    unattended task among them, and a question would wait there for ever.
    """
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        return False
    return sys.platform != "win32" or _is_console(sys.stdin.fileno())


def write_utf8() -> None:
    """Write UTF-8 to files and pipes on Windows too, where no variable asks for something else.

    Python would write the code page of the system there. It holds few letters, so that a person's
    name could end a command with an error, and a program that reads the output cannot know it. A
    console gets Unicode in any case.
    """
    if sys.platform == "win32" and not os.environ.get("PYTHONIOENCODING"):
        for stream in (sys.stdout, sys.stderr):  # None in a program without a console
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@contextmanager
def bytes_out(encoding: str) -> Iterator[TextIO]:
    """Write bytes as a file would hold them, so that `> file` gives the same as --output.

    Raises BrokenPipeError where the reader of the output has left.
    """
    sys.stdout.flush()
    stream = TextIOWrapper(sys.stdout.buffer, encoding=encoding, errors="replace", newline="")
    with reader_may_leave():
        try:
            yield stream
            stream.flush()
        finally:
            with contextlib.suppress(OSError):
                stream.detach()


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Raise BrokenPipeError where the reader of standard output has left, on every system.

    Windows says EINVAL of a pipe whose reader is gone, once the first write after that has failed.
    """
    try:
        yield
    except OSError as error:
        if sys.platform == "win32" and error.errno == errno.EINVAL and error.filename is None:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from error
        raise


def close_quietly() -> None:
    """Let the interpreter's own last flush of the output go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if sys.platform == "win32":
    import ctypes
    import msvcrt

    def _is_console(descriptor: int) -> bool:
        """Tell whether `descriptor` is a console's; GetConsoleMode fails for any other device."""
        mode = ctypes.c_uint32()
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
        return bool(ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)))
else:

    def _is_console(_descriptor: int) -> bool:
        return True
