"""Whichever call meets the end of a sign-in, it is heard once, and the call fails as it did."""

from __future__ import annotations

import inspect

import pytest

from app.core.errors import (
    DirectoryError,
    Evidence,
    Forbidden,
    SignInEnded,
    SignInError,
    SignInEvidence,
    SignInExpired,
    SignInUnreachable,
    Unreachable,
)
from app.core.ports import Directory
from app.station.watched import watched
from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory

pytestmark = pytest.mark.anyio

ENDED = SignInEnded(SignInEvidence("invalid_grant"))
EXPIRED = SignInExpired(Evidence(status=401))


class Listener:
    def __init__(self) -> None:
        self.heard: list[SignInError | DirectoryError] = []
        self.directory = FakeDirectory(FakeClock())
        self.watched = watched(self.directory, self.heard.append)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.mark.parametrize("error", [ENDED, EXPIRED], ids=lambda error: type(error).__name__)
async def test_the_end_of_a_sign_in_is_heard_and_still_fails_the_call(
    listener: Listener, error: SignInError | DirectoryError
) -> None:
    listener.directory.fail("find_tokens", error)
    with pytest.raises(type(error)):
        await listener.watched.find_tokens("1")
    assert listener.heard == [error]


@pytest.mark.parametrize(
    "error",
    [Forbidden(Evidence(status=403)), Unreachable(Evidence()), SignInUnreachable("no route")],
    ids=lambda error: type(error).__name__,
)
async def test_every_other_fault_is_the_calls_own(
    listener: Listener, error: SignInError | DirectoryError
) -> None:
    listener.directory.fail("policy", error)
    with pytest.raises(type(error)):
        await listener.watched.policy()
    assert listener.heard == []


async def test_answers_and_arguments_go_through_unchanged(listener: Listener) -> None:
    assert await listener.watched.operator() == listener.directory.who
    assert await listener.watched.search_people("nobody", limit=3) == ()
    assert listener.directory.calls[-1].arguments == ("nobody",)


async def test_every_question_of_the_port_is_watched(listener: Listener) -> None:
    questions = [n for n, _ in inspect.getmembers(Directory, inspect.isfunction) if n[0] != "_"]
    assert len(questions) > 10
    for name in questions:
        assert inspect.iscoroutinefunction(getattr(listener.watched, name)), name
