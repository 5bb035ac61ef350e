"""Which stations the window can be on, and how it looks on each: what the window asks for them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from app.core.scan import DEFAULT_RULES, ScanRules
from app.core.wedge import WedgeSettings
from app.ui.bridge import Bridge, StationFactory
from app.ui.language import ENGLISH
from app.ui.pages.stack import Pages
from app.ui.placement import WindowMemory
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.ui.kiosk.shell import Guard


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How the window looks and speaks, and how it recognizes a scanner that types.

    `language` is a tag such as "de" or "de-CH", or "system" for the system's. `lane` is the window
    of people who serve themselves. With `kiosk` the window cannot be left, and its targets are a
    finger's. `memory` keeps the window's place from one start to the next.
    """

    theme: Theme = Theme.SYSTEM
    wedge: WedgeSettings = field(default_factory=WedgeSettings)
    rules: ScanRules = DEFAULT_RULES
    motion: bool = True
    language: str = ENGLISH
    lane: bool = False
    kiosk: "Guard | None" = None
    memory: WindowMemory | None = None


class Launcher(Protocol):
    """Gives the factory of each station that the window can change to."""

    def station(self, key: str = "") -> StationFactory:
        """Return what builds the station of the tenant `key`, or of the last one without it."""
        ...

    def demo(self) -> StationFactory:
        """Return what builds a station on a practice tenant."""
        ...

    def window_options(self) -> WindowOptions:
        """Return the options of the configuration that was read last."""
        ...


def follow(launcher: Launcher | None, pages: Pages, bridge: Bridge) -> None:
    """Let the pages before a sign-in lead to other stations; without `launcher` to the same one."""
    pages.again.connect(bridge.start_over)
    pages.signin.again.connect(bridge.start_over)
    if launcher is not None:
        pages.signin.tenant_chosen.connect(lambda key: bridge.start_over(launcher.station(key)))
        pages.signin.left_demo.connect(lambda: bridge.start_over(launcher.station()))
        pages.demo.connect(lambda: bridge.start_over(launcher.demo()))
