"""What a configuration may ask of a desk and not of a kiosk, and what a kiosk should not lack."""

from collections.abc import Iterator, Mapping

from app.core.errors import SettingsProblem
from app.core.signin import SignInMethod
from app.settings.choices import SignInCache
from app.settings.givens import Layer
from app.settings.resolve import Settled

_INSTEAD = '"confined-browser", "device-code", or kiosk.links = true'
_STORE, _METHODS, _PIN = "signin.cache", "signin.methods", "kiosk.pin"


def of_a_kiosk(
    settled: Mapping[str, Settled],
) -> Iterator[tuple[SettingsProblem, tuple[str, ...]]]:
    """Yield what is overruled or missing where `settled` describes a kiosk."""
    yield from _store(settled[_STORE])
    yield from _browser(settled)
    yield from _pin(settled)
    yield from _unlocked(settled)


def _store(cache: Settled) -> Iterator[tuple[SettingsProblem, tuple[str, ...]]]:
    """A sign-in that outlives the program would be anybody's."""
    if cache.value is SignInCache.SYSTEM:
        problem = "a kiosk keeps no sign-in, so this is overruled: it is kept in memory only"
        yield _hint(cache, problem, '"memory"'), (_STORE,)


def _browser(settled: Mapping[str, Settled]) -> Iterator[tuple[SettingsProblem, tuple[str, ...]]]:
    methods = settled[_METHODS]
    offered = methods.value if isinstance(methods.value, tuple) else ()
    if settled["kiosk.links"].value or SignInMethod.BROWSER not in offered:
        return
    problem = "a kiosk without kiosk.links opens no browser, so nobody can sign in with it"
    if len(offered) == 1:
        yield SettingsProblem(methods.origin.place, problem, _METHODS, _INSTEAD), ()
    elif methods.origin.layer > Layer.BUILT_IN:
        yield _hint(methods, problem, _INSTEAD), ()


def _pin(settled: Mapping[str, Settled]) -> Iterator[tuple[SettingsProblem, tuple[str, ...]]]:
    """Nobody has set it, so the place to look at is where the machine was made a kiosk."""
    pin = settled[_PIN]
    if pin.value is None:
        place = settled["kiosk.enabled"].origin.place
        problem = "without a PIN no supervisor can leave the kiosk from its window"
        yield SettingsProblem(place, problem, _PIN, pin.key.kind.allowed, warning=True), ()


def _unlocked(settled: Mapping[str, Settled]) -> Iterator[tuple[SettingsProblem, tuple[str, ...]]]:
    """A kiosk's keys belong where its user cannot write."""
    loose = [path for path, each in settled.items() if _is_loose(path, each)]
    if loose:
        problem = "whoever may write the user's file can let themselves out, since it is not locked"
        yield _hint(settled[loose[0]], problem, 'locked = ["*"] in the machine-wide file'), ()


def _is_loose(path: str, each: Settled) -> bool:
    return path.startswith("kiosk.") and not each.origin.locked


def _hint(key: Settled, problem: str, allowed: str) -> SettingsProblem:
    return SettingsProblem(key.origin.place, problem, key.path, allowed, warning=True)
