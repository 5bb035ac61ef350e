"""The practice tenant as a person without hardware uses it: core.ports.Practice.

It works through the simulator's control door. Signing in goes the way a browser goes: the page is
fetched, its form filled in and posted, and the form that comes back is posted on to the station's
own listener.
"""

import ssl
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

import httpx

from app.core.code import VerificationCode
from app.core.errors import BrowserNotConfined, Evidence, Unreachable
from app.core.practice import PracticeBadge, PracticeOperator, PracticeSet, PracticeToken
from app.core.reading import Family
from app.simulator.server import ReadyInfo, TokenInfo
from app.simulator.stock import TOKEN2_MODELS

_TOKENS_SHOWN: Final = 5
_BADGES_SHOWN: Final = 4
_HELD_SHOWN: Final = 1
_SECONDS: Final = 10.0


class SimulatedPractice:
    """The things on a practice desk, backed by a running simulator."""

    def __init__(
        self,
        ready: ReadyInfo,
        *,
        own: bool = False,
        unconfined: BrowserNotConfined | None = None,
    ) -> None:
        """Play for operators, or with `own` for people who serve themselves.

        `unconfined` is why a kiosk has no browser of its own here.
        """
        context = ssl.create_default_context(cafile=ready.ca_file)
        self._http = httpx.AsyncClient(verify=context, timeout=_SECONDS, trust_env=False)
        self._control = ready.control_url
        self._things = replace(_things(ready, own=own), unconfined=unconfined)

    @property
    def things(self) -> PracticeSet:
        """What lies on the practice desk."""
        return self._things

    async def press(self, serial_number: str) -> VerificationCode:
        """The code on the token's display now. Raises Unreachable where the tenant is gone."""
        answer = await self._ask("POST", "/press", {"serial": serial_number})
        return VerificationCode(str(answer["code"]))

    async def fill_page(self, after: float | None = None) -> None:
        """Have the page for a browser filled in with the usual operator.

        With `after` it sends itself after so many seconds. Raises Unreachable.
        """
        usual = self._things.operators[0]
        filled = {"username": usual.username, "password": usual.password, "after": after}
        await self._ask("POST", "/sign-in-page", filled)

    async def truth(self, serial_number: str) -> Mapping[str, object]:
        """The tenant's own view of a token. Raises Unreachable where the tenant is gone."""
        return await self._ask("GET", f"/state/token/{serial_number}", None)

    async def fill_in(self, url: str, username: str, password: str) -> str:
        """Play the browser; returns what the page complains of, or nothing when it went on."""
        page = await self._http.get(url)
        form = Form.of(page.text)
        fields = {**form.fields, "username": username, "password": password}
        reply = await self._http.post(urljoin(str(page.url), form.action), data=fields)
        onward = Form.of(reply.text)
        if onward.alert:
            return onward.alert
        await self._http.post(urljoin(str(reply.url), onward.action), data=onward.fields)
        return ""

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, body: object) -> Mapping[str, object]:
        try:
            answer = await self._http.request(method, self._control + path, json=body)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise Unreachable(Evidence(method=method, path=path, message=str(error))) from error
        found: Mapping[str, object] = answer.json() if answer.content else {}
        return found


class Form(HTMLParser):
    """The first form of a page: where it goes, its fields with their values, and any alert."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.alert = ""
        self._in_alert = False

    @classmethod
    def of(cls, page: str) -> "Form":
        """The form in `page`."""
        form = cls()
        form.feed(page)
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.action:
            self.action = given.get("action", "")
        if tag == "input" and given.get("name"):
            self.fields[given["name"]] = given.get("value", "")
        if given.get("role") == "alert":
            self._in_alert = True

    def handle_endtag(self, _tag: str) -> None:
        self._in_alert = False

    def handle_data(self, data: str) -> None:
        if self._in_alert:
            self.alert += data


def _things(ready: ReadyInfo, *, own: bool) -> PracticeSet:
    """Lay out a practice desk; for people who serve themselves those without a role come first."""
    in_stock = [token for token in ready.tokens if token.status == "available"]
    held = [token for token in ready.tokens if token.status == "activated"]
    tokens = [*in_stock[:_TOKENS_SHOWN], *held[:_HELD_SHOWN]]
    people = [person for person in ready.people if person.employeeId][:_BADGES_SHOWN]
    return PracticeSet(
        tokens=tuple(_token(token) for token in tokens),
        badges=tuple(PracticeBadge(f"EMP{p.employeeId}", p.displayName) for p in people),
        operators=tuple(
            PracticeOperator(o.username, o.password, o.display_name)
            for o in sorted(ready.operators, key=lambda one: own and bool(one.roles))
        ),
    )


def _token(token: TokenInfo) -> PracticeToken:
    """A token with its chip, where the real one has one that a card reader can ask."""
    chip = Family.TOKEN2_OTP if token.model in TOKEN2_MODELS.values() else None
    return PracticeToken(
        token.serial,
        f"{token.manufacturer} {token.model}",
        token.interval,
        chip,
        float(token.clock_steps * token.interval),
    )
