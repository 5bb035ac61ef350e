"""The window's contents, and the lock page in their place while the desk is locked.

A page that is merely hidden can still be walked through by whoever reads the window's tree, as a
screen reader does. So the contents leave the window altogether, and come back as they were: nothing
of them is destroyed, and what is told to them meanwhile is rendered where nobody sees it.
"""

from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget
from shiboken6 import isValid


class LockScreen(QWidget):
    """Holds `contents`, and `page` in their place while the desk is locked."""

    def __init__(self, contents: QWidget, page: QWidget) -> None:
        super().__init__()
        self._contents = contents
        self._page = page
        self._focused: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(contents)
        self.locked = False
        for part in (
            contents,
            page,
        ):  # one of them is always out of the window and would outlive it
            self.destroyed.connect(part.deleteLater)

    def lock(self) -> None:
        """Show the lock page alone; popups over the window are closed."""
        if self.locked:
            return
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        QToolTip.hideText()
        self._focused = QApplication.focusWidget()
        self.locked = True
        self._exchange(self._contents, self._page)
        self._page.setFocus()

    def unlock(self) -> None:
        """Show the contents again, and go on where the keys went before."""
        if not self.locked:
            return
        self.locked = False
        self._exchange(self._page, self._contents)
        focused = self._focused
        if focused is not None and isValid(focused) and focused.isVisible():
            focused.setFocus()

    def _exchange(self, old: QWidget, new: QWidget) -> None:
        self._column.removeWidget(old)
        old.hide()
        old.setParent(None)
        self._column.addWidget(new)
        new.show()
