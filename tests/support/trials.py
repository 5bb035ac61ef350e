"""A trial of a practice tenant without a terminal: real requests, a clock that leaps, a person.

The clock is the tenant's too, so that half a minute of lag costs no time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.code import VerificationCode
from app.core.errors import SignInEnded, SignInEvidence
from app.core.ports import AccessToken
from app.core.tenant_trial import STEPS, Consent, Finding, Step, Write
from app.graph.client import GraphClient, Options
from app.graph.directory import GraphDirectory
from app.graph.tenant_trial import GraphTrial, Tally
from app.graph.transport import make_http
from app.ledger.shelf import FileShelf
from app.network.tls import make_ssl_context
from app.station.tenant_trial import Outcome, TenantTrial
from tests.support.simulated import DANA, Simulated

SCOPES = (
    "User.Read",
    "User.Read.All",
    "UserAuthenticationMethod.ReadWrite.All",
    "Policy.ReadWrite.AuthenticationMethod",
    "Policy.Read.All",
    "RoleManagement.Read.Directory",
    "GroupMember.Read.All",
)


class LeapingClock:
    """Real time, and every wait leaps to its end."""

    def __init__(self) -> None:
        self._leapt = 0.0

    def seconds(self) -> float:
        """Unix seconds, as the tenant counts them too."""
        return time.time() + self._leapt

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)

    async def sleep(self, seconds: float) -> None:
        self._leapt += seconds
        await asyncio.sleep(0)


@dataclass(slots=True)
class Handed:
    """A sign-in token that somebody else got, until the sign-in ends: core.ports.TokenSource."""

    trials: Trials

    async def access_token(self, claims: str | None = None) -> AccessToken:
        trials = self.trials
        if trials.sign_in_ended:
            raise SignInEnded(SignInEvidence("signed_out", at=trials.clock.now()))
        value = trials.tenant.access_token(trials.username, trials.scopes)
        return AccessToken(value, frozenset(trials.scopes))


@dataclass(slots=True)
class Person:
    """Who sits at the terminal: says yes unless told otherwise, and reads codes off the display."""

    press: Callable[[str], str]
    says: Mapping[str, Consent] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    stopped: bool = False

    def agree(self, write: Write, question: str) -> Consent:
        self.asked.append(write.key)
        self.questions.append(question)
        return self.says.get(write.key, Consent.YES)

    def code(self, serial: str) -> VerificationCode | None:
        return VerificationCode(self.press(serial))

    def tell(self, text: str) -> None:
        self.told.append(text)


@dataclass
class Trials:
    """A practice tenant, and trials of it, one after the other, beside one record."""

    tenant: Simulated
    folder: Path
    clock: LeapingClock = field(default_factory=LeapingClock)
    username: str = DANA
    scopes: tuple[str, ...] = SCOPES
    sign_in_ended: bool = False

    def __post_init__(self) -> None:
        assert self.tenant.server.practice is not None
        self.truth = self.tenant.server.practice.tenant
        self.truth.clock = self.clock.seconds
        self.tenant.reset()
        self.at_first = self.everything()

    @property
    def target(self) -> Any:
        """The first person who is no administrator and has no hardware token."""
        return next(
            person
            for person in self.truth.people.all_current()
            if not self.truth.held(person.id)
            and not (person.roles or person.role_groups or person.owned_role_groups)
            and not (person.is_guest or person.restricted)
            and person.account_enabled
            and len(person.other_methods) < 3
        )

    def everything(self) -> list[tuple[object, ...]]:
        """Every token of the tenant as it truly is."""
        found = self.truth.devices.all_current()
        return sorted((d.serial_number, d.status, d.holder or "", d.model) for d in found)

    def carry_out(
        self,
        person: Person | None = None,
        steps: Sequence[str] = tuple(STEPS),
        *,
        named: str = "",
        spare: str = "",
    ) -> Outcome:
        """Undo what is left, and carry out a trial as the command does."""
        examiner = person or Person(self.tenant.press)
        return asyncio.run(self._carried_out(examiner, steps, named, spare))

    async def _carried_out(
        self, examiner: Person, keys: Sequence[str], named: str, spare: str
    ) -> Outcome:
        async with self.opened(examiner) as trial:
            journal = trial.left_over()
            if journal is not None and journal.open:
                journal = await trial.undo(journal)
                assert journal.open == ()
            upn = named or self.target.user_principal_name
            target, token = await trial.admit(upn, spare)
            steps: tuple[Step, ...] = tuple(STEPS[key] for key in keys)
            outcome = await trial.run(journal or trial.begin(target, token), target, token, steps)
            trial.finish(outcome)
            return outcome

    def opened(self, examiner: Any) -> _Opened:
        """A trial over connections of its own."""
        return _Opened(self, examiner)

    def journal(self) -> str:
        """What is kept of a trial, as text."""
        return FileShelf(self.folder).kept("tenant-trial.json")


class _Opened:
    def __init__(self, trials: Trials, examiner: Any) -> None:
        self._trials = trials
        self._examiner = examiner

    async def __aenter__(self) -> TenantTrial:
        trials, ready = self._trials, self._trials.tenant.ready
        self._http = make_http(make_ssl_context(Path(ready.ca_file)))
        tally = Tally()
        options = Options(pace=None, on_exchange=tally.take)
        client = GraphClient(ready.graph_url, Handed(trials), self._http, trials.clock, options)
        return TenantTrial(
            GraphTrial(client, tally),
            GraphDirectory(client),
            trials.clock,
            FileShelf(trials.folder),
            self._examiner,
        )

    async def __aexit__(self, *_error: object) -> None:
        await self._http.aclose()


def observed(outcome: Outcome) -> dict[str, str]:
    """What was observed, by fact."""
    return {each.fact: each.observed for each in outcome.findings}


def verdicts(outcome: Outcome) -> dict[str, list[str]]:
    """The facts of each verdict."""
    found: dict[str, list[str]] = {}
    for each in outcome.findings:
        found.setdefault(each.verdict.value, []).append(each.fact)
    return found


def fact(outcome: Outcome, key: str) -> Finding:
    """One finding."""
    return next(each for each in outcome.findings if each.fact == key)
