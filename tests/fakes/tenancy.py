"""A sign-in service and a user's files for whoever sets a station up."""

import asyncio
import threading

from app.core.cloud import Cloud
from app.core.errors import (
    SettingsProblem,
    SettingsUnwritable,
    SignInError,
    SignInEvidence,
    TenantUnknown,
)
from app.core.tenancy import FoundTenant, Tenancy
from tests.support.patience import HANG_SECONDS

TENANT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30"
CLIENT = "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"
DOMAIN = "contoso.com"


class FakeFinder:
    """Fulfils core.ports.TenantFinder. Without `goes_on` set, a question waits.

    `error` is what every question ends in while there is one; `asked` are those that were asked.
    """

    def __init__(self) -> None:
        self.known = {name: FoundTenant(TENANT, Cloud.GLOBAL, "EU") for name in (TENANT, DOMAIN)}
        self.error: SignInError | None = None
        self.asked: list[tuple[str, Cloud]] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def find(self, named: str, cloud: Cloud) -> FoundTenant:
        self.asked.append((named, cloud))
        await self.goes_on.wait()
        if self.error is not None:
            raise self.error
        if named not in self.known:
            raise TenantUnknown(SignInEvidence("invalid_tenant", "AADSTS90002: not found."))
        return self.known[named]


class FakeKeeper:
    """Fulfils core.ports.TenancyKeeper, in memory. Without `goes_on` set, the disk is slow.

    `problem` is what keeps everything from being written while there is one.
    """

    def __init__(self) -> None:
        self.kept: list[Tenancy] = []
        self.letters: list[str] = []
        self.problem: SettingsProblem | None = None
        self.goes_on = threading.Event()
        self.goes_on.set()

    def keep(self, tenancy: Tenancy) -> None:
        self._write()
        self.kept.append(tenancy)

    def keep_letter(self, text: str) -> str:
        self._write()
        self.letters.append(text)
        return f"letter-{len(self.letters)}.txt"

    def _write(self) -> None:
        self.goes_on.wait(HANG_SECONDS)
        if self.problem is not None:
            raise SettingsUnwritable(self.problem)
