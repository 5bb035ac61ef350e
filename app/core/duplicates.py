"""A token that stands twice on one person: uploaded the older way, and again through Graph.

Tokens of the older upload are a store of their own: they show among a person's methods and not in
the inventory (contract, section 8). So of two methods with one serial number the one whose id the
inventory does not know is the older, and the one to be removed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.model import Method, Token


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One serial number that a person has twice: `legacy` is to be removed, `kept` stays."""

    legacy: Token
    kept: Token


def twins(methods: Iterable[Method]) -> tuple[tuple[Token, ...], ...]:
    """Return the tokens that share their serial number with another one, group by group."""
    groups: dict[str, list[Token]] = {}
    for method in methods:
        if method.token is not None and method.token.serial_number:
            groups.setdefault(method.token.serial_number.casefold(), []).append(method.token)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def told_apart(group: tuple[Token, ...], listed: Iterable[Token]) -> tuple[Duplicate, ...]:
    """Return what is to be removed of `group`, by which of its ids the inventory has `listed`.

    Nothing is removed unless exactly one is listed: else nobody can say which one works.
    """
    known = {token.device_id for token in listed}
    kept = [token for token in group if token.device_id in known]
    if len(kept) != 1:
        return ()
    return tuple(Duplicate(token, kept[0]) for token in group if token.device_id not in known)
