"""What is connected now: card readers with what lies there, scanners, and what is missing."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.station.readers import ReadersNotice
from app.ui.models.readers import Device, devices
from app.ui.widgets import Card, Chip, Glyph, Rule, Wrapped
from app.ui.widgets.scrolled import Scrolled
from app.ui.wording.say import say


class DeviceRow(QWidget):
    """One line: icon, name, how it does, and what to do."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = Glyph("nfc", size=22)
        self._name = Wrapped(role="strong")
        self._chip = Chip()
        self._sentence = Wrapped(role="small")
        self._advice = Wrapped(role="smallmuted")
        self._evidence = Wrapped(role="smallmuted")
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._words(), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(row)
        column.addWidget(Rule())

    def _words(self) -> QVBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._name, 1)
        head.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addLayout(head)
        for line in (self._sentence, self._advice, self._evidence):
            words.addWidget(line)
        return words

    def tell(self, device: Device) -> None:
        """Show `device`."""
        told = device.told
        self._icon.set_icon(device.icon, "muted")
        self._name.setText(device.name)
        self._chip.set_chip(told.chip, told.tone, told.icon)
        self._sentence.setText(told.sentence)
        self._advice.setText(told.advice)
        self._advice.setVisible(bool(told.advice))
        self._evidence.setText(device.evidence)
        self._evidence.setVisible(bool(device.evidence))
        self.setAccessibleName(f"{device.name}: {told.chip}")
        parts = (told.sentence, told.advice, device.evidence)
        self.setAccessibleDescription(" ".join(part for part in parts if part))


class ConnectedPanel(Card):
    """The list, as the station tells it; rows that stay are not made anew."""

    def __init__(self, platform: str = sys.platform) -> None:
        """Tell how to get what is missing on `platform`, by sys.platform's names."""
        super().__init__(say("Connected now"))
        self._platform = platform
        self._notice = ReadersNotice()
        self._heard = False
        self._devices: tuple[Device, ...] = ()
        self._rows: list[DeviceRow] = []
        self._column = QVBoxLayout()
        self.area = Scrolled(self._ground(), say("Readers and scanners that are connected"))
        self.area.focused.connect(self.set_active)
        self.body.addWidget(self.area, 1)
        self.set_footer("", "Esc", say("back to the desk"))
        self._show()

    def _ground(self) -> QWidget:
        ground = QWidget()
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 4, 4, 0)
        column.setSpacing(0)
        self._column.setSpacing(12)
        column.addLayout(self._column)
        column.addStretch(1)
        return ground

    def show_readers(self, notice: ReadersNotice) -> None:
        """Show what is connected now."""
        self._notice = notice
        self._show()

    def hear(self) -> None:
        """Tell that a scanner that types was heard."""
        self._heard = True
        self._show()

    def devices(self) -> tuple[Device, ...]:
        """What is shown."""
        return self._devices

    def _show(self) -> None:
        self._devices = devices(self._notice, heard=self._heard, platform=self._platform)
        while len(self._rows) < len(self._devices):
            row = DeviceRow()
            self._rows.append(row)
            self._column.addWidget(row)
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(self._devices))
            if number < len(self._devices):
                row.tell(self._devices[number])
