"""From every layer to one configuration, with all that is wrong in any of them.

Reading never fails: what cannot be used is a problem, and the next lower layer's value stands in.
Whether the station may work in spite of the problems is asked of the result, once.
"""

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from app.core.cloud import Cloud
from app.core.errors import SettingsError, SettingsProblem
from app.network.proxies import Proxies
from app.settings.configuration import built
from app.settings.contradictions import contradictions
from app.settings.documents import Document, read_document
from app.settings.givens import Layer, of_command_line, of_environment, of_file, of_policies
from app.settings.locks import locks_of
from app.settings.places import data_folder_of_account, default_file, machine_file
from app.settings.registry import PolicyBranch, policies_of_this_machine
from app.settings.resolve import Origin, Settled, settle
from app.settings.schema import Configuration

_Item = TypeVar("_Item")

Origins = Mapping[str, Origin]
"""Where the value of each key comes from, by the key's path ("desk.name")."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a configuration is read from, from the lowest layer to the highest.

    `named` tells that somebody asked for this very user's file, so it has to be there. `options`
    are texts such as "desk.name=Lobby".
    """

    machine_file: Path
    user_file: Path
    named: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Sequence[str] = field(default=(), repr=False)
    policies: PolicyBranch | None = None

    @classmethod
    def of_this_machine(cls, file: Path | None = None, options: Sequence[str] = ()) -> "Sources":
        """Return the sources of this machine; `file` stands for the user's file."""
        return cls(
            machine_file=machine_file(),
            user_file=file or default_file(),
            named=file is not None,
            environment=dict(os.environ),
            options=tuple(options),
            policies=policies_of_this_machine(),
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, every key with its origin, and the problems, warnings among them."""

    configuration: Configuration
    settled: tuple[Settled, ...]
    problems: tuple[SettingsProblem, ...]

    @property
    def origins(self) -> Origins:
        """Where the value of each key comes from."""
        return {each.path: each.origin for each in self.settled}

    @property
    def errors(self) -> tuple[SettingsProblem, ...]:
        """The problems that keep the station from its work."""
        return tuple(problem for problem in self.problems if not problem.warning)

    @property
    def warnings(self) -> tuple[SettingsProblem, ...]:
        """The problems that change nothing."""
        return tuple(problem for problem in self.problems if problem.warning)

    @property
    def cloud(self) -> Cloud:
        """The cloud of [tenant], also where that tenant has no ID yet."""
        (found,) = (each.value for each in self.settled if each.path == "tenant.cloud")
        return Cloud(found)

    @property
    def proxies(self) -> Proxies:
        """The proxies of this station; the system's do not count where network.proxy is locked."""
        locked = self.origins["network.proxy"].locked
        return Proxies(self.configuration.network.proxy, of_system=not locked)

    def sound(self) -> Configuration:
        """Return the configuration. Raises SettingsError with every problem if there are errors."""
        if self.errors:
            raise SettingsError(*self.problems)
        return self.configuration


def load(sources: Sources) -> Loaded:
    """Read every layer. Raises nothing, whatever the layers hold."""
    problems: list[SettingsProblem] = []
    machine = _document(read_document(sources.machine_file), sources.machine_file, problems)
    user = _document(
        read_document(sources.user_file, needed=sources.named), sources.user_file, problems
    )
    problems.extend(_open_to_everybody(machine))
    locks = _sorted_out(locks_of(machine), problems)
    givens = _sorted_out(
        (
            *of_file(machine, Layer.MACHINE),
            *of_file(user, Layer.USER),
            *of_environment(sources.environment),
            *of_command_line(sources.options),
            *(of_policies(sources.policies) if sources.policies else ()),
        ),
        problems,
    )
    settled, refused = settle(givens, locks)
    problems.extend(refused)
    wrong = {problem.key for problem in refused if not problem.warning}
    for problem, paths in tuple(contradictions(settled, wrong)):
        problems.append(problem)
        settled.update({path: settled[path].undone() for path in paths})
    values = {path: each.value for path, each in settled.items()}
    folder = settled["ledger.folder"]
    if folder.origin.locked and folder.value is None:
        # No setting of the operator's may move a record whose place is locked.
        values[folder.path] = data_folder_of_account()
    configuration = built(values)
    files = (machine.file, user.file)
    return Loaded(configuration, tuple(settled.values()), _in_order(problems, files))


def _document(
    found: Document | SettingsProblem, file: Path, problems: list[SettingsProblem]
) -> Document:
    if isinstance(found, Document):
        return found
    problems.append(found)
    return Document(file)


def _sorted_out(
    found: Iterable[_Item | SettingsProblem], problems: list[SettingsProblem]
) -> list[_Item]:
    """Put the problems among `found` to the others; return the rest."""
    kept: list[_Item] = []
    for each in found:
        if isinstance(each, SettingsProblem):
            problems.append(each)
        else:
            kept.append(each)
    return kept


def _in_order(
    problems: Iterable[SettingsProblem], files: Sequence[Path]
) -> tuple[SettingsProblem, ...]:
    """Sort by file and line; what stands elsewhere comes behind, as it was found."""

    def position(problem: SettingsProblem) -> tuple[int, int]:
        for index, file in enumerate(files):
            if problem.place == str(file):
                return index, 0
            line = problem.place.removeprefix(f"{file}:")
            if line.isdecimal():
                return index, int(line)
        return len(files), 0

    return tuple(sorted(problems, key=position))


def _open_to_everybody(machine: Document) -> Iterator[SettingsProblem]:
    """Warn of a machine-wide file that anybody may write: its locks would lock nothing."""
    if os.name != "posix" or not machine.values:
        return
    with contextlib.suppress(OSError):  # gone again since it was read
        if machine.file.stat().st_mode & stat.S_IWOTH:
            problem = "everybody may write this file, so its locks hold nobody"
            allowed = "a file that only its administrator may write"
            yield SettingsProblem(str(machine.file), problem, allowed=allowed, warning=True)
