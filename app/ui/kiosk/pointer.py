"""The pointer: there for a mouse, gone for a finger, which knows where it is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputDevice, QMouseEvent
from PySide6.QtWidgets import QApplication


def is_finger(event: QMouseEvent) -> bool:
    """Tell whether a mouse event was made of a touch, by the system or by Qt."""
    on_glass = event.device().type() is QInputDevice.DeviceType.TouchScreen
    return on_glass or event.source() is not Qt.MouseEventSource.MouseEventNotSynthesized


class Pointer:
    """The pointer of `app`."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self.hidden = False

    def moved(self, event: QMouseEvent) -> None:
        """Hide at a finger, appear at a mouse."""
        if is_finger(event):
            self.hide()
        else:
            self.appear()

    def hide(self) -> None:
        """Show none."""
        if not self.hidden:
            self.hidden = True
            self._app.setOverrideCursor(Qt.CursorShape.BlankCursor)

    def appear(self) -> None:
        """Show it again."""
        if self.hidden:
            self.hidden = False
            self._app.restoreOverrideCursor()
