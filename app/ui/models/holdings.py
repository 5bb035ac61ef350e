"""What a person has as a table model: hardware tokens first, then the other methods, with dates."""

from typing import Any, Final

from PySide6.QtCore import Qt

from app.core.model import Method, MethodKind, TokenStatus
from app.station.desk.notices import HeldToken, HoldingsNotice
from app.ui.models.headed import HeadedModel, Index
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.serial_label import group_serial
from app.ui.widgets.text import displayable
from app.ui.widgets.tone import Tone
from app.ui.wording.custody import handed_out, last_used, method_name
from app.ui.wording.desk import status_word
from app.ui.wording.history import day
from app.ui.wording.say import say

WHAT, STATE, SINCE, USED, HANDED = range(5)

_TONES: Final = {
    TokenStatus.ACTIVATED: Tone.GOOD,
    TokenStatus.ASSIGNED: Tone.INFO,
    TokenStatus.FAILED_ACTIVATION: Tone.CAUTION,
}


class HoldingsModel(HeadedModel):
    """The rows of one HoldingsNotice. A password is no method that anybody hands out."""

    def __init__(self) -> None:
        super().__init__(
            say("What"), say("State"), say("Since"), say("Last used"), say("Handed out")
        )
        self._rows: tuple[HeldToken | Method, ...] = ()
        self._left_over: frozenset[str] = frozenset()

    def take(self, notice: HoldingsNotice) -> None:
        """Show what `notice` tells."""
        self.beginResetModel()
        known = notice.holdings
        others = known.others if known else ()
        told = [method for method in others if method.kind is not MethodKind.PASSWORD]
        self._rows = (*known.tokens, *told) if known else ()
        self._left_over = frozenset(twin.legacy.device_id for twin in notice.duplicates)
        self.endResetModel()

    def held(self, row: int) -> HeldToken | None:
        """Return the token in `row`; None where another method stands there, or nothing."""
        found = self._rows[row] if 0 <= row < len(self._rows) else None
        return found if isinstance(found, HeldToken) else None

    def row_of(self, device_id: str) -> int:
        """Return where the token with this device id stands, or the first row."""
        ids = [row.token.device_id if isinstance(row, HeldToken) else "" for row in self._rows]
        return ids.index(device_id) if device_id and device_id in ids else 0

    def count(self) -> int:
        return len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            if isinstance(row, HeldToken):
                return self._of_token(row, index.column())
            return _of_method(row, index.column())
        if role == TONE_ROLE and isinstance(row, HeldToken):
            return self._tone(row)
        return None

    def _of_token(self, held: HeldToken, column: int) -> str:
        match column:
            case 0:
                return _token_words(held)
            case 1:
                left_over = held.token.device_id in self._left_over
                return say("Left over") if left_over else status_word(held.token.status)
            case 2:
                return day(held.method.created if held.method else None)
            case 3:
                return last_used(held)
            case _:
                return displayable(handed_out(held.handed_out))

    def _tone(self, held: HeldToken) -> Tone:
        if held.token.device_id in self._left_over:
            return Tone.CAUTION
        return _TONES.get(held.token.status, Tone.NEUTRAL)


def _token_words(held: HeldToken) -> str:
    """Return the serial number and what the person sees the token called, as far as each is known.

    The name of the method counts before that of the device in the inventory; where Graph shows no
    name at all, wire.py labels a method with the serial number, which is said once.
    """
    serial = group_serial(held.token.serial_number)
    label = held.method.label if held.method else ""
    named = "" if label.casefold() == held.token.serial_number.casefold() else label
    name = displayable(named or held.token.display_name)
    if serial and name:
        return say("{serial}, {name}", serial=serial, name=name)
    return serial or name or method_name(MethodKind.HARDWARE_TOKEN)


def _of_method(method: Method, column: int) -> str:
    match column:
        case 0:
            name, label = method_name(method.kind), displayable(method.label)
            return say("{kind}, {label}", kind=name, label=label) if label else name
        case 2:
            return day(method.created)
        case _:
            return ""
