"""The five ways a state is told, so that icon and colour never disagree."""

from enum import Enum


class Tone(Enum):
    """How a state bears on the enrollment; each has an icon and a pair of palette colours."""

    NEUTRAL = "neutral"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    INFO = "info"

    @property
    def ink(self) -> str:
        """The palette token of text and icon."""
        return "muted" if self is Tone.NEUTRAL else self.value

    @property
    def ground(self) -> str:
        """The palette token of the ground behind `ink`."""
        return f"{self.value}_ground"

    @property
    def icon(self) -> str:
        """The icon that says the same as the colour."""
        return _ICONS[self]


_ICONS = {
    Tone.NEUTRAL: "dot",
    Tone.GOOD: "check",
    Tone.CAUTION: "exclaim",
    Tone.BAD: "cross",
    Tone.INFO: "pending",
}
