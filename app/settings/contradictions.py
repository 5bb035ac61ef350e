"""What is wrong with values that are each allowed, but not together."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise

from app.core.errors import SettingsProblem
from app.core.lane import Lane
from app.core.signin import KeyStore, SignInMethod
from app.settings.choices import SignInCache
from app.settings.givens import Layer
from app.settings.kiosk_rules import of_a_kiosk
from app.settings.lookup import profile_names
from app.settings.resolve import Settled
from app.settings.schema import PROFILE_KEYS, PROFILES

Found = tuple[SettingsProblem, tuple[str, ...]]
"""A problem, and the keys that are better read as if nobody had set them."""

_IDS = ("id", "client_id")
_STORE = "signin.key_store"
_NEEDED = {
    KeyStore.FILE: ("signin.certificate", "no certificate is named"),
    KeyStore.PKCS11: ("signin.key_module", "no module of its key store is named"),
    KeyStore.WINDOWS_MACHINE: ("signin.thumbprint", "no thumbprint is named"),
    KeyStore.WINDOWS_USER: ("signin.thumbprint", "no thumbprint is named"),
}
_TIMES = ("scanner.longest_gap", "scanner.silence", "scanner.stall")
"""Each is no less than the one before."""
_MOST = {"scanner.silence": "1", "scanner.stall": "3"}


def contradictions(settled: Mapping[str, Settled], refused: AbstractSet[str]) -> Iterator[Found]:
    """Yield each contradiction between the values that count.

    The keys in `refused` were given values that are not allowed. That is told already, so nothing
    is made of what stands in for them.
    """
    yield from _half_a_tenant(settled, refused)
    yield from _one_and_several(settled)
    if refused.isdisjoint(_TIMES):
        yield from _scanner(settled)
    yield from _certificate(settled, refused)
    if settled["kiosk.enabled"].value:
        yield from of_a_kiosk(settled)
    if settled["desk.lane"].value is Lane.SELF:
        yield from _self_service(settled)


def _half_a_tenant(settled: Mapping[str, Settled], refused: AbstractSet[str]) -> Iterator[Found]:
    """A profile needs both IDs. [tenant] may have neither: then nobody has set it up yet."""
    profiles = [f"{PROFILES}.{name}" for name in profile_names(settled)]
    for section in ("tenant", *profiles):
        missing = [name for name in _IDS if not settled[f"{section}.{name}"].value]
        if section == "tenant" and len(missing) == len(_IDS):
            continue
        place = _place(settled, section)
        for path in (f"{section}.{name}" for name in missing):
            if path not in refused:
                allowed = settled[path].key.kind.allowed
                yield SettingsProblem(place, "it is missing", path, allowed), ()


def _place(settled: Mapping[str, Settled], section: str) -> str:
    """Where the section is written: at the first of its keys that somebody set."""
    own = (settled.get(f"{section}.{key.name}") for key in PROFILE_KEYS)
    places = (each.origin.place for each in own if each and each.origin.layer > Layer.BUILT_IN)
    return next(places, Layer.BUILT_IN.words)


def _one_and_several(settled: Mapping[str, Settled]) -> Iterator[Found]:
    profiles = profile_names(settled)
    if profiles and settled["tenant.id"].value:
        places = f"{_place(settled, 'tenant')}, {_place(settled, f'{PROFILES}.{profiles[0]}')}"
        problem = "one tenant and several are configured"
        yield SettingsProblem(places, problem, "tenant", f"[tenant] or [{PROFILES}.<name>]"), ()


def _scanner(settled: Mapping[str, Settled]) -> Iterator[Found]:
    """The ranges of core.wedge.WedgeSettings, which depend on each other."""
    times = [settled[path] for path in _TIMES]
    for less, more in pairwise(times):
        if not (isinstance(less.value, float) and isinstance(more.value, float)):
            continue
        if more.value < less.value:
            place = max((less.origin, more.origin), key=lambda each: each.layer).place
            problem = f"{more.shown} is less than {less.path}, which is {less.shown}"
            allowed = f"seconds from {less.shown} to {_MOST[more.path]}"
            yield SettingsProblem(place, problem, more.path, allowed), _TIMES


def _certificate(settled: Mapping[str, Settled], refused: AbstractSet[str]) -> Iterator[Found]:
    """Who signs in by certificate says where it is: in a file, or how to find it in a store."""
    methods, store = settled["signin.methods"], settled[_STORE].value
    assert isinstance(store, KeyStore)
    wanted = isinstance(methods.value, tuple) and SignInMethod.CERTIFICATE in methods.value
    key, missing = _NEEDED[store]
    if wanted and not settled[key].value and refused.isdisjoint({key, _STORE}):
        problem = f"signing in by certificate is offered, and {missing}"
        yield SettingsProblem(methods.origin.place, problem, methods.path, key), ()


def _self_service(settled: Mapping[str, Settled]) -> Iterator[Found]:
    """People who serve themselves sign in as themselves, and are forgotten when they leave."""
    cache, methods = settled["signin.cache"], settled["signin.methods"]
    if cache.value is SignInCache.SYSTEM:
        problem = "self-service keeps nobody's sign-in"
        yield SettingsProblem(cache.origin.place, problem, cache.path, '"memory"'), (cache.path,)
    if isinstance(methods.value, tuple) and SignInMethod.CERTIFICATE in methods.value:
        problem = "in self-service people sign in, and a certificate is nobody"
        allowed = '"browser", "device-code" and "broker"'
        yield SettingsProblem(methods.origin.place, problem, methods.path, allowed), ()
