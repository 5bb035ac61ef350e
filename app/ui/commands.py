"""What a person can do from every page, in one table: where to go, what to do, with which key.

The rail, the keys of the window and what a kiosk's supervisor may open are made from it. A command
is a QAction of the window, so that a menu can list it as it is.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow

from app.ui.wording.say import say


class OnRail(enum.Enum):
    """Where the rail lists a command."""

    TOP = enum.auto()
    BOTTOM = enum.auto()
    NOWHERE = enum.auto()


@dataclass(frozen=True, slots=True)
class Command:
    """A page to go to, or something to do.

    `name` is that of the page (app/ui/pages/stack.py) or of the act; `keys` is a key sequence in
    Qt's portable form. `of_operators`: only who is signed in has it. `supervised`: a kiosk's
    supervisor may open this page.
    """

    name: str
    title: str
    purpose: str = ""
    keys: str = ""
    icon: str = ""
    on_rail: OnRail = OnRail.NOWHERE
    of_operators: bool = False
    supervised: bool = False

    @property
    def tip(self) -> str:
        """Return the purpose, with the keys as they are called in the operator's language."""
        if not self.keys:
            return self.purpose
        keys = QKeySequence(self.keys).toString(QKeySequence.SequenceFormat.NativeText)
        return say("{purpose} ({keys})", purpose=self.purpose, keys=keys)


def page_commands() -> tuple[Command, ...]:
    """Return a command for each page that can be gone to from every other, in the rail's order."""
    top, bottom = OnRail.TOP, OnRail.BOTTOM
    return (
        Command("desk", say("Desk"), say("Hand over tokens"), "", "desk", top),
        Command(
            "history", say("History"), say("Everything handed over"), "F11", "history", top,
            of_operators=True, supervised=True,
        ),
        Command(
            "inventory", say("Inventory"), say("Every token of the tenant"), "Shift+F11", "tokens",
            top, of_operators=True,
        ),
        Command(
            "importing", say("Import"), say("Bring tokens into the tenant"), "Ctrl+M", "import",
            top, of_operators=True,
        ),
        Command(
            "readers", say("Readers"), say("Readers and scanners"), "Ctrl+R", "nfc", top,
            supervised=True,
        ),
        Command(
            "session", say("Session"), say("Who is signed in"), "Ctrl+I", "person", bottom,
            of_operators=True, supervised=True,
        ),
        Command(
            "lock", say("Lock"), say("Lock the desk"), "Ctrl+L", "lock", bottom, of_operators=True
        ),
        Command(
            "doctor", say("Doctor"), say("What works here, and what not"), "", "doctor", bottom,
            supervised=True,
        ),
        Command("help", say("Help"), say("How this works"), "F1", "help", bottom, supervised=True),
        Command("look", say("Look"), say("Light or dark"), "", "moon", bottom),
    )  # fmt: skip


def other_commands() -> tuple[Command, ...]:
    """Return the commands that no entry of the rail stands for."""
    return (
        Command("sign_in_again", say("Sign in again"), keys="F10"),
        Command("sign_out", say("Sign out"), keys="F12", of_operators=True),
        Command("switch", say("Another operator"), keys="Shift+F12", of_operators=True),
        Command("receipt", say("Receipt"), keys="Ctrl+P", of_operators=True),
        Command("step_back", say("Back"), keys="Esc"),
    )


class Commands:
    """The commands of one window as its QActions."""

    def __init__(
        self, window: QMainWindow, go: Callable[[str], None], acts: Mapping[str, Callable[[], None]]
    ) -> None:
        """Let a command do its act of `acts`, or else `go` to the page of its name."""
        self.every = (*page_commands(), *other_commands())
        self._actions: dict[str, QAction] = {}
        for command in self.every:
            action = QAction(command.title, window)
            action.setObjectName(command.name)
            action.setToolTip(command.tip)
            # The window finds the action for a key itself, below. Qt would take the key before
            # the filters of scans and of the kiosk have seen it.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.setShortcut(QKeySequence(command.keys))
            act = acts.get(command.name, lambda name=command.name: go(name))
            action.triggered.connect(lambda _checked=False, act=act: act())
            window.addAction(action)
            self._actions[command.name] = action
        self.set_signed_in(on=False)

    def set_signed_in(self, *, on: bool) -> None:
        """Let an operator's commands be used, or not."""
        for command in self.every:
            self._actions[command.name].setEnabled(on or not command.of_operators)

    def needs_operator(self, name: str) -> bool:
        """Tell whether the page of this name is seen by an operator alone, as the desk is."""
        return name == "desk" or any(each.name == name and each.of_operators for each in self.every)

    def run(self, name: str) -> None:
        """Run the command of this name; raises KeyError for an unknown one."""
        self._actions[name].trigger()

    def for_key(self, event: QKeyEvent) -> QAction | None:
        """Return the command for a key as pressed, or None; one that is disabled has no key."""
        pressed = QKeySequence(event.keyCombination())
        found = (each for each in self._actions.values() if each.shortcut() == pressed)
        action = next(found, None)
        return action if action is not None and action.isEnabled() else None
