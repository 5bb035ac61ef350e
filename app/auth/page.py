"""The page a browser shows when it comes back from signing in.

It is the one thing this package shows to a person, so its words are handed in; those here are the
English ones. Nothing that a server or a browser sent is ever put on it.
"""

import enum
from dataclasses import dataclass
from html import escape


class Outcome(enum.Enum):
    """How the sign-in ended, as far as the browser has to know."""

    SIGNED_IN = "signed_in"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says, plain text throughout."""

    language: str = "en"
    signed_in: str = "You are signed in"
    signed_in_advice: str = "Go back to Oathdesk. You can close this page."
    cancelled: str = "The sign-in was cancelled"
    cancelled_advice: str = "Nobody is signed in. Go back to Oathdesk to try again."
    failed: str = "The sign-in did not succeed"
    failed_advice: str = "Go back to Oathdesk, which says why."
    unexpected: str = "This address is part of a sign-in"
    unexpected_advice: str = "Nothing is shown here. Go back to Oathdesk."

    def of(self, outcome: Outcome) -> str:
        """Return the page for `outcome`."""
        match outcome:
            case Outcome.SIGNED_IN:
                return self._page(self.signed_in, self.signed_in_advice, "#14804a")
            case Outcome.CANCELLED:
                return self._page(self.cancelled, self.cancelled_advice, "#9a5b00")
            case Outcome.FAILED:
                return self._page(self.failed, self.failed_advice, "#b3261e")

    def of_nothing(self) -> str:
        """Return the page for whoever has no business here."""
        return self._page(self.unexpected, self.unexpected_advice, "#5b6778")

    def _page(self, title: str, advice: str, colour: str) -> str:
        return _PAGE.format(
            language=escape(self.language),
            title=escape(title),
            advice=escape(advice),
            colour=colour,
        )


_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} - Oathdesk</title>
<style>
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
       font: 18px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }}
main {{ max-width: 32rem; padding: 2rem; border-top: 6px solid {colour}; }}
h1 {{ margin: 0 0 .5rem; font-size: 1.6rem; }}
p {{ margin: 0; }}
</style>
</head>
<body><main><h1>{title}</h1><p>{advice}</p></main></body>
</html>
"""
