"""Which layer's value counts for each key, and what becomes of the others.

The highest layer that gives an allowed value wins. A locked key knows two exceptions: a policy
outranks everything, and a key that the machine-wide file locks has that file's value (or, where the
file gives none, the built-in one) whatever the user, the environment and the command line say.
An attempt to change a locked key is told, and changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.core.errors import SettingsProblem
from app.settings.givens import Given, Layer
from app.settings.key import Key
from app.settings.kinds import NotTaken
from app.settings.locks import matches
from app.settings.lookup import key_of, profile_names
from app.settings.schema import KEYS, PROFILE_KEYS, PROFILES
from app.settings.showing import found, toml
from app.settings.unknown import perhaps

_MASK = "(not shown)"
_EVERY_LAYER = frozenset(Layer)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a key's value comes from: its layer, and the place in it. Locked: it stays so."""

    layer: Layer
    place: str
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A key with the value that counts."""

    path: str
    key: Key
    origin: Origin
    value: object = field(repr=False)  # it may be a secret

    @property
    def shown(self) -> str:
        """The value as TOML, or of a secret only whether there is one."""
        return _MASK if self.key.secret and self.value else toml(self.value)

    def undone(self) -> "Settled":
        """The key as if nobody had set it."""
        return _built_in(self.path, self.key, locked=self.origin.locked)


def settle(
    givens: Iterable[Given], locks: Sequence[str]
) -> tuple[dict[str, Settled], tuple[SettingsProblem, ...]]:
    """Return every key settled, and the problems of the values that were given."""
    by_path: dict[str, list[Given]] = {key.path: [] for key in KEYS}
    for given in sorted(givens, key=lambda each: each.layer):
        for path in _with_siblings(given.path):
            by_path.setdefault(path, [])
        by_path[given.path].append(given)
    problems: list[SettingsProblem] = []
    settled = {
        path: _settle_one(path, found, problems, locked=any(matches(lock, path) for lock in locks))
        for path, found in by_path.items()
    }
    for name in profile_names(settled):
        _forget_if_empty(name, settled)
    return settled, tuple(problems)


def _forget_if_empty(profile: str, settled: dict[str, Settled]) -> None:
    """Drop a profile that only those spoke of whom a lock forbids to add one."""
    paths = [f"{PROFILES}.{profile}.{key.name}" for key in PROFILE_KEYS]
    if all(settled[path].origin.layer is Layer.BUILT_IN for path in paths):
        for path in paths:
            del settled[path]


def _with_siblings(path: str) -> Iterator[str]:
    """Every key of the profile that `path` belongs to, in their order: a profile is whole."""
    section, _, rest = path.partition(".")
    if section == PROFILES:
        profile = rest.partition(".")[0]
        yield from (f"{PROFILES}.{profile}.{key.name}" for key in PROFILE_KEYS)


def _settle_one(
    path: str, givens: Sequence[Given], problems: list[SettingsProblem], *, locked: bool
) -> Settled:
    key = key_of(path)
    assert key is not None, path
    entitled = _entitled(givens, locked=locked)
    settled = _built_in(path, key, locked=entitled != _EVERY_LAYER)
    for given in (each for each in givens if each.layer in entitled):
        value = _judged(key, given)
        if isinstance(value, SettingsProblem):
            problems.append(value)
        else:
            origin = Origin(given.layer, given.place, settled.origin.locked)
            settled = Settled(path, key, origin, value.value)
    outranked = (each for each in givens if each.layer not in entitled)
    problems.extend(_attempt(given, settled) for given in outranked if _differs(given, settled))
    return settled


def _entitled(givens: Sequence[Given], *, locked: bool) -> frozenset[Layer]:
    """The layers that have a say in a key."""
    if any(given.layer is Layer.POLICY for given in givens):
        return frozenset({Layer.POLICY})
    return frozenset({Layer.MACHINE}) if locked else _EVERY_LAYER


def _built_in(path: str, key: Key, *, locked: bool) -> Settled:
    return Settled(path, key, Origin(Layer.BUILT_IN, Layer.BUILT_IN.words, locked), key.fallback)


@dataclass(frozen=True, slots=True)
class _Allowed:
    value: object = field(repr=False)


def _judged(key: Key, given: Given) -> _Allowed | SettingsProblem:
    try:
        return _Allowed(key.kind.at(given.base).taken(given.value))
    except NotTaken as refusal:
        return SettingsProblem(given.place, _refused(key, refusal), given.path, key.kind.allowed)


def _refused(key: Key, refusal: NotTaken) -> str:
    what = f"found {found(refusal.culprit, secret=key.secret)}"
    if refusal.why:
        return f"{what}: {refusal.why}"
    if isinstance(refusal.culprit, str) and not key.secret:
        return what + perhaps(refusal.culprit, key.kind.words)
    return what


def _differs(given: Given, settled: Settled) -> bool:
    value = _judged(settled.key, given)
    return isinstance(value, SettingsProblem) or value.value != settled.value


def _attempt(given: Given, settled: Settled) -> SettingsProblem:
    return SettingsProblem(
        given.place,
        f"the {given.layer.words} cannot change a locked key; it stays as it is "
        f"({settled.origin.place})",
        given.path,
        warning=True,
    )
