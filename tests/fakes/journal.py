"""One list of what several fakes did, in the order they did it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Did:
    """`who` did `what`; `about` holds ids and names, never a code."""

    who: str
    what: str
    about: tuple[str, ...] = ()


@dataclass(slots=True)
class Journal:
    """Shared by the fakes of one test, so that the order between them can be told."""

    lines: list[Did] = field(default_factory=list)

    def note(self, who: str, what: str, *about: str) -> None:
        self.lines.append(Did(who, what, about))

    def of(self, *names: str) -> list[str]:
        """What `names` did, as "who what", in order."""
        return [f"{did.who} {did.what}" for did in self.lines if did.who in names]

    def count(self, who: str, what: str) -> int:
        return sum(did.who == who and did.what == what for did in self.lines)
