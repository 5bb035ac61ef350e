"""Every test of the window starts in the light theme, without motion, and in English."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication

import sentences
from app.ui.theme import Theme, apply_theme

ROOT = Path(__file__).resolve().parents[2]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "own_sentences: the test says what stands in no source of the window"
    )


class Listener(QTranslator):
    """Hears every sentence that is said and finds no translation, and says nothing itself."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: set[str] = set()

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False

    def translate(
        self,
        context: str,
        sourceText: str,  # noqa: N803 - Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> None:
        if context == "Oathdesk":
            self.heard.add(sourceText)


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp, Theme.LIGHT, motion=False)
    yield
    apply_theme(qapp, Theme.LIGHT, motion=False)


@pytest.fixture(scope="session")
def sentences_of_the_source() -> frozenset[str]:
    return sentences.sentences(ROOT)


@pytest.fixture(autouse=True)
def listener(
    request: pytest.FixtureRequest, qapp: QApplication, sentences_of_the_source: frozenset[str]
) -> Iterator[Listener]:
    """Hold that packaging/sentences.py finds whatever is said, on a machine of any language."""
    QLocale.setDefault(QLocale.c())
    ear = Listener()
    qapp.installTranslator(ear)
    yield ear
    qapp.removeTranslator(ear)
    if request.node.get_closest_marker("own_sentences") is None:
        assert ear.heard - sentences_of_the_source == set()
