"""What is known of a session, and what is honestly not known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.errors import SignInEvidence, SignInRefused
from app.core.rights import lacks
from app.core.signin import SignInMethod
from app.core.skew import FEWEST
from app.station.session_facts import SessionFacts, SessionFactsNotice
from tests.fakes.clock import START
from tests.fakes.nouns import an_operator
from tests.station.stage import a_desk

pytestmark = pytest.mark.anyio


async def test_a_session_tells_who_what_and_until_when() -> None:
    async with a_desk() as stage:
        expires = START + timedelta(minutes=70)
        stage.world.sign_in.expires_at = expires
        for latency in range(FEWEST):
            stage.station.heard(answered=True, latency=float(latency), offset=2.0)
        facts = await stage.station.session_facts()
        operator = an_operator()
        assert facts == SessionFacts(
            at=START,
            desk="Desk 1",
            since=START,
            by=SignInMethod.BROWSER,
            operator=operator,
            tenant="",
            scopes=operator.scopes,
            roles=operator.roles,
            lacks=lacks(operator),
            expires_at=expires,
            clock_offset=2.0,
            latency=FEWEST - 1.0,
            rights_read_at=START,
        )
        assert stage.of(SessionFactsNotice) == [SessionFactsNotice(facts)]


async def test_nobody_has_no_rights_and_nothing_is_asked() -> None:
    async with a_desk(signed_in=False) as stage:
        facts = await stage.station.session_facts()
        assert facts == SessionFacts(at=START, desk="Desk 1")


async def test_a_sign_in_that_ran_out_has_no_expiry() -> None:
    async with a_desk() as stage:
        stage.world.sign_in.signed_in = False
        assert (await stage.station.session_facts()).expires_at is None
        stage.world.sign_in.renewal_error = SignInRefused(SignInEvidence("x"))
        assert (await stage.station.session_facts()).operator == an_operator()
