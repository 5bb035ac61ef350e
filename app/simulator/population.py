"""Makes the practice people from a seed: names of many scripts, and every case a desk meets.

Disabled accounts, guests, people without a mail address, people at the limit of five methods
and administrators are sprinkled in by fixed odds, so that a list of 5,000 holds them all.
"""

import random
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.simulator.model import (
    AUTHENTICATION_ADMINISTRATOR,
    AUTHENTICATION_POLICY_ADMINISTRATOR,
    GLOBAL_READER,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    Operator,
    OtherMethod,
    Person,
)
from app.simulator.practice import load

DOMAIN = "contoso.example"
GUEST_DOMAIN = "partner.example"

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D"}
    | {"þ": "th", "Þ": "Th", "æ": "ae", "Æ": "Ae", "ı": "i", "ọ": "o", "’": "", "'": "", " ": ""}
)


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name in its own script, and in the letters an address is made of."""

    given: str
    surname: str
    given_latin: str
    surname_latin: str
    display: str
    language: str
    presents_as: str


NAMED: tuple[tuple[str, Name], ...] = (
    (
        "004117",
        Name("Siobhán", "O’Brien-Müller", "Siobhan", "OBrien-Mueller",
             "Siobhán O’Brien-Müller", "en-IE", "woman"),
    ),
    (
        "004118",
        Name("Conor", "O'Brien", "Conor", "OBrien", "Conor O'Brien", "en-IE", "man"),
    ),
    (
        "004119",
        Name("Thị Minh Khai", "Nguyễn", "ThiMinhKhai", "Nguyen",
             "Nguyễn Thị Minh Khai", "vi-VN", "woman"),
    ),
    ("004120", Name("太郎", "山田", "Taro", "Yamada", "山田 太郎", "ja-JP", "man")),
    (
        "004121",
        Name("Renate", "Müller-Lüdenscheidt", "Renate", "Mueller-Luedenscheidt",
             "Renate Müller-Lüdenscheidt", "de-DE", "woman"),
    ),
)  # fmt: skip
"""People every practice tenant has, with their employee numbers; all are ordinary and eligible."""

OPERATOR_CAST: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Dana", "Okafor", "Security",
     (AUTHENTICATION_ADMINISTRATOR, AUTHENTICATION_POLICY_ADMINISTRATOR)),
    ("Aaron", "Reyes", "Security", (AUTHENTICATION_ADMINISTRATOR,)),
    ("Priya", "Raman", "Security", (PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,)),
    ("Mats", "Eklund", "Legal & Compliance", (GLOBAL_READER,)),
    ("Nora", "Bell", "Facilities", ()),
    ("Sam", "Whitlock", "Logistics", ()),
)  # fmt: skip
"""Who can sign in: given name, surname, department, roles. The first is the usual operator."""


def romanise(text: str) -> str:
    """Letters a UPN may hold: marks dropped, special letters spelled out, the rest removed."""
    spelled = text.translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", spelled)
    return "".join(c for c in plain if c.isascii() and (c.isalnum() or c == "-"))


def make_people(count: int, seed: int) -> tuple[list[Person], list[Operator]]:
    """`count` people (never fewer than the named ones) and the operators among them."""
    maker = _PeopleMaker(random.Random(f"people:{seed}"))
    people = [maker.operator(*entry) for entry in OPERATOR_CAST]
    operators = [_operator(person, seed) for person in people]
    people += [maker.named(employee, name) for employee, name in NAMED]
    people += [maker.anyone() for _ in range(count - len(people))]
    return people, operators


def _operator(person: Person, seed: int) -> Operator:
    rng = random.Random(f"password:{seed}:{person.user_principal_name}")
    words = ("amber", "birch", "cobalt", "dune", "ember", "fjord", "granite", "harbour")
    password = f"Practice-{rng.choice(words)}-{rng.randrange(1000, 9999)}"
    return Operator(person.id, person.user_principal_name, password)


class _PeopleMaker:
    """Draws one person after the other from one stream of chance."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._cultures: list[Mapping[str, Any]] = load("names")
        self._weights = [culture["weight"] for culture in self._cultures]
        organisation = load("organisation")
        self._departments = list(organisation["departments"].items())
        self._offices: list[str] = organisation["offices"]
        self._admin_roles: list[str] = organisation["admin_roles"]
        self._taken: dict[str, int] = {}
        self._employee_numbers = self._numbers()

    def _numbers(self) -> Any:
        reserved = {employee for employee, _ in NAMED}
        numbers = self._rng.sample(range(100, 200_000), 150_000)
        return (text for number in numbers if (text := f"{number:06d}") not in reserved)

    def _guid(self) -> str:
        return str(UUID(int=self._rng.getrandbits(128), version=4))

    def operator(self, given: str, surname: str, department: str, roles: tuple[str, ...]) -> Person:
        name = Name(given, surname, given, surname, f"{given} {surname}", "en-GB", "woman")
        return self._person(name, next(self._employee_numbers), department, roles=roles)

    def named(self, employee_id: str, name: Name) -> Person:
        return self._person(name, employee_id, self._rng.choice(self._departments)[0])

    def anyone(self) -> Person:
        rng = self._rng
        name, chance = self._name(), rng.random()
        if chance < 0.03:
            return self._guest(name)
        number = next(self._employee_numbers) if rng.random() < 0.97 else None
        department = rng.choice(self._departments)[0] if rng.random() < 0.97 else None
        roles = (rng.choice(self._admin_roles),) if rng.random() < 0.008 else ()
        return self._person(
            name, number, department, roles=roles, enabled=chance > 0.07,
            has_mail=rng.random() < 0.96, methods=self._methods(),
            has_photo=rng.random() < 0.85,
        )  # fmt: skip

    def _name(self) -> Name:
        rng = self._rng
        culture = rng.choices(self._cultures, self._weights)[0]
        woman = rng.random() < 0.5
        given, given_latin = rng.choice(culture["women" if woman else "men"])
        surnames = (woman and culture.get("surnames_women")) or culture["surnames"]
        surname, surname_latin = rng.choice(surnames)
        parts = (given, surname) if culture["order"] == "given surname" else (surname, given)
        display = culture["joiner"].join(parts)
        presents_as = "woman" if woman else "man"
        return Name(
            given, surname, given_latin, surname_latin, display, culture["language"], presents_as
        )

    def _alias(self, name: Name) -> str:
        base = f"{romanise(name.given_latin)}.{romanise(name.surname_latin)}".lower()
        used = self._taken[base] = self._taken.get(base, 0) + 1
        return base if used == 1 else f"{base}{used}"

    def _person(  # noqa: PLR0913 - people have many sides; a call names few
        self,
        name: Name,
        employee_id: str | None,
        department: str | None,
        *,
        roles: tuple[str, ...] = (),
        enabled: bool = True,
        has_mail: bool = True,
        methods: tuple[OtherMethod, ...] = (),
        has_photo: bool = True,
    ) -> Person:
        rng = self._rng
        titles = dict(self._departments).get(department or "")
        upn = f"{self._alias(name)}@{DOMAIN}"
        return Person(
            id=self._guid(),
            display_name=name.display,
            given_name=name.given,
            surname=name.surname,
            user_principal_name=upn,
            mail=upn if has_mail else None,
            employee_id=employee_id,
            department=department,
            job_title=rng.choice(titles) if titles else None,
            office_location=rng.choice(self._offices),
            mobile_phone=None,
            preferred_language=name.language,
            created=f"20{rng.randrange(15, 26)}-{rng.randrange(1, 13):02d}-03T09:00:00Z",
            account_enabled=enabled,
            roles=roles,
            other_methods=(_password(), *methods),
            per_user_mfa=rng.choice(("disabled", "disabled", "enabled", "enforced")),
            preferred_method=rng.choice(("push", "oath", "sms")),
            presents_as=name.presents_as,
            has_photo=has_photo,
        )

    def _guest(self, name: Name) -> Person:
        person = self._person(name, None, None)
        alias = person.user_principal_name.partition("@")[0]
        mail = f"{alias}@{GUEST_DOMAIN}"
        upn = f"{mail.replace('@', '_')}#EXT#@{DOMAIN}"
        fields = {name: getattr(person, name) for name in Person.__slots__}
        return Person(**fields | {"user_principal_name": upn, "mail": mail, "user_type": "Guest"})

    def _methods(self) -> tuple[OtherMethod, ...]:
        rng = self._rng
        found: list[OtherMethod] = []
        if rng.random() < 0.4:
            found.append(_phone(rng))
        apps = rng.choices((0, 1, 2, 5), (55, 38, 5, 2))[0]
        found += [_authenticator(rng, self._guid()) for _ in range(apps)]
        if rng.random() < 0.12:
            found.append(_security_key(rng))
        return tuple(found)


def _password() -> OtherMethod:
    fields: dict[str, Any] = {"password": None, "createdDateTime": "2024-03-02T09:00:00Z"}
    return OtherMethod(
        "passwordAuthenticationMethod", "28c10230-6103-485e-b985-444c60001490", fields
    )


def _phone(rng: random.Random) -> OtherMethod:
    number = f"+1 20655501{rng.randrange(100):02d}"
    fields = {"phoneNumber": number, "phoneType": "mobile", "smsSignInState": "notEnabled"}
    return OtherMethod("phoneAuthenticationMethod", "3179e48a-750b-4051-897c-87b9720928f7", fields)


def _authenticator(rng: random.Random, guid: str) -> OtherMethod:
    fields = {
        "displayName": rng.choice(("Pixel 9", "iPhone 16", "Galaxy S25", "Fairphone 5")),
        "deviceTag": "SoftwareTokenActivated",
        "phoneAppVersion": "6.2511.8090",
        "clientAppName": "microsoftAuthenticator",
    }
    return OtherMethod("microsoftAuthenticatorAuthenticationMethod", guid, fields)


def _security_key(rng: random.Random) -> OtherMethod:
    fields: dict[str, Any] = {
        "displayName": rng.choice(("Blue key", "Desk key", "Key on my ring")),
        "aaGuid": "cb69481e-8ff7-4039-93ec-0a2729a154a8",
        "model": "Security Key",
        "attestationCertificates": [],
        "attestationLevel": "attested",
        "createdDateTime": "2025-07-01T10:00:00Z",
    }
    return OtherMethod("fido2AuthenticationMethod", f"{rng.getrandbits(96):024x}", fields)
