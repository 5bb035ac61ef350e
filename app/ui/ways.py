"""The ways from the window to another station, and what the window does to take one."""

from typing import Protocol

from app.ui.bridge import Bridge, Build
from app.ui.pages.stack import Pages


class Ways(Protocol):
    """Where a window can go: to the station of another tenant, or to a demo."""

    def station(self, key: str = "") -> Build:
        """Return how to build the station of the tenant `key`; of the last chosen without one."""
        ...

    def demo(self) -> Build:
        """Return how to build a station on a practice tenant."""
        ...


def follow(ways: Ways | None, pages: Pages, bridge: Bridge) -> None:
    """Let the pages before a sign-in lead to other stations; without `ways` only to the same."""
    pages.again.connect(bridge.start_over)
    pages.signin.again.connect(bridge.start_over)
    if ways is not None:
        pages.signin.tenant_chosen.connect(lambda key: bridge.start_over(ways.station(key)))
        pages.signin.left_demo.connect(lambda: bridge.start_over(ways.station()))
        pages.demo.connect(lambda: bridge.start_over(ways.demo()))
