"""A machine with an administrator and a user: files of both, variables, options and policies."""

from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from app.settings.documents import Document, read_document
from app.settings.loading import Loaded, Sources, load
from app.settings.registry import PolicyBranch
from tests.fakes.registry import FakeRegistry

TENANT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30"
CLIENT = "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"
LEAST = f'[tenant]\nid = "{TENANT}"\nclient_id = "{CLIENT}"\n'


def on_this_machine(value: object, folder: Path) -> object:
    """Return `value`; for a file with a whole path, which a package may bring, one that is here."""
    if not (isinstance(value, str) and value.startswith("/")):
        return value
    file = folder / PurePosixPath(value).name
    file.touch()
    return str(file)


@dataclass
class Machine:
    """Fill in the layers, then load."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    registry: PolicyBranch | None = None

    @property
    def machine_file(self) -> Path:
        return self.folder / "machine" / "config.toml"

    @property
    def user_file(self) -> Path:
        return self.folder / "user" / "config.toml"

    def administrator(self, text: str) -> None:
        self._write(self.machine_file, text)

    def user(self, text: str) -> None:
        self._write(self.user_file, text)

    def policy(self, section: str, name: str, value: object) -> None:
        """Set a policy, in a registry of its own."""
        registry = self.registry if isinstance(self.registry, FakeRegistry) else FakeRegistry()
        registry.write(name, value, *section.split("."))
        self.registry = registry

    def load(self) -> Loaded:
        return load(self.sources())

    def sources(self, *, named: bool = False) -> Sources:
        sources = Sources(self.machine_file, self.user_file, environment=self.environment)
        return replace(sources, options=self.options, policies=self.registry, named=named)

    def _write(self, file: Path, text: str) -> None:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")


def document(folder: Path, text: str) -> Document:
    """The document that `text` makes."""
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    found = read_document(file)
    assert isinstance(found, Document)
    return found
