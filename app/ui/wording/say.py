"""The one way from a sentence in the source to a sentence on the screen."""

from PySide6.QtCore import QCoreApplication


def say(sentence: str, /, **places: object) -> str:
    """Return `sentence` in the operator's language, its named places filled in."""
    return QCoreApplication.translate("Oathdesk", sentence).format(**places)
