"""The inventory's words: what is listed, how reading it goes, stock, and what is done to many."""

from collections.abc import Mapping
from typing import Final

from app.core.bulk import BulkDeed, Fit
from app.core.errors import OathdeskError
from app.core.model import HashFunction, TokenStatus
from app.core.rights import Feature, Standing
from app.core.stock import ModelStock
from app.station.inventory_notices import InventoryExportNotice, SyncNotice, SyncState
from app.ui.widgets.tone import Tone
from app.ui.wording.desk import status_word
from app.ui.wording.errors import Trouble, read_trouble, trouble
from app.ui.wording.rights import cannot, refused
from app.ui.wording.say import say

TONES: Final[Mapping[TokenStatus, Tone]] = {
    TokenStatus.AVAILABLE: Tone.NEUTRAL,
    TokenStatus.ASSIGNED: Tone.CAUTION,
    TokenStatus.ACTIVATED: Tone.GOOD,
    TokenStatus.FAILED_ACTIVATION: Tone.CAUTION,
    TokenStatus.OTHER: Tone.NEUTRAL,
}

_HASHES: Final[Mapping[HashFunction, str]] = {
    HashFunction.SHA1: "SHA-1",
    HashFunction.SHA256: "SHA-256",
    HashFunction.OTHER: "Other",
}


def hash_word(function: HashFunction) -> str:
    """Return how a hash function is called."""
    return say(_HASHES[function])


def token_tip(maker: str, model: str, seconds: int, function: HashFunction) -> str:
    """Return what there may be no column for."""
    codes = say("{seconds} s, {hash}", seconds=seconds, hash=hash_word(function))
    return f"{maker} {model}, {codes}".strip(" ,")


def state_choices() -> tuple[tuple[str, frozenset[TokenStatus]], ...]:
    """Return (words, states) of the state filter; no states means any."""
    single = tuple((status_word(status), frozenset({status})) for status in TokenStatus)
    return ((say("Any state"), frozenset()), *single)


def listed_words(listed: int, total: int) -> str:
    """Return how many tokens are listed."""
    if listed == total:
        return say("1 token") if total == 1 else say("{total:,} tokens", total=total)
    return say("{listed:,} of {total:,} tokens", listed=listed, total=total)


def chosen_words(chosen: int, hidden: int) -> str:
    """Return how many tokens are chosen; `hidden` of them are not listed by the filters."""
    if not chosen:
        return say("Space chooses a token, Ctrl+A all that are listed.")
    words = say("1 chosen") if chosen == 1 else say("{chosen:,} chosen", chosen=chosen)
    if hidden:
        return say("{words}, {hidden:,} of them not listed now", words=words, hidden=hidden)
    return words


def sync_words(notice: SyncNotice, read_at: str) -> tuple[Tone, str]:
    """Return how reading the inventory goes; `read_at` is when it was read last, or ""."""
    match notice.state:
        case SyncState.LOADING:
            return Tone.INFO, say("Reading the inventory. {count:,} so far.", count=notice.count)
        case SyncState.REFRESHING:
            return Tone.INFO, say("Reading it again. {count:,} so far.", count=notice.count)
        case SyncState.WAITING:
            why = read_trouble(notice.error).sentence if notice.error else ""
            return Tone.CAUTION, say("{why} It goes on by itself.", why=why)
        case SyncState.READY:
            return Tone.NEUTRAL, say("Read at {time}", time=read_at)
        case SyncState.FAILED:
            if read_at:
                return Tone.CAUTION, say("Not read again. This is from {time}.", time=read_at)
            return Tone.BAD, say("Not read to its end.")


def sync_trouble(error: OathdeskError, standings: tuple[Standing, ...]) -> Trouble:
    """Return why the inventory cannot be read, and what to do."""
    lacks = tuple(one for one in standings if one.is_lack)
    return refused(error, lacks, Feature.READ_INVENTORY)


def nothing_yet() -> Trouble:
    """Return what an empty inventory says."""
    return Trouble(
        say("This tenant has no hardware tokens yet."),
        say("Bring them in from the file of their maker, then they are listed here."),
    )


def nothing_found() -> Trouble:
    """Return what a list without a match says."""
    return Trouble(
        say("No token matches."),
        say("Try fewer letters, or the last digits of the serial number, or show all."),
    )


# Stock ------------------------------------------------------------------------------------------


def stock_name(stock: ModelStock) -> str:
    """Return what a model is called, with its maker."""
    name = f"{stock.maker} {stock.model}".strip()
    return name or say("Model unknown")


def free_words(stock: ModelStock) -> str:
    """Return how many are free, in the fewest letters."""
    return say("{count:,} free", count=stock.free)


def held_words(stock: ModelStock) -> str:
    """Return what becomes of those that are not free, in few letters."""
    parts = [say("{count:,} activated", count=stock.active)]
    if stock.waiting:
        parts.append(say("{count:,} assigned", count=stock.waiting))
    return ", ".join(parts)


def stock_words(stock: ModelStock) -> str:
    """Return what becomes of the rest."""
    parts = [say("{count:,} in all", count=stock.total)]
    if stock.active:
        parts.append(say("{count:,} activated", count=stock.active))
    if stock.waiting:
        parts.append(say("{count:,} to be activated", count=stock.waiting))
    if stock.other:
        parts.append(say("{count:,} in another state", count=stock.other))
    return ", ".join(parts)


def stock_sentence(stock: ModelStock, low_mark: int) -> str:
    """Return the figures of a model for who does not see the chart."""
    name, free, rest = stock_name(stock), free_words(stock), stock_words(stock)
    if stock.low:
        sentence = "{name}: {free}, fewer than {mark:,}. {rest}."
        return say(sentence, name=name, free=free, mark=low_mark, rest=rest)
    return say("{name}: {free}. {rest}.", name=name, free=free, rest=rest)


def mark_words(low_mark: int, low: int) -> str:
    """Return what the line in the chart means, and how many models are below it."""
    if not low_mark:
        return ""
    if not low:
        return say("No model has fewer than {mark:,} free.", mark=low_mark)
    if low == 1:
        return say("1 model has fewer than {mark:,} free.", mark=low_mark)
    return say("{low:,} models have fewer than {mark:,} free.", low=low, mark=low_mark)


# What is done to many ---------------------------------------------------------------------------


def deed_words(deed: BulkDeed) -> str:
    """Return what can be done with what is chosen, with a mnemonic."""
    if deed is BulkDeed.UNASSIGN:
        return say("&Remove from people …")
    return say("&Delete from the tenant …")


def agree_words(deed: BulkDeed, count: int) -> str:
    """Return the button that begins it."""
    if deed is BulkDeed.UNASSIGN:
        return say("Remove 1 token") if count == 1 else say("Remove {count:,} tokens", count=count)
    return say("Delete 1 token") if count == 1 else say("Delete {count:,} tokens", count=count)


def question(deed: BulkDeed, fit: Fit) -> Trouble:
    """Return what is about to be done, and what it means."""
    if deed is BulkDeed.UNASSIGN:
        parts = (_active(fit.active), _left_out(deed, fit.left_out))
        return Trouble(_removal(len(fit.rows), fit.people), " ".join(filter(None, parts)))
    count = len(fit.rows)
    if count == 1:
        sentence = say("1 token will be deleted from the tenant for good.")
    else:
        sentence = say("{count:,} tokens will be deleted from the tenant for good.", count=count)
    advice = say("Without the seed nobody can bring a token back. Type the number to go on.")
    return Trouble(sentence, " ".join(filter(None, (advice, _left_out(deed, fit.left_out)))))


def _removal(count: int, people: int) -> str:
    if count == 1:
        return say("1 token will be removed from 1 person and go back to stock.")
    if people == 1:
        return say(
            "{count:,} tokens will be removed from 1 person and go back to stock.", count=count
        )
    return say(
        "{count:,} tokens will be removed from {people:,} people and go back to stock.",
        count=count,
        people=people,
    )


def _active(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return say("1 of them is activated: its holder cannot sign in with it any more.")
    return say(
        "{count:,} of them are activated: their holders cannot sign in with them any more.",
        count=count,
    )


def nothing_to_do(deed: BulkDeed) -> Trouble:
    """Return what to say where none of the chosen tokens is fit for it."""
    if deed is BulkDeed.UNASSIGN:
        return Trouble(say("Nobody has any of these tokens."), "")
    return Trouble(
        say("Somebody has each of these tokens."),
        say("Remove them from the people first, then delete them."),
    )


def _left_out(deed: BulkDeed, count: int) -> str:
    if not count:
        return ""
    if deed is BulkDeed.UNASSIGN:
        if count == 1:
            return say("1 that nobody has is left out.")
        return say("{count:,} that nobody has are left out.", count=count)
    if count == 1:
        return say("1 that somebody has is left out.")
    return say("{count:,} that somebody has are left out.", count=count)


def found_words() -> Trouble:
    """Return what to say of a job that an earlier run of the program left."""
    return Trouble(
        say("This job was cut short when the station ended."),
        say("Go on, and each row is looked up first: nothing is done twice."),
    )


def lacks_words(standing: Standing) -> str:
    """Return why something cannot be done, for a tip."""
    told = cannot(standing)
    return f"{told.sentence} {told.advice}"


def export_words(notice: InventoryExportNotice) -> tuple[Tone, Trouble]:
    """Return what to say of an export."""
    if notice.error is not None:
        return Tone.BAD, trouble(notice.error)
    words = say("{count:,} tokens are written.", count=notice.done or 0)
    return Tone.GOOD, Trouble(words, notice.path)
