"""A serial number, large and in groups, so that it can be compared with the token in the hand."""

from typing import Final

from PySide6.QtWidgets import QSizePolicy

from app.ui.theme import tabular
from app.ui.widgets.text import Elided, displayable

GROUP: Final = 4


def group_serial(serial: str) -> str:
    """Divide `serial` into groups of four; a last single character joins the group before it.

    Serials that are short or already divided are left as they are.
    """
    if len(serial) <= GROUP + 1 or not serial.isalnum():
        return serial
    groups = [serial[start : start + GROUP] for start in range(0, len(serial), GROUP)]
    if len(groups[-1]) == 1:
        groups[-2:] = ["".join(groups[-2:])]
    return " ".join(groups)


class SerialLabel(Elided):
    """The serial in the largest type; a screen reader is given it without the gaps."""

    def __init__(self, serial: str = "", role: str = "display") -> None:
        super().__init__(role=role)
        self.setFont(tabular(self.font(), slashed_zero=True))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_serial(serial)

    def set_serial(self, serial: str) -> None:
        """Show `serial`, as the directory writes it."""
        clean = displayable(serial)
        self.setText(group_serial(clean))
        self.setAccessibleName(clean)
