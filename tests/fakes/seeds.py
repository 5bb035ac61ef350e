"""Seed files in memory, without a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.core.errors import SeedFaultsUnsaved, SeedFileError, SeedFileUnreadable
from app.core.model import HashFunction
from app.core.secret import Secret
from app.core.seed import RowFault, SeedFile, SeedFormat, SeedOptions, SeedToken


def a_seed(serial: str, person: str = "", row: int = 2) -> SeedToken:
    """A token whose seed is made of its serial number."""
    raw = serial.encode().rjust(20, b"-")
    return SeedToken(row, serial, "Works", "T1", 30, HashFunction.SHA1, Secret(raw), person)


class FakeSeedFiles:
    """Fulfils core.import_ports.SeedFiles. What was read stays reachable in `given_out`."""

    def __init__(self) -> None:
        self.files: dict[str, Callable[[SeedOptions], SeedFile]] = {}
        self.given_out: list[SeedFile] = []
        self.asked: list[SeedOptions] = []
        self.saved: dict[str, list[str]] = {}
        self.full = False

    def put(self, path: str, *tokens: SeedToken, faults: tuple[RowFault, ...] = ()) -> None:
        """Let there be a file with these tokens, made anew each time it is read."""

        def read(_options: SeedOptions) -> SeedFile:
            fresh = tuple(
                t._replace(secret=Secret(t.serial.encode().rjust(20, b"-"))) for t in tokens
            )
            return SeedFile(SeedFormat.ENTRA_CSV, fresh, faults, sha256="5e" * 32)

        self.files[path] = read

    def refuse(self, path: str, error: SeedFileError) -> None:
        """Let reading a file end in `error`."""

        def read(_options: SeedOptions) -> SeedFile:
            raise error

        self.files[path] = read

    def read(
        self,
        path: str,
        options: SeedOptions,
        progress: Callable[[int], None],
        stop: Callable[[], bool],
    ) -> SeedFile:
        self.asked.append(options)
        if path not in self.files:
            raise SeedFileUnreadable("there is no such file")
        found = self.files[path](options)
        progress(found.rows)
        self.given_out.append(found)
        return found

    def write_faults(
        self, path: str, faults: Iterable[RowFault], describe: Callable[[RowFault], str]
    ) -> int:
        if self.full:
            raise SeedFaultsUnsaved("no space left")
        self.saved[path] = [describe(fault) for fault in faults]
        return len(self.saved[path])

    def secrets(self) -> list[Secret]:
        """Every seed that was ever given out and is not overwritten."""
        return [t.secret for file in self.given_out for t in file.tokens if not t.secret.wiped]
