"""A registry of Windows in memory: keys that can be written, removed and barred."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from app.settings.registry import BRANCH

Path = tuple[str, ...]
NO_MORE, NO_SUCH = 259, 2


class FakeRegistry:
    """Fulfils settings.registry.PolicyBranch. Names are found whatever their case."""

    def __init__(self) -> None:
        self._keys: dict[Path, dict[str, object]] = {}
        self._barred: set[Path] = set()

    def write(self, name: str, value: object, *path: str) -> None:
        """Set a value; the key at `path` and those above it are made where they are missing."""
        for length in range(len(path) + 1):
            self._keys.setdefault(self._known(path[:length]), {})
        self._keys[self._known(path)][name] = value

    def remove(self, name: str, *path: str) -> None:
        """Remove a value; its key stays."""
        del self._keys[self._known(path)][name]

    def bar(self, *path: str) -> None:
        """Let nobody read the key at `path` any more."""
        self._barred.add(self._known(path))

    def has(self, *path: str) -> bool:
        """Whether there is a key at `path`."""
        return self._known(path) in self._keys

    def values(self, *path: str) -> Mapping[str, object]:
        self._admit(path)
        return dict(self._keys.get(self._known(path), {}))

    def below(self, *path: str) -> Path:
        self._admit(path)
        above = self._known(path)
        return tuple(key[-1] for key in self._keys if key and key[:-1] == above)

    def _admit(self, path: Path) -> None:
        if self._known(path) in self._barred:
            raise PermissionError(13, "Access is denied")

    def _known(self, path: Path) -> Path:
        """The path as it was first written."""
        folded = [part.casefold() for part in path]
        same = (key for key in self._keys if [part.casefold() for part in key] == folded)
        return next(same, path)


class FakeWinreg:
    """What the standard library's `winreg` offers, as far as it is used, on a registry in memory.

    Opening counts: `opened` keys have to be closed again.
    """

    HKEY_LOCAL_MACHINE = object()
    KEY_READ = 0x20019
    KEY_WOW64_64KEY = 0x0100

    def __init__(self, registry: FakeRegistry) -> None:
        self._registry = registry
        self.opened = 0

    def OpenKeyEx(self, root: object, place: str, reserved: int, access: int) -> "_Opened":  # noqa: N802 - the name in winreg
        assert root is self.HKEY_LOCAL_MACHINE
        assert (reserved, access) == (0, self.KEY_READ | self.KEY_WOW64_64KEY)
        assert place == BRANCH or place.startswith(f"{BRANCH}\\")
        path = tuple(place.removeprefix(BRANCH).strip("\\").split("\\")) if place != BRANCH else ()
        if not self._registry.has(*path):
            raise FileNotFoundError(NO_SUCH, "The system cannot find the file specified")
        self._registry.values(*path)
        self.opened += 1
        return _Opened(self, path)

    def EnumValue(self, key: "_Opened", index: int) -> tuple[str, object, int]:  # noqa: N802 - the name in winreg
        items = list(self._registry.values(*key.path).items())
        name, value = self._at(items, index)
        return name, value, 1

    def EnumKey(self, key: "_Opened", index: int) -> str:  # noqa: N802 - the name in winreg
        return str(self._at(self._registry.below(*key.path), index))

    def _at(self, items: Any, index: int) -> Any:
        if index < len(items):
            return items[index]
        error = OSError(22, "No more data is available")
        error.winerror = NO_MORE  # type: ignore[attr-defined, unused-ignore] # - Windows has it
        raise error


class _Opened:
    def __init__(self, winreg: FakeWinreg, path: Path) -> None:
        self._winreg = winreg
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._winreg.opened -= 1
