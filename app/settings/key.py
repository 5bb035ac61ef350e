"""One key of the configuration, as the table of all of them (schema) has it."""

from dataclasses import dataclass, field

from app.settings.kinds import Kind


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `default` is spelled as in TOML, None where there is no value without one.

    `about` says in one sentence what the key decides, `example` what one might write. A `secret`
    key may hold a password: its value is never shown.
    """

    section: str
    name: str
    kind: Kind
    about: str
    default: object = field(default=None, repr=False)
    example: object = field(default=None, repr=False)
    secret: bool = False

    @property
    def path(self) -> str:
        """How the key is named everywhere: section.name."""
        return f"{self.section}.{self.name}"

    @property
    def shown(self) -> object:
        """What the example file writes: the default, or where it says nothing, the example."""
        return self.example if self.default in (None, "", []) else self.default

    @property
    def fallback(self) -> object:
        """What the key is read as where nobody sets it."""
        return None if self.default is None else self.kind.taken(self.default)
