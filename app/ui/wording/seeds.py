"""The words for seed files: what is wrong with a row, and what the operator is asked."""

from app.core.seed import FaultKind, Need, RowFault
from app.ui.wording.say import say

_FAULTS: dict[FaultKind, str] = {
    FaultKind.SERIAL_MISSING: "The serial number is missing.",
    FaultKind.SERIAL_SCIENTIFIC: (
        "A spreadsheet has shortened the serial number, and its digits are lost. "
        "Ask the vendor for the file as it was."
    ),
    FaultKind.SERIAL_DECIMAL: (
        "A spreadsheet has turned the serial number into a decimal number. "
        "Ask the vendor for the file as it was."
    ),
    FaultKind.SERIAL_NOT_ALLOWED: "The text in the place of the serial number is none.",
    FaultKind.SECRET_MISSING: "The secret is missing.",
    FaultKind.SECRET_NOT_HEX: "The secret is not hexadecimal.",
    FaultKind.SECRET_NOT_BASE32: "The secret is not Base32.",
    FaultKind.SECRET_NOT_BASE64: "The secret is not Base64.",
    FaultKind.SECRET_NEITHER: "The secret is neither hexadecimal nor Base32.",
    FaultKind.SECRET_NOT_TEXT: (
        "The secret is not plain text: letters, digits and signs of ASCII without spaces around."
    ),
    FaultKind.SECRET_AMBIGUOUS: (
        "The secret can be read in more than one way. Say how it is written."
    ),
    FaultKind.ENCODING_NOT_KNOWN: (
        "The file says in a word that is not known how the secret is written."
    ),
    FaultKind.SECRET_TOO_SHORT: "The secret is shorter than 10 bytes.",
    FaultKind.SECRET_TOO_LONG: "The secret is longer than 80 bytes.",
    FaultKind.SECRET_ENCRYPTED: "The secret is encrypted. Type the key or the password.",
    FaultKind.SECRET_DAMAGED: "The secret cannot be decrypted, though others can. It is damaged.",
    FaultKind.COUNTER_BASED: "The token counts codes, not time (HOTP). Entra ID does not take it.",
    FaultKind.KIND_NOT_KNOWN: (
        "The file does not say clearly whether the token counts time (TOTP) or codes (HOTP)."
    ),
    FaultKind.NOT_OATH: "This is not an OATH token.",
    FaultKind.STATIC_PASSWORD: "This is a static password, not an OATH token.",
    FaultKind.DIGITS_NOT_ALLOWED: "The codes do not have six digits. Entra ID does not take it.",
    FaultKind.INTERVAL_MISSING: "The file does not tell the time interval. Say which it is.",
    FaultKind.INTERVAL_NOT_ALLOWED: "The time interval is not 30 or 60 seconds.",
    FaultKind.HASH_MISSING: (
        "The secret is longer than 20 bytes, and the file does not tell its hash. Say which it is."
    ),
    FaultKind.CONTRADICTION: "Two columns of this row contradict each other about the hash.",
    FaultKind.HASH_NOT_ALLOWED: "The hash is not SHA-1 or SHA-256. Entra ID does not take it.",
    FaultKind.MAKER_MISSING: "The file does not tell the manufacturer and the model. Say them.",
    FaultKind.TEXT_TOO_LONG: "A text is longer than 128 characters.",
    FaultKind.TEXT_NOT_ALLOWED: "A text has characters that cannot be shown.",
    FaultKind.PERSON_NOT_ALLOWED: "The text in the place of the person is no user name.",
    FaultKind.CELLS: "The row has more cells than there are columns.",
    FaultKind.MEMBER_TWICE: "A name stands twice in this entry. Only one value can be meant.",
}

_NEEDS: dict[Need, tuple[str, str]] = {
    Need.KEY: (
        "The file is encrypted with a key.",
        "Type the key that the vendor sent, 32 to 64 hexadecimal characters.",
    ),
    Need.PASSWORD: (
        "The file is encrypted with a password.",
        "Type the password that the vendor sent.",
    ),
    Need.MAPPING: (
        "The columns of this file have no names that Oathdesk knows.",
        "Say which column is which. The answer is kept for files with the same header.",
    ),
    Need.ENCODING: (
        "The secrets in this file can be read in more than one way.",
        "Say how they are written. The vendor knows.",
    ),
    Need.HASH: (
        "The file does not say which hash its long secrets are for.",
        "Say which it is; the data sheet of the token tells. With the wrong one no code is right.",
    ),
    Need.INTERVAL: (
        "The file does not tell the time interval of the tokens.",
        "Say whether it is 30 or 60 seconds. It is printed in the data sheet of the token.",
    ),
    Need.MAKER: (
        "The file does not tell the manufacturer or the model.",
        "Say them as they are to stand in the inventory.",
    ),
}


def row_fault(fault: RowFault) -> str:
    """Return why a row is not taken."""
    if fault.kind is FaultKind.DUPLICATE:
        return say("The serial number is in row {other} already.", other=fault.other_row)
    if fault.kind is FaultKind.QUOTE_OPEN:
        return _open_quote(fault)
    return say(_FAULTS[fault.kind])


def _open_quote(fault: RowFault) -> str:
    """Return which lines cannot be told apart, and how that is mended."""
    if fault.first_row == fault.last_row:
        return say(
            "The quotation marks in line {line} do not fit. Correct them in a text editor.",
            line=fault.first_row,
        )
    return say(
        "A quotation mark opens in line {first} and does not close in it. Lines {first} to {last} "
        "cannot be told apart. Correct line {first} in a text editor.",
        first=fault.first_row,
        last=fault.last_row,
    )


def unknown_columns(names: str, count: int) -> tuple[str, str]:
    """Return what is asked about columns that hold something and are not understood."""
    advice = say("Say what it holds, or leave it out. The answer is kept for files like this one.")
    if count == 1:
        return say("{column} is not understood.", column=names), advice
    return say("These columns are not understood: {columns}.", columns=names), say(
        "Say what they hold, or leave them out. The answer is kept for files like this one."
    )


def lines_above(count: int) -> tuple[str, str]:
    """Return what is asked about lines that stand above the header."""
    return say(
        "The names of the columns stand in line {line}. What is above is not read.",
        line=count + 1,
    ), say("Go on if it holds no token. The answer is kept for files with the same first line.")


def need(asked: Need) -> tuple[str, str]:
    """Return what is asked of the operator: a sentence, and how to answer."""
    sentence, advice = _NEEDS[asked]
    return say(sentence), say(advice)
