"""A replacement as a headless station carries it out, and what is left of one after a stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.core.enrollment import DRAFT, UNDERWAY, State
from app.core.model import Mode, Proof, Reason
from app.station.desk.notices import Offer, OffersNotice
from app.station.notices import DeskNotice

if TYPE_CHECKING:
    from tests.support.headless import Headless


async def replace_token(desk: Headless, command: Mapping[str, Any]) -> None:
    """Replace a lost token, both halves."""
    lookup, life = desk.station.lookup, desk.station.work
    (old,) = await lookup.find_holders(command["serial"])
    (new,) = await lookup.find_holders(command["new"])
    assert old.holder is not None
    await life.replace(old.token, new.token, old.holder, Reason.LOST, Mode.ASSIGN_AND_ACTIVATE)
    await life.submit(command["code"])
    await desk.until(lambda: _rests(desk))
    await _take_back(desk, await _ready(desk))


async def finish(desk: Headless) -> None:
    """Do what is left of replacements; give up those whose first half was not done."""
    await desk.until(lambda: not any(line.state in UNDERWAY for line in desk.lines))
    life = desk.station.work
    await life.tell_offers()
    for offer in _offers(desk):
        if offer.is_ready:
            await _take_back(desk, offer)
        else:
            await life.withdraw(offer.second.id)
    for line in desk.lines:
        if line.state is State.NOT_DONE and line.link is not None and line.link.second:
            await life.resume(line.enrollment_id)
            await _confirm(desk)


async def _take_back(desk: Headless, offer: Offer) -> None:
    await desk.station.work.take_up(offer.second.id)
    await _confirm(desk)


async def _confirm(desk: Headless) -> None:
    life = desk.station.work
    await life.say_missing(Proof.LOST)
    await life.submit()
    await desk.until(lambda: _rests(desk))


def _offers(desk: Headless) -> tuple[Offer, ...]:
    shown = desk.last(OffersNotice)
    return shown.offers if shown else ()


async def _ready(desk: Headless) -> Offer:
    await desk.until(lambda: any(offer.is_ready for offer in _offers(desk)))
    return next(offer for offer in _offers(desk) if offer.is_ready)


def _rests(desk: Headless) -> bool:
    shown = desk.last(DeskNotice)
    enrollment = shown.chosen if shown else None
    return enrollment is not None and enrollment.state not in UNDERWAY | DRAFT
