"""The words of an import: the file, what is asked, how its rows stand, and how the upload goes."""

from collections.abc import Sequence
from typing import Final

from app.core.errors import SeedFileError
from app.core.importing import PreviewRow, Standing
from app.core.model import HashFunction
from app.core.stored_job import StoredJob
from app.station.import_notices import FaultsNotice, ImportNotice, ImportState
from app.ui.widgets.tone import Tone
from app.ui.wording.errors import Trouble, read_trouble, trouble
from app.ui.wording.history import day_and_time
from app.ui.wording.say import say
from app.ui.wording.seeds import row_fault

_STANDINGS: Final[dict[Standing, tuple[str, Tone]]] = {
    Standing.GOOD: ("Can go", Tone.GOOD),
    Standing.THERE: ("Is there", Tone.NEUTRAL),
    Standing.FAULTY: ("Fault", Tone.BAD),
}

_FIELDS: Final[dict[str, str]] = {
    "serial": "Serial number",
    "secret": "Secret",
    "interval": "Time step",
    "manufacturer": "Manufacturer",
    "model": "Model",
    "person": "Person",
    "hash_function": "Hash",
    "digits": "Digits of a code",
    "kind": "TOTP or HOTP",
    "encoding": "How the secret is written",
    "display_name": "Name of the token",
}

_HASHES: Final[dict[HashFunction, str]] = {
    HashFunction.SHA1: "SHA-1",
    HashFunction.SHA256: "SHA-256",
}


def formats_known() -> str:
    """Return which files can be opened."""
    return say(
        "CSV files of Token2, Deepnet, Yubico and others, with the columns of Entra ID or any "
        "other; JSON files for Microsoft Graph; PSKC files (RFC 6030 and its drafts), encrypted or "
        "not; XML files of SafeNet and Deepnet; DAT files of SafeWord and eToken."
    )


def unpack_first() -> str:
    """Return what has to be done with a file before it can be opened."""
    return say(
        "Open the vendor's file as it came. Unpack ZIP archives and decrypt PGP messages first. "
        "Do not save it from a spreadsheet: that destroys long serial numbers."
    )


def left_words(left: StoredJob) -> Trouble:
    """Return what to say of an upload that did not come to its end."""
    return Trouble(
        say(
            "The upload of {file} from {moment} did not come to its end: {left:,} of {total:,} "
            "tokens may be missing.",
            file=left.file,
            moment=day_and_time(left.at),
            left=left.left,
            total=len(left.rows),
        ),
        say(
            "Its seeds were in memory alone and are gone. Open the same file again: tokens that "
            "the tenant has by now are recognised and stay as they are."
        ),
    )


def state_words(notice: ImportNotice) -> tuple[Tone, Trouble] | None:
    """Return what is to be said of the file as a whole; None where its rows say it all."""
    if notice.error is not None and notice.state is ImportState.REFUSED:
        return Tone.BAD, trouble(notice.error)
    if notice.error is not None and notice.state is ImportState.UNCHECKED:
        advice = say("Without its answer nothing can be uploaded. F5 asks again.")
        return Tone.CAUTION, Trouble(read_trouble(notice.error).sentence, advice)
    if notice.state is ImportState.READY and not notice.preview.counts()[Standing.GOOD]:
        return Tone.INFO, nothing_to_send(notice)
    return None


def nothing_to_send(notice: ImportNotice) -> Trouble:
    """Return what to say of a file of which no row can go."""
    counts = notice.preview.counts()
    if counts[Standing.THERE] and not counts[Standing.FAULTY]:
        return Trouble(say("The tenant has every token of this file already."), "")
    return Trouble(say("No row of this file can go."), say("The list says why, row by row."))


def busy_words(notice: ImportNotice) -> str:
    """Return what is just being done with the file; "" where nothing is."""
    match notice.state:
        case ImportState.READING:
            return say("{file} is read: {rows:,} rows so far.", file=notice.file, rows=notice.read)
        case ImportState.LOOKING if notice.pages:
            return say(
                "The tenant is asked which of these serial numbers it has: {pages:,} pages so far.",
                pages=notice.pages,
            )
        case ImportState.LOOKING:
            return say("The tenant is asked which of these serial numbers it has.")
        case _:
            return ""


def standing_chip(standing: Standing) -> tuple[str, Tone]:
    """Return how a row stands, in a word and a tone."""
    word, tone = _STANDINGS[standing]
    return say(word), tone


def standing_words(row: PreviewRow, standing: Standing) -> str:
    """Return why a row cannot go; "" where it can."""
    if row.fault is not None:
        return row_fault(row.fault)
    if standing is Standing.THERE:
        return say("The tenant has a token with this serial number. It stays as it is.")
    return ""


def half_words() -> str:
    """Return why a row that the tenant has can go."""
    return say("An upload before has assigned it. Goes only to be activated as well.")


def kind_words(row: PreviewRow) -> str:
    """Return time step and hash of a token, as short as they can be told."""
    if row.interval is None or row.hash_function is None:
        return ""
    hash_name = _HASHES.get(row.hash_function, "")
    return say("{seconds} s · {hash}", seconds=row.interval, hash=hash_name)


def counted(standing: Standing, count: int) -> str:
    """Return how many rows stand so."""
    match standing:
        case Standing.GOOD:
            return say("{count:,} can go", count=count)
        case Standing.THERE:
            return say("{count:,} in the tenant already", count=count)
        case Standing.FAULTY:
            return say("{count:,} with a fault", count=count)


def upload_words(count: int) -> str:
    """Return what the button that begins the upload says."""
    return say("&Upload 1 token") if count == 1 else say("&Upload {count:,} tokens", count=count)


def assign_words(count: int) -> str:
    """Return what the choice to assign says; `count` rows name a person."""
    return say("A&ssign each token to the person in its row ({count:,})", count=count)


def activate_words() -> str:
    """Return what the choice to activate says."""
    return say("A&ctivate them as well, with codes that are computed from the seeds")


def activate_meaning() -> str:
    """Return what activating without the tokens means."""
    return say(
        "Nobody looks at a token then. One whose clock is off stays hidden until its person cannot "
        "sign in, and one that went to the wrong person is active at once."
    )


def without_reason() -> str:
    """Return the choice that gives no reason."""
    return say("Leave out people for whom a reason is needed")


def reason_meaning() -> str:
    """Return what one reason for many rows is for."""
    return say(
        "A disabled account or a policy that leaves somebody out asks for a reason. The one that "
        "you choose counts for every row that it fits, and is recorded with each."
    )


def file_advice(file: str) -> Trouble:
    """Return what to do with the source file once it has served."""
    return Trouble(
        say("{file} still holds the seeds. Oathdesk leaves it as it is.", file=file),
        say(
            "Whoever has it can make these tokens' codes. Keep it encrypted or delete it as your "
            "rules for secrets ask, with its copies in mail, downloads and the recycle bin."
        ),
    )


def faults_words(notice: FaultsNotice) -> tuple[Tone, Trouble]:
    """Return what became of the list of faults."""
    if notice.error is not None:
        return Tone.BAD, trouble(notice.error)
    sentence = say("{count:,} faults are saved, without a secret among them.", count=notice.count)
    return Tone.GOOD, Trouble(sentence, notice.path)


def problem_of(notice: ImportNotice) -> str:
    """Return the exact problem of a file, and where it is; "" without one."""
    error = notice.error
    return str(error) if isinstance(error, SeedFileError) else ""


def hash_question(count: int) -> str:
    """Return what is asked where `count` tokens have a long seed and no hash is told."""
    if count == 1:
        return say("The file does not say which hash 1 long secret is for.")
    return say("The file does not say which hash {count:,} long secrets are for.", count=count)


def hash_untold() -> str:
    """Return what to say where the hash was asked for and not told."""
    return say("Say which hash the secrets are for.")


def encoding_untold() -> str:
    """Return what to say where it was asked how secrets are written, and not told."""
    return say("Say how the secrets are written.")


def columns_untold() -> str:
    """Return what to say where the columns that are needed were not named."""
    return say("Say where serial number and secret are. Each column holds one thing.")


def listed_columns(places: Sequence[int], columns: Sequence[str]) -> str:
    """Return columns as a list, the first few by what they are called."""
    named = [column_name(at, columns[at] if at < len(columns) else "") for at in places]
    if len(named) > _NAMED:
        return say(
            "{columns} and {count:,} more",
            columns=", ".join(named[:_NAMED]),
            count=len(named) - _NAMED,
        )
    return ", ".join(named)


_NAMED: Final = 6


def not_a_key() -> str:
    """Return what to say of a key that is none."""
    return say("A key has 32 to 64 hexadecimal characters: 0 to 9 and A to F.")


def column_name(place: int, name: str) -> str:
    """Return how a column is called: by its name, or by its number from 1 on."""
    number = place + 1
    if not name:
        return say("Column {number}", number=number)
    return say("Column {number}: {name}", number=number, name=name)


def field_name(field: str) -> str:
    """Return what a column can hold, by the name of the member of ColumnMapping."""
    return say(_FIELDS[field])
