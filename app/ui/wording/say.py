"""The one way from a sentence in the source to a sentence on the screen.

Which language that is, and where its sentences stand, is the matter of app/ui/language.py.
"""

from string import Formatter

from PySide6.QtCore import QCoreApplication, QLocale


def say(sentence: str, /, **places: object) -> str:
    """Return `sentence` in the operator's language, its named places filled in."""
    return _PLACES.vformat(QCoreApplication.translate("Oathdesk", sentence), (), places)


class _Places(Formatter):
    """Fills places as str.format does, but for the separators of numbers: those of the language."""

    def format_field(self, value: object, format_spec: str) -> str:
        text: str = super().format_field(value, format_spec)
        if not isinstance(value, int | float):
            return text
        locale = QLocale()
        return text.translate({ord(","): locale.groupSeparator(), ord("."): locale.decimalPoint()})


_PLACES = _Places()
