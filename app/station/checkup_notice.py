"""What a check-up tells while it runs."""

from dataclasses import dataclass

from app.core.checkup import Finding


@dataclass(frozen=True, slots=True)
class CheckupNotice:
    """What a check-up has found so far, in the order of the report, and how much it will find."""

    findings: tuple[Finding, ...]
    expected: int

    @property
    def over(self) -> bool:
        """Whether everything is known."""
        return len(self.findings) == self.expected
