"""A short table of facts: a label and what is known, one under the other."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from app.ui.widgets.text import Wrapped, leading, text


class FactGrid(QWidget):
    """Rows of (label, value); values wrap and are never read as markup."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[QLabel, Wrapped]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, self.fontMetrics().averageCharWidth() * 8)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show exactly these facts; rows that stay are not made anew."""
        while len(self._rows) < len(facts):
            self._add_row()
        for index, (label, value) in enumerate(self._rows):
            present = index < len(facts)
            label.setText(facts[index][0] if present else "")
            value.setText(facts[index][1] if present else "")
            value.setAccessibleName(": ".join(facts[index]) if present else "")
            label.setVisible(present)
            value.setVisible(present)

    def facts(self) -> list[tuple[str, str]]:
        """What is shown."""
        shown = [row for row in self._rows if not row[0].isHidden()]
        return [(label.text(), value.text()) for label, value in shown]

    def _add_row(self) -> None:
        label, value = text(role="muted"), Wrapped()
        row = len(self._rows)
        side = leading(self) | Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(label, row, 0, side)
        self._grid.addWidget(value, row, 1)
        self._rows.append((label, value))
