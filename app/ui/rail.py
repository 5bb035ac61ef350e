"""Where one can go from every page: the entries of the rail, and which of them are for whom."""

from app.ui.widgets import NavRail
from app.ui.widgets.nav_rail import NavButton
from app.ui.wording.say import say


class Rail(NavRail):
    """The window's rail; some places are there only for who is signed in."""

    def __init__(self) -> None:
        super().__init__(say("Pages"))
        self.add_entry("desk", "desk", say("Desk"), tip=say("Hand over tokens"))
        history = self.add_entry(
            "history", "history", say("History"), tip=say("Everything handed over (F11)")
        )
        all_tokens = say("Every token of the tenant (Shift+F11)")
        inventory = self.add_entry("inventory", "tokens", say("Inventory"), tip=all_tokens)
        importing = self.add_entry(
            "importing", "import", say("Import"), tip=say("Bring tokens into the tenant (Ctrl+M)")
        )
        self.add_entry("readers", "nfc", say("Readers"), tip=say("Readers and scanners (Ctrl+R)"))
        session = self._below("session", "person", say("Session"), say("Who is signed in (Ctrl+I)"))
        lock = self._below("lock", "lock", say("Lock"), say("Lock the desk (Ctrl+L)"))
        self._below("doctor", "doctor", say("Doctor"), say("What works here, and what not"))
        self._below("help", "help", say("Help"), say("How this works (F1)"))
        self._below("look", "moon", say("Look"), say("Light or dark"))
        self._of_operators = (history, inventory, importing, session, lock)
        self.show_for(signed_in=False)
        self.set_current("desk")

    def show_for(self, *, signed_in: bool) -> None:
        """Show the places of an operator, or hide them."""
        for entry in self._of_operators:
            entry.setVisible(signed_in)

    def _below(self, key: str, icon: str, words: str, tip: str) -> NavButton:
        return self.add_entry(key, icon, words, tip=tip, bottom=True)
