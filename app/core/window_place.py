"""Where a window stood, and how large it was."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WindowPlace:
    """The window's frame-less rectangle in device-independent pixels of the desktop.

    While it is `maximized` the rectangle is the one that it goes back to.
    """

    x: int
    y: int
    width: int
    height: int
    maximized: bool = False
