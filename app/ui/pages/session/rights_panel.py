"""What the operator may do: permissions with their reasons, roles, and what is missing."""

from PySide6.QtWidgets import QVBoxLayout

from app.station.session_facts import SessionFacts
from app.ui.pages.desk.message import Message
from app.ui.widgets import Card, FactGrid, Rule, SecondaryButton, Tone, Wrapped, text
from app.ui.wording import session as words
from app.ui.wording.errors import Trouble
from app.ui.wording.rights import cannot
from app.ui.wording.say import say


class RightsPanel(Card):
    """Permissions, roles and lacks. `again` reads them anew."""

    def __init__(self) -> None:
        super().__init__(say("What you may do"))
        self.again = SecondaryButton(say("Look again"), key="F5")
        self.scopes = FactGrid()
        self.roles = Wrapped()
        self._none = Wrapped(words.no_scopes(), "muted")
        self._fine = Message(Tone.GOOD)
        self._lacks: list[Message] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        self.add_header(self.again)
        for part in (
            self._none,
            self.scopes,
            Rule(),
            text(say("Roles"), "cardtitle"),
            self.roles,
            Rule(),
            text(say("What is missing"), "cardtitle"),
            self._fine,
        ):
            self.body.addWidget(part)
        self.body.addLayout(self._column)
        self.body.addStretch(1)

    def show_facts(self, facts: SessionFacts) -> None:
        """Render `facts`."""
        rows = words.scope_rows(facts)
        self.scopes.set_facts(rows)
        self.scopes.setVisible(bool(rows))
        self._none.setVisible(not rows)
        self.roles.setText(words.roles_words(facts))
        self.set_footer(words.read_words(facts))
        self._show_lacks(facts)

    def rows(self, facts: SessionFacts) -> tuple[tuple[str, words.Rows], ...]:
        """Return the same as sections of a text."""
        missing = tuple(("", f"{said.sentence} {said.advice}") for said in _said(facts))
        return (
            (say("Permissions"), words.scope_rows(facts) or (("", words.no_scopes()),)),
            (say("Roles"), (("", words.roles_words(facts)),)),
            (say("What is missing"), missing or (("", words.nothing_missing()),)),
        )

    def _show_lacks(self, facts: SessionFacts) -> None:
        said = _said(facts)
        while len(self._lacks) < len(said):
            message = Message(Tone.CAUTION)
            self._lacks.append(message)
            self._column.addWidget(message)
        for number, message in enumerate(self._lacks):
            if number < len(said):
                message.set_message(Tone.CAUTION, said[number])
            else:
                message.clear()
        if said or facts.operator is None:
            self._fine.clear()
        else:
            self._fine.set_message(Tone.GOOD, Trouble(words.nothing_missing(), ""))


def _said(facts: SessionFacts) -> list[Trouble]:
    """Return what to say of each lack, each sentence once."""
    return list(dict.fromkeys(cannot(lack) for lack in facts.lacks))
