"""The rail at the side: the pages and acts of the table of commands that are listed on it."""

from app.ui.commands import OnRail, page_commands
from app.ui.widgets import NavRail
from app.ui.wording.say import say


class Rail(NavRail):
    """The window's rail; some entries are there only for who is signed in."""

    def __init__(self) -> None:
        super().__init__(say("Pages"))
        self._of_operators = []
        for command in page_commands():
            bottom = command.on_rail is OnRail.BOTTOM
            entry = self.add_entry(
                command.name, command.icon, command.title, tip=command.tip, bottom=bottom
            )
            if command.of_operators:
                self._of_operators.append(entry)
        self.show_for(signed_in=False)
        self.set_current("desk")

    def show_for(self, *, signed_in: bool) -> None:
        """Show the entries of an operator, or hide them."""
        for entry in self._of_operators:
            entry.setVisible(signed_in)
