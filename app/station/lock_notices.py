"""What is told of a desk that is locked, or that nobody is at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NotTakenNotice:
    """Something was scanned or tapped while the desk is locked. What it was is kept nowhere."""


@dataclass(frozen=True, slots=True)
class AbandonedNotice:
    """Nobody was at an unattended station, or whoever was has left: its desk was cleared."""
