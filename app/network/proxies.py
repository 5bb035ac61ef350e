"""Which proxy lies on the way to a host: the configured one, or else the system's.

The system's are those of the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY, in either case), on
Windows those of the registry and on macOS those of the network settings. They do not count where an
administrator has locked network.proxy: then the configured proxy is used, or none.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

VARIABLES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
"""The variables that name proxies; each also counts in lower case."""


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies of this station.

    `configured` is an address (http:// or https://, perhaps with name and password), or empty.
    `of_system` tells whether the system's proxies count where none is configured.
    """

    configured: str = field(default="", repr=False)  # it may hold a password
    of_system: bool = True

    def for_host(self, name: str) -> str | None:
        """Return the address of the proxy on the way to the host `name`; None if the way is direct.

        No proxy ever lies between this machine and itself, which is where the practice tenant runs.
        """
        if is_loopback(name):
            return None
        if self.configured:
            return self.configured
        if not self.of_system:
            return None
        from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - slow to import

        system = getproxies()
        address = system.get("https") or system.get("all") or ""
        if not address or proxy_bypass(name):
            return None
        return address if "://" in address else f"http://{address}"

    def named_by_system(self) -> Mapping[str, str]:
        """Return the system's proxies for https that count here, by kind: "https", "all"."""
        if self.configured or not self.of_system:
            return {}
        from urllib.request import getproxies  # noqa: PLC0415 - slow to import

        return {kind: at for kind, at in getproxies().items() if kind in {"http", "https", "all"}}


def variables_set(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the names of the variables that name proxies, as they are spelled in `environment`."""
    names = (each for name in VARIABLES for each in (name, name.lower()))
    return tuple(dict.fromkeys(name for name in names if environment.get(name)))


def is_loopback(name: str) -> bool:
    """Tell whether `name` is this machine itself."""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
