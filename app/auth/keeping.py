"""Keeping the sign-in in the system's store, and seeing to it that it is gone when it should be.

All calls run in one thread, one after the other: a sign-in that was just renewed and is still being
written when somebody signs out is removed after that, not before. A call is given up after a while,
since a store that does not answer must hold up neither the start nor a sign-out; until the next
start nothing more is asked of it.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app.auth.vaults import Vault, VaultError
from app.core.errors import NotForgotten
from app.core.signin import SecretStore, StoreState

_LOG = logging.getLogger("oathdesk.auth")

SECONDS = 10.0
"""How long the store may take."""

T = TypeVar("T")


class Keeping:
    """One sign-in in the system's store; without `vault` it is to be kept in memory alone."""

    def __init__(self, vault: Vault | None, seconds: float = SECONDS) -> None:
        self._vault = vault
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="secret-store")
        self._seconds = seconds
        self._hangs = False
        self.store = SecretStore()

    async def look(self) -> SecretStore:
        """Return how the store is found now; what it holds is read and not told."""
        await self.kept()
        return self.store

    async def kept(self) -> str:
        """Return the sign-in that is kept, or nothing."""
        if self._vault is None:
            return ""
        text = await self._try(self._vault.read)
        return text if text and _is_object(text) else ""

    async def keep(self, text: str) -> None:
        """Keep `text`; where the store does not take it, memory has it, and `store` says why."""
        if self._vault is not None:
            vault = self._vault
            await self._try(lambda: vault.write(text))

    async def forget(self) -> None:
        """Remove what is kept and read that it is gone. Raises NotForgotten."""
        if self._vault is None:
            return
        await self._try(self._vault.remove)
        left = await self._try(self._vault.read) if self._is_open() else None
        if left is not None:
            raise NotForgotten("it is still there")
        if not self._is_open() and self.store.state is not StoreState.ABSENT:
            raise NotForgotten(self.store.reason)

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False)

    def _is_open(self) -> bool:
        return self.store.state is StoreState.KEEPS

    async def _try(self, call: Callable[[], T]) -> T | None:
        """Return what `call` returns, or None where the store refused; `store` tells which."""
        assert self._vault is not None
        name = self._vault.name
        if self._hangs:
            return None
        try:
            async with asyncio.timeout(self._seconds):
                found = await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except VaultError as error:
            self._refused(SecretStore(error.state, name, error.reason))
            return None
        except TimeoutError:
            self._hangs = True
            self._refused(SecretStore(StoreState.FAILED, name, "it does not answer"))
            return None
        self.store = SecretStore(StoreState.KEEPS, name)
        return found

    def _refused(self, store: SecretStore) -> None:
        if store != self.store:
            _LOG.info("the sign-in stays in memory: %s, %s", store.state.value, store.reason)
        self.store = store


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
