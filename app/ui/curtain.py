"""What is drawn before the window's contents while the desk is locked.

A page that is merely hidden can still be walked through by whoever reads the window's tree, as a
screen reader does. So the contents leave the window altogether, and come back as they were: nothing
of them is destroyed, and what is told to them meanwhile is rendered where nobody sees it.
"""

from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget
from shiboken6 import isValid


class Curtain(QWidget):
    """Holds `contents`, and `cover` in their place while it is drawn."""

    def __init__(self, contents: QWidget, cover: QWidget) -> None:
        super().__init__()
        self._contents = contents
        self._cover = cover
        self._focused: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(contents)
        self.drawn = False
        for part in (
            contents,
            cover,
        ):  # one of them is always out of the window and would outlive it
            self.destroyed.connect(part.deleteLater)

    def draw(self) -> None:
        """Cover everything; whatever lies over the window goes too."""
        if self.drawn:
            return
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        QToolTip.hideText()
        self._focused = QApplication.focusWidget()
        self.drawn = True
        self._exchange(self._contents, self._cover)
        self._cover.setFocus()

    def lift(self) -> None:
        """Show the contents again, and go on where the keys went before."""
        if not self.drawn:
            return
        self.drawn = False
        self._exchange(self._cover, self._contents)
        focused = self._focused
        if focused is not None and isValid(focused) and focused.isVisible():
            focused.setFocus()

    def _exchange(self, old: QWidget, new: QWidget) -> None:
        self._column.removeWidget(old)
        old.hide()
        old.setParent(None)
        self._column.addWidget(new)
        new.show()
