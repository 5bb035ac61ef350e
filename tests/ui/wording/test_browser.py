"""The page in the browser speaks the language of the window."""

from PySide6.QtWidgets import QApplication

from app.auth.page import Outcome, Words
from app.ui.language import Language
from app.ui.wording.browser import page_words


def test_the_english_page_is_that_of_a_sign_in_without_a_window(qapp: QApplication) -> None:
    speech = Language(qapp, "en")
    assert Words(**page_words()) == Words()
    speech.end()


def test_the_page_is_german_where_the_window_is(qapp: QApplication) -> None:
    speech = Language(qapp, "de")
    page = Words(**page_words()).of(Outcome.SIGNED_IN)
    speech.end()
    assert '<html lang="de">' in page
    assert "Sie sind angemeldet" in page
