r"""The policy branch of the Windows registry, through a seam that other systems can fill as well.

Below `Software\Policies\Oathdesk` of the local machine each section is a key and each of its keys
a value; a profile is a key below `tenants`. Only an administrator can write there, so whatever
stands there is locked.
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

BRANCH: Final = r"Software\Policies\Oathdesk"

_NO_MORE_ITEMS: Final = 259
"""ERROR_NO_MORE_ITEMS of winerror.h: how an enumeration ends."""
_MOST: Final = 1_000
"""Values or keys of one key that are read; there are a hundred at most that mean anything."""


class PolicyBranch(Protocol):
    """The policies of this machine. A name that is not there is empty; OSError where barred."""

    def values(self, *path: str) -> Mapping[str, object]:
        """Return the values of the key at `path`: text, numbers, lists of text, bytes."""

    def below(self, *path: str) -> tuple[str, ...]:
        """Return the names of the keys below `path`."""


def policies_of_this_machine() -> PolicyBranch | None:
    """Return the branch of this machine; None where the system has no registry."""
    if sys.platform == "win32":
        return WindowsPolicies(importlib.import_module("winreg"))
    return None


class WindowsPolicies:
    """Fulfils PolicyBranch with the standard library's `winreg`, which is handed in."""

    def __init__(self, winreg: Any) -> None:
        self._winreg = winreg
        self._access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY

    def values(self, *path: str) -> Mapping[str, object]:
        return dict(self._each(path, lambda key, at: self._winreg.EnumValue(key, at)[:2]))

    def below(self, *path: str) -> tuple[str, ...]:
        return tuple(self._each(path, self._winreg.EnumKey))

    def _each(self, path: tuple[str, ...], read: Callable[[Any, int], Any]) -> Iterator[Any]:
        root, place = self._winreg.HKEY_LOCAL_MACHINE, "\\".join((BRANCH, *path))
        try:
            with self._winreg.OpenKeyEx(root, place, 0, self._access) as key:
                for index in range(_MOST):
                    yield read(key, index)
        except FileNotFoundError:
            return
        except OSError as error:
            if getattr(error, "winerror", None) != _NO_MORE_ITEMS:
                raise
