"""A system's store in memory: it can be locked, be slow, and not let go."""

import threading
from dataclasses import dataclass

from app.auth.vaults import VaultError
from app.core.signin import StoreState
from tests.support.patience import HANG_SECONDS


@dataclass
class FakeVault:
    """Fulfils app.auth.vaults.Vault. With `refusal` set every call fails with it."""

    text: str | None = None
    refusal: VaultError | None = None
    stubborn: bool = False
    slow: threading.Event | None = None
    name: str = "Fake store"
    asked: int = 0

    def lock(self) -> None:
        self.refusal = VaultError(StoreState.LOCKED, "locked")

    def read(self) -> str | None:
        self._check()
        return self.text

    def write(self, text: str) -> None:
        self._check()
        self.text = text

    def remove(self) -> None:
        self._check()
        if not self.stubborn:
            self.text = None

    def _check(self) -> None:
        self.asked += 1
        if self.slow is not None:
            self.slow.wait(HANG_SECONDS)
        if self.refusal is not None:
            raise self.refusal
