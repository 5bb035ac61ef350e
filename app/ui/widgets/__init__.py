"""The parts pages are made of.

They show what they are given and tell what was done to them; they know nothing of the station.

Each part is imported when its name is first asked for (PEP 562), so that the first paint does not
wait for the parts of pages that come later.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# At once: its function `text` has the name of its module, which would be found in its place.
from app.ui.widgets.text import Elided, Wrapped, displayable, plain_tip, restyle, set_role, text

if TYPE_CHECKING:
    from app.ui.widgets.avatar import Avatar, initials_of
    from app.ui.widgets.banner import Banner
    from app.ui.widgets.buttons import DangerButton, LinkButton, PrimaryButton, SecondaryButton
    from app.ui.widgets.card import Card, Mark
    from app.ui.widgets.chip import Chip, ChipRow
    from app.ui.widgets.chip_delegate import TONE_ROLE, ChipDelegate
    from app.ui.widgets.code_field import CodeField
    from app.ui.widgets.evidence import EvidencePanel
    from app.ui.widgets.facts import FactGrid
    from app.ui.widgets.flow import FlowLayout
    from app.ui.widgets.glyph import Glyph
    from app.ui.widgets.keycap import KeyCap, KeyHint
    from app.ui.widgets.lcd import Lcd
    from app.ui.widgets.nav_rail import NavButton, NavRail
    from app.ui.widgets.numbered import Numbered, Option
    from app.ui.widgets.panel import Rule
    from app.ui.widgets.search_box import PersonSearch, Row
    from app.ui.widgets.segmented import Segmented
    from app.ui.widgets.serial_label import SerialLabel, group_serial
    from app.ui.widgets.status_pill import StatusPill
    from app.ui.widgets.step_ring import Spinner, StepRing
    from app.ui.widgets.timeline import Step, StepState, Timeline
    from app.ui.widgets.tone import Tone

__all__ = [
    "TONE_ROLE",
    "Avatar",
    "Banner",
    "Card",
    "Chip",
    "ChipDelegate",
    "ChipRow",
    "CodeField",
    "DangerButton",
    "Elided",
    "EvidencePanel",
    "FactGrid",
    "FlowLayout",
    "Glyph",
    "KeyCap",
    "KeyHint",
    "Lcd",
    "LinkButton",
    "Mark",
    "NavButton",
    "NavRail",
    "Numbered",
    "Option",
    "PersonSearch",
    "PrimaryButton",
    "Row",
    "Rule",
    "SecondaryButton",
    "Segmented",
    "SerialLabel",
    "Spinner",
    "StatusPill",
    "Step",
    "StepRing",
    "StepState",
    "Timeline",
    "Tone",
    "Wrapped",
    "displayable",
    "group_serial",
    "initials_of",
    "plain_tip",
    "restyle",
    "set_role",
    "text",
]

_MODULES = {
    "avatar": ("Avatar", "initials_of"),
    "banner": ("Banner",),
    "buttons": ("DangerButton", "LinkButton", "PrimaryButton", "SecondaryButton"),
    "card": ("Card", "Mark"),
    "chip": ("Chip", "ChipRow"),
    "chip_delegate": ("TONE_ROLE", "ChipDelegate"),
    "code_field": ("CodeField",),
    "evidence": ("EvidencePanel",),
    "facts": ("FactGrid",),
    "flow": ("FlowLayout",),
    "glyph": ("Glyph",),
    "keycap": ("KeyCap", "KeyHint"),
    "lcd": ("Lcd",),
    "nav_rail": ("NavButton", "NavRail"),
    "numbered": ("Numbered", "Option"),
    "panel": ("Rule",),
    "search_box": ("PersonSearch", "Row"),
    "segmented": ("Segmented",),
    "serial_label": ("SerialLabel", "group_serial"),
    "status_pill": ("StatusPill",),
    "step_ring": ("Spinner", "StepRing"),
    "timeline": ("Step", "StepState", "Timeline"),
    "tone": ("Tone",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import the module of the part `name`; raises AttributeError where there is none."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    part = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = part  # asked for no more than once
    return part
