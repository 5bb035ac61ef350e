"""Tells which column of a file holds what, by its header or by the shape of its first rows.

Headers differ in case, spaces, language and names; the members of JSON objects and the attributes
of LDIF entries are headers as well. Names that mean one thing are enough. Names that vendors use
for several things ("type", "algorithm") are decided by what the first rows hold. Whatever is not
understood is for a person to say. A first row that may be data is never shown as a header, since a
seed may stand in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from app.core.secret import SHORTEST, Encoding, normal, possible
from app.core.seed import ColumnMapping, SeedFormat, SeedOptions
from app.core.seed_cells import algorithm_of, encoding_named, plain_cell

FIELDS: Final = (
    "serial",
    "secret",
    "interval",
    "manufacturer",
    "model",
    "person",
    "hash_function",
    "digits",
    "kind",
    "encoding",
    "display_name",
)
"""What a column can hold, as the members of ColumnMapping are named."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The field of ColumnMapping -> the names that it goes by: without accents, in small letters, with
# letters and digits alone. English, German, French, Spanish, Italian, Portuguese, Dutch, Polish,
# Chinese, Japanese; the names of Graph; the attributes of SafeWord files.
_NAMES: Final[dict[str, str]] = {
    "serial": "serialnumber serial serialno serialnr serialnum sn tokenserial tokenserialnumber "
    "tokenserialno tokenid tokennumber tokenno deviceserial deviceserialnumber hardwareserial "
    "seriennummer seriennr serienr tokenseriennummer numerodeserie numserie nserie "
    "numerodiserie numeroseriale seriale serienummer numerseryjny 序列号 序號 シリアル番号 "
    "sccauthenticatorid",
    "secret": "secretkey secret seed seedkey tokenseed tokensecret sharedsecret totpsecret "
    "otpsecret oathsecret oathkey otpkey key seedvalue secretvalue secretseed "
    "geheimschlussel geheimerschlussel geheimnis schlussel geheimschluessel geheimerschluessel "
    "schluessel clesecrete cle graine clavesecreta clave semilla chiavesegreta chiave seme "
    "chavesecreta chave semente geheimesleutel sleutel kluczsekretny 密钥 密鑰 种子 秘密鍵 "
    "scckey",
    "interval": "timeinterval timeintervalinseconds timeintervalsec timeintervalseconds timestep "
    "timestepinseconds timestepseconds interval period step otpinterval totpinterval tokeninterval "
    "refreshinterval refreshtime intervalseconds intervalinseconds periodinseconds periodseconds "
    "zeitintervall intervall zeitschritt zeitfenster intervalledetemps intervalle "
    "pasdetemps periode intervalodetiempo intervalo intervallo intervalloditempo intervalodetempo "
    "periodo tijdsinterval tijdinterval 时间间隔 時間間隔 scctick",
    "manufacturer": "manufacturer vendor maker make brand producer hersteller fabricant "
    "constructeur fabricante produttore fabbricante fabrikant producent 制造商 製造元 メーカー",
    "model": "model tokenmodel product productname productmodel devicemodel modell produkt modele "
    "modelo modello produit producto prodotto 型号 型番 モデル scctokentype",
    "person": "upn userprincipalname user username email assignedto assignto assigntoid "
    "assigntouserprincipalname assigntoupn assigntoodataid assigntoodatabind assignedtoid "
    "assigneduser userid benutzer benutzername benutzerprinzipalname utilisateur "
    "usuario utente utilizador gebruiker uzytkownik 用户 ユーザー",
    "hash_function": "hashfunction hash hashalgorithm hashalgo hashtype hashing hashalg "
    "hmacalgorithm hmac hmachash hashmethod hmacfunction digest digestalgorithm crypto "
    "cryptoalgorithm hashfunktion hashalgorithmus hashverfahren fonctiondehachage hachage "
    "algorithmedehachage funcionhash algoritmohash algoritmodehash algoritmodihash funzionehash "
    "funcaohash hashfunctie hashalgoritme 哈希算法 ハッシュ",
    "digits": "digits otplength otplen codelength digitcount numberofdigits digitsnumber otpdigits "
    "codedigits passwordlength pwlen pinlength displaydigits length stellen ziffern "
    "anzahlstellen anzahlderstellen anzahlziffern codelange chiffres nombredechiffres longueur "
    "digitos numerodedigitos cifre numerodicifre cijfers aantalcijfers 位数 桁数 sccpwlen",
    "kind": "otptype oathtype algorithmtype tokenkind otpmode oathmode otpkind sccmode "
    "totphotp hotptotp tokenalgorithm movingfactor",
    "encoding": "secretformat secretencoding seedformat seedencoding keyformat keyencoding "
    "secretkeyformat secretkeyencoding encoding secrettype formatdessecrets "
    "formatodelsecreto kodierung schlusselformat seedtype",
}
_FIELD_OF: Final = {name: field for field, names in _NAMES.items() for name in names.split()}
_DECIDED_BY_ROWS: Final = _words(
    "type kind mode algorithm algo alg tokentype otpalgorithm oathalgorithm totpalgorithm typ "
    "art tokentyp algorithmus algorithme algoritmo algoritme algorytm tipo tipodetoken tokenart "
    "format 类型 算法"
)
"""Names that one vendor uses for the kind, another for the hash, a third for the model."""
_DISPLAY_NAME: Final = "displayName"
"""Only as Graph writes it: the display name in a list of people is theirs."""
_WRITTEN: Final = (
    ("base32", Encoding.BASE32),
    ("b32", Encoding.BASE32),
    ("base64", Encoding.BASE64),
    ("b64", Encoding.BASE64),
    ("hexadecimal", Encoding.HEX),
    ("base16", Encoding.HEX),
    ("hex", Encoding.HEX),
    ("ascii", Encoding.TEXT),
)
_SURE: Final = frozenset({"serialnumber", "secretkey", "manufacturer", "model"})
"""What every header has that Entra ID's page, Graph's samples and the vendors publish, but for the
interval, which two names stand for."""
_SURE_INTERVALS: Final = frozenset({"timeinterval", "timeintervalinseconds"})
_QUALIFIED: Final = re.compile(r"(.{1,40}?)\s*[(\[]\s*([^()\[\]]{1,24})\s*[)\]]\s*")
_QUALIFIERS: Final = _words(
    "s sec secs seconds insec inseconds sek sekunden secondes segundos secondi hmac oath totp "
    "optional required digits upn entra 3060 30or60 30oder60"
)

_KINDS: Final = frozenset({"totp", "hotp"})
_OATH: Final = ColumnMapping(serial=0, secret=1, kind=2, digits=3, interval=4, header=False)
_OATH_COLUMNS: Final = range(3, 6)
_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Layout:
    """A recognised table. `encoding` is how a name in its header says that secrets are written.

    `manufacturer` is what its format implies, `passed_over` are columns that its format has and
    that say nothing of what the directory takes.
    """

    format: SeedFormat
    mapping: ColumnMapping
    encoding: Encoding | None = None
    manufacturer: str = ""
    passed_over: frozenset[int] = frozenset()


def recognised(first: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> Layout | None:
    """The layout that the first row makes sure, or None. `sample` are some rows below it."""
    mapping = guessed(first, sample)
    if mapping is not None:
        found = set(map(dense, first))
        published = found >= _SURE and not _SURE_INTERVALS.isdisjoint(found)
        form = SeedFormat.ENTRA_CSV if published else SeedFormat.OTHER_CSV
        return Layout(form, mapping, _encoding_in(first[mapping.secret]))
    cells = [cell.strip() for cell in first]
    if len(cells) in _OATH_COLUMNS and cells[2].lower() in _KINDS:
        return Layout(SeedFormat.OATH_CSV, _OATH)
    return None


def told(
    first: Sequence[str], sample: Sequence[Sequence[str]], options: SeedOptions
) -> Layout | None:
    """The layout as the operator has told it, completed by the names of other columns.

    None where neither tells where serial number and secret are.
    """
    given = options.mapping
    has_names = given is None or given.header
    left_out = _ignored(first if has_names else (), options.ignored, len(first))
    if given is None:
        mapping = guessed(first, sample, left_out)
        if mapping is None:
            return None
    else:
        left_out -= set(given.used())
        mapping = _completed(given, first, sample, left_out) if given.header else given
    ignored = tuple(sorted({*mapping.ignored, *left_out} - set(mapping.used())))
    mapping = replace(mapping, ignored=ignored)
    encoding = (
        _encoding_in(first[mapping.secret]) if has_names and mapping.secret < len(first) else None
    )
    return Layout(SeedFormat.OTHER_CSV, mapping, encoding)


def guessed(
    first: Sequence[str], sample: Sequence[Sequence[str]] = (), left_out: Collection[int] = ()
) -> ColumnMapping | None:
    """Which column is which, by its name; None where serial and secret have none."""
    found = _fields(first, sample, {}, left_out)
    return ColumnMapping(**found) if {"serial", "secret"} <= found.keys() else None


def _completed(
    mapping: ColumnMapping,
    first: Sequence[str],
    sample: Sequence[Sequence[str]],
    left_out: set[int],
) -> ColumnMapping:
    """`mapping` with the columns that it does not mention and that have a name."""
    taken = {field: getattr(mapping, field) for field in FIELDS}
    taken = {field: place for field, place in taken.items() if place is not None}
    found = _fields(first, sample, taken, {*mapping.ignored, *left_out})
    return replace(mapping, **found)


def _fields(
    first: Sequence[str],
    sample: Sequence[Sequence[str]],
    taken: dict[str, int],
    left_out: Collection[int],
) -> dict[str, Any]:
    """The field -> its column, the first of two that have the same name."""
    found: dict[str, Any] = dict(taken)
    undecided: list[int] = []
    for place, cell in enumerate(first):
        if place in left_out or place in taken.values():
            continue
        field = _field_of(cell)
        if field is not None:
            found.setdefault(field, place)
        elif dense(cell) in _DECIDED_BY_ROWS or _base(cell) in _DECIDED_BY_ROWS:
            undecided.append(place)
    for place in undecided:
        cells = {row[place].strip() for row in sample if place < len(row)} - {""}
        for field in _decided(dense(first[place]), map(plain_cell, cells)):
            if field not in found:
                found[field] = place
                break
    return found


def _decided(name: str, cells: Iterable[str]) -> tuple[str, ...]:
    """The fields that a column with one of those names can be, the likeliest first."""
    values = list(cells)
    meant = [algorithm_of(value) for value in values]
    if all(each.clear or each.other_hash for each in meant):
        hashes = any(each.hash_function or each.other_hash for each in meant)
        kinds = any(each.kind for each in meant)
        return ("hash_function", "kind") if hashes and not kinds else ("kind", "hash_function")
    if all(encoding_named(value) for value in values):
        return ("encoding",)
    return ("model",) if name == "tokentype" else ()


def _field_of(cell: str) -> str | None:
    """What a column of that name holds, or None where the name does not say."""
    if cell.strip() == _DISPLAY_NAME:
        return "display_name"
    name = dense(cell)
    if name in _FIELD_OF:
        return _FIELD_OF[name]
    base = _base(cell)
    if base in _FIELD_OF:
        return _FIELD_OF[base]
    bare = _without_encoding(name)[0]
    return "secret" if _FIELD_OF.get(bare) == "secret" and bare != name else None


def _base(cell: str) -> str:
    """The name without what stands in brackets behind it, where that is understood; else ""."""
    found = _QUALIFIED.fullmatch(cell)
    if found is None:
        return ""
    qualifier = dense(found[2])
    known = qualifier in _QUALIFIERS or encoding_named(qualifier) is not None
    return dense(found[1]) if known else ""


def _encoding_in(cell: str) -> Encoding | None:
    """How the name of a column says that its secrets are written: "Seed (hex)", "base32 secret"."""
    return _without_encoding(dense(cell))[1]


def _without_encoding(name: str) -> tuple[str, Encoding | None]:
    for word, encoding in _WRITTEN:
        if name.startswith(word) and name != word:
            return name.removeprefix(word), encoding
        if name.endswith(word) and name != word:
            return name.removesuffix(word).removesuffix("in"), encoding
    return name, None


def _ignored(first: Sequence[str], told_names: Collection[str], width: int) -> set[int]:
    """The columns that are to be left out, by name or by number from 1 on.

    Of several columns with that name the first stays, for it is the one that is understood.
    """
    by_name: set[int] = set()
    for name in {dense(each) for each in told_names} - {""}:
        places = [place for place, cell in enumerate(first) if dense(cell) == name]
        by_name.update(places if len(places) == 1 else places[1:])
    numbers = {int(each) - 1 for each in told_names if each.isascii() and each.isdecimal()}
    return by_name | {place for place in numbers if 0 <= place < width}


def names(first: Sequence[str], *, are_names: bool = False) -> tuple[str, ...]:
    """The header to show to a person: every cell that is surely a name, "" for all others.

    `are_names` is whether the format says that it is a header, as with the members of JSON.
    """
    header = are_names or any(_is_known(cell) for cell in first)
    return tuple(cell.strip() if header and _is_name(cell) else "" for cell in first)


def vendor_format(manufacturer: str, *, has_person: bool) -> SeedFormat:
    """Whose file one with Entra ID's header is: it says so in its first row, and nowhere else."""
    if manufacturer.casefold().startswith("token2"):
        return SeedFormat.TOKEN2_CSV
    if manufacturer.casefold().startswith("deepnet") and not has_person:
        return SeedFormat.DEEPNET_CSV
    return SeedFormat.ENTRA_CSV


def dense(cell: str) -> str:
    """A header's name as it is compared: without accents, small, letters and digits alone."""
    if len(cell) >= _LONGEST_NAME:
        return ""
    plain = unicodedata.normalize("NFKD", cell).casefold()
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", _without_marks(plain))))


def _without_marks(text: str) -> str:
    """`text` without accents on Latin letters; those of Japanese are part of the letter."""
    return "".join(c for c in text if not "\u0300" <= c <= "\u036f")


def _is_known(cell: str) -> bool:
    return _field_of(cell) is not None or dense(cell) in _DECIDED_BY_ROWS


def _is_name(cell: str) -> bool:
    if _is_known(cell):
        return True
    plain = normal(cell)
    seed = len(plain) >= SHORTEST and possible(plain)
    return not seed and len(cell) < _LONGEST_NAME and not any(c.isdecimal() for c in cell)
