"""Whether Windows itself can sign somebody in: the broker (WAM) behind `msal[broker]`.

With it the operator uses the account that Windows already knows, and the sign-in is bound to the
machine. It is an extra that is offered only where it is installed, and its absence is no error.

Nothing here has run on Windows: what is tested is that it is offered where it should be, and what
MSAL is asked (documented for MSAL Python 1.39, acquire_token_interactive). The application needs
the redirect URI ms-appx-web://Microsoft.AAD.BrokerPlugin/<client id>.
"""

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def installed() -> bool:
    """Tell whether this is Windows, and MSAL's runtime for it is there. Imports nothing."""
    return sys.platform == "win32" and importlib.util.find_spec("pymsalruntime") is not None


def _application(*arguments: Any, **options: Any) -> Any:
    import msal  # noqa: PLC0415 - about 90 ms, and nobody waits for it in a thread

    return msal.PublicClientApplication(*arguments, **options, enable_broker_on_windows=True)


@dataclass(frozen=True, slots=True)
class Broker:
    """The way to the broker; tests put another in its place."""

    installed: Callable[[], bool] = installed
    application: Callable[..., Any] = _application
