"""The choice of a tenant at the sign-in page, where several are configured."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.station.notices import TenantsNotice
from app.ui.widgets import displayable, text
from app.ui.wording.say import say


class TenantChooser(QWidget):
    """Tells `chosen` with the key of another tenant than the one that is open."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.box = QComboBox()
        self.box.setAccessibleName(say("Tenant"))
        self._keys: tuple[str, ...] = ()
        self._current = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(text(say("Tenant"), "smallmuted"))
        column.addWidget(self.box)
        self.box.activated.connect(self._activated)

    @property
    def has_choice(self) -> bool:
        """Whether there is anything to choose."""
        return len(self._keys) > 1

    @property
    def title(self) -> str:
        """What the chosen tenant is called."""
        return self.box.currentText() if self.has_choice else ""

    def show_tenants(self, notice: TenantsNotice) -> None:
        """Offer the tenants of `notice`."""
        self._keys = tuple(each.key for each in notice.choices)
        self._current = notice.chosen
        self.box.clear()
        self.box.addItems([displayable(each.title) for each in notice.choices])
        if notice.chosen in self._keys:
            self.box.setCurrentIndex(self._keys.index(notice.chosen))

    def _activated(self, index: int) -> None:
        """Tell what was chosen by hand; the tenant that is open is no news."""
        key = self._keys[index]
        if key != self._current:
            self._current = key
            self.chosen.emit(key)
