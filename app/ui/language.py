"""The language of the window: the configured one, or else the first of the system's that is known.

A translation is a file resources/i18n/<language>.json, from each English sentence to its own.
What it lacks is said in English. Qt's few own words, such as those of a context menu, come with Qt.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from app.assets import resources

ENGLISH: Final = "en"
"""The language of the source, which needs no translation."""

OF_THE_SYSTEM: Final = "system"
"""What is configured where the language of the system is to be spoken."""

_LOG = logging.getLogger("oathdesk.language")


class Translation(QTranslator):
    """The sentences of one file, read when the first one is asked for."""

    def __init__(self, file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = file

    def isEmpty(self) -> bool:
        """Qt leaves out what is empty; nobody knows before the file is read."""
        return False

    def translate(
        self,
        context: str,
        sourceText: str,  # noqa: N803 - Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str | None:
        """Return the sentence for `sourceText`, or None where there is none."""
        return self._sentences.get(sourceText) if context == "Oathdesk" else None

    @cached_property
    def _sentences(self) -> Mapping[str, str]:
        try:
            found: Mapping[str, str] = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            _LOG.warning("the translation %s cannot be read: %s", self._file.name, error)
            return {}
        return found


class Language:
    """The language of the window of `app`, from now on until `end`."""

    def __init__(self, app: QCoreApplication, configured: str = OF_THE_SYSTEM) -> None:
        """Speak what is `configured`, a tag such as "de" or "de-CH", or what the system does."""
        self.tag = chosen(configured, QLocale.system().uiLanguages())
        self._app = app
        self._before = QLocale()
        self._translators = list(_translators(self.tag, app))
        QLocale.setDefault(_locale(self.tag))
        for translator in self._translators:
            app.installTranslator(translator)

    def end(self) -> None:
        """Speak as before."""
        for translator in self._translators:
            self._app.removeTranslator(translator)
            translator.deleteLater()
        self._translators = []
        QLocale.setDefault(self._before)


def chosen(configured: str, preferred: Iterable[str]) -> str:
    """Return the tag of the language to speak; `preferred` are those of the system, best first.

    One that is configured and not known is told in the log, and English is spoken.
    """
    if configured == OF_THE_SYSTEM:
        return next(filter(_known, preferred), ENGLISH)
    tag = configured.replace("_", "-")
    if _known(tag):
        return tag
    _LOG.warning("there is no translation for the language %r; English is spoken", configured)
    return ENGLISH


def _known(tag: str) -> bool:
    return ENGLISH in _wider(tag) or _file(tag) is not None


def _file(tag: str) -> Path | None:
    """Return the file of the language `tag`, or of the wider one it belongs to: de for de-AT."""
    files = (resources() / "i18n" / f"{name}.json" for name in _wider(tag))
    return next((file for file in files if file.is_file()), None)


def _wider(tag: str) -> Iterator[str]:
    """Give `tag` and what remains of it without its last part, and so on."""
    parts = tag.split("-")
    return ("-".join(parts[:count]) for count in range(len(parts), 0, -1))


def _translators(tag: str, parent: QObject) -> Iterator[QTranslator]:
    """Give what translates into `tag`: the program's own sentences, and Qt's words."""
    file = _file(tag)
    if file is None:
        return
    yield Translation(file, parent)
    words = QTranslator(parent)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if words.load(QLocale(tag), "qtbase", "_", folder):
        yield words


def _locale(tag: str) -> QLocale:
    """Return how `tag` writes numbers and dates: as the system does, where it speaks the same."""
    system, own = QLocale.system(), QLocale(tag)
    same_country = "-" not in tag or system.territory() is own.territory()
    return system if system.language() is own.language() and same_country else own
