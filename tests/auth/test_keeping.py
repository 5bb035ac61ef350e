"""Keeping a sign-in: what the station is told of the store, and a forgetting that is looked at."""

from __future__ import annotations

import asyncio
import threading

import pytest

from app.auth.keeping import Keeping
from app.auth.vaults import NoVault, VaultError
from app.core.errors import NotForgotten
from app.core.signin import SecretStore, StoreState
from tests.auth.memory import FakeVault

pytestmark = pytest.mark.anyio


async def test_what_is_kept_is_found_by_the_next_start() -> None:
    vault = FakeVault()
    await Keeping(vault).keep('{"a": 1}')
    later = Keeping(vault)
    assert await later.kept() == '{"a": 1}'
    assert later.store == SecretStore(StoreState.KEEPS, "Fake store")


@pytest.mark.parametrize("text", ["", "not json", "[1]", "1", "{" * 5000])
async def test_what_is_no_sign_in_is_not_taken_for_one(text: str) -> None:
    assert await Keeping(FakeVault(text)).kept() == ""


async def test_without_a_wish_to_keep_nothing_is_asked() -> None:
    keeping = Keeping(None)
    await keeping.keep("{}")
    assert await keeping.kept() == ""
    await keeping.forget()
    assert await keeping.look() == SecretStore(StoreState.NOT_WANTED)


async def test_a_locked_store_is_told_and_is_no_error() -> None:
    vault = FakeVault("{}")
    vault.lock()
    keeping = Keeping(vault)
    assert await keeping.kept() == ""
    await keeping.keep('{"a": 1}')
    assert keeping.store == SecretStore(StoreState.LOCKED, "Fake store", "locked")
    vault.refusal = None
    assert (await keeping.look()).state is StoreState.KEEPS
    assert vault.text == "{}"


async def test_a_missing_store_is_told_and_has_nothing_to_forget() -> None:
    keeping = Keeping(NoVault("SecretStorage is not installed"))
    await keeping.keep("{}")
    await keeping.forget()
    assert await keeping.look() == SecretStore(
        StoreState.ABSENT, "", "SecretStorage is not installed"
    )


async def test_forgetting_looks_whether_it_is_gone() -> None:
    vault = FakeVault("{}")
    await Keeping(vault).forget()
    assert vault.text is None


async def test_a_store_that_does_not_let_go_is_found_out() -> None:
    with pytest.raises(NotForgotten, match="still there"):
        await Keeping(FakeVault("{}", stubborn=True)).forget()


@pytest.mark.parametrize("state", [StoreState.LOCKED, StoreState.FAILED])
async def test_a_store_that_cannot_be_looked_into_may_still_hold_it(state: StoreState) -> None:
    vault = FakeVault("{}", VaultError(state, "no"))
    with pytest.raises(NotForgotten, match="no"):
        await Keeping(vault).forget()


async def test_a_store_that_does_not_answer_is_given_up() -> None:
    vault = FakeVault("{}", slow=threading.Event())
    assert vault.slow is not None
    keeping = Keeping(vault, seconds=0.05)
    try:
        assert await keeping.kept() == ""
        assert keeping.store.state is StoreState.FAILED
        with pytest.raises(NotForgotten, match="does not answer"):
            await keeping.forget()
        await keeping.keep('{"a": 1}')
        assert (await keeping.look()).reason == "it does not answer"
        assert vault.asked == 1  # one thread waits; a second one would be lost as well
    finally:
        vault.slow.set()


async def test_what_is_still_being_written_when_somebody_signs_out_is_removed_after_that() -> None:
    vault = FakeVault(slow=threading.Event())
    assert vault.slow is not None
    keeping = Keeping(vault)
    writing = asyncio.create_task(keeping.keep('{"a": 1}'))
    while vault.asked == 0:  # noqa: ASYNC110 - the store has no bell
        await asyncio.sleep(0.001)
    writing.cancel()
    forgetting = asyncio.create_task(keeping.forget())
    await asyncio.sleep(0.01)
    vault.slow.set()
    await forgetting
    assert vault.text is None
    assert writing.cancelled()
