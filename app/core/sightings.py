"""Since when a token waits for its activation, which the directory does not tell.

Graph's inventory has no date of assignment. The record of this desk has one for what was handed
over here; for the rest the station remembers when it first saw the token waiting with its holder.
So the answer is "since then at least", and grows true with time.

What is remembered are ids and days, no name.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from app.core.inventory import WAITS
from app.core.model import Token

_FORM: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A token was seen waiting with `holder_id`, at the moment `since` for the first time."""

    holder_id: str
    since: datetime


Sightings = Mapping[str, Sighting]
"""By device id."""


def seen(
    before: Sightings, tokens: Iterable[Token], handed_out: Sightings, now: datetime
) -> dict[str, Sighting]:
    """Return what is known after a look at the whole inventory: an entry per token that waits.

    `handed_out` is what the record says; where it tells of the same holder it goes before what was
    seen. Whoever got a token anew begins anew.
    """
    found: dict[str, Sighting] = {}
    for token in tokens:
        if token.holder is None or token.status not in WAITS:
            continue
        known = (each.get(token.device_id) for each in (handed_out, before))
        mine = (one.since for one in known if one and one.holder_id == token.holder.id)
        since = min(mine, default=now)
        found[token.device_id] = Sighting(token.holder.id, since)
    return found


def written(sightings: Sightings) -> str:
    """Return `sightings` as text to keep."""
    rows = {name: [one.holder_id, int(one.since.timestamp())] for name, one in sightings.items()}
    return json.dumps({"form": _FORM, "waiting": rows}, separators=(",", ":"))


def read(text: str) -> dict[str, Sighting]:
    """Return what `written` gave; nothing where the text is not that: it only helps to remember."""
    try:
        kept = json.loads(text)
        if kept["form"] != _FORM:
            return {}
        return {
            str(name): Sighting(str(holder), _EPOCH + timedelta(seconds=int(since)))
            for name, (holder, since) in kept["waiting"].items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        return {}
