"""What several tests of the session share: a world that waits, and a sign-in that ends."""

from __future__ import annotations

from app.core.errors import Evidence, SignInEnded, SignInEvidence, SignInExpired
from app.core.signin import SignInMethod
from app.station.notices import SessionNotice, SessionState
from tests.fakes.world import FakeWorld
from tests.station.stage import Stage

WINDOW = 0x10ADE
ENDED = SignInEnded(SignInEvidence("invalid_grant", "AADSTS50173: revoked."))
EXPIRED = SignInExpired(Evidence("GET", "/users", 401), claims="{}")


def waiting() -> FakeWorld:
    """A world in which a sign-in lasts until a test ends it."""
    world = FakeWorld()
    world.sign_in.waits = True
    return world


def unattended() -> FakeWorld:
    """A world whose station has a certificate, and nothing else."""
    world = FakeWorld()
    world.sign_in.methods = (SignInMethod.CERTIFICATE,)
    return world


def told(stage: Stage) -> list[SessionState]:
    return [notice.state for notice in stage.of(SessionNotice)]


async def begun(stage: Stage) -> None:
    await stage.station.session.begin_in_browser()
    await stage.until(lambda: stage.world.sign_in.is_open)


async def ended(stage: Stage, error: SignInEnded | SignInExpired) -> None:
    """Let the next call be the one that meets the end of the sign-in."""
    stage.world.directory.fail("search_people", error)
    await stage.station.people.search("Ada")
    await stage.until(lambda: stage.session.state is SessionState.ENDED)
