"""The parts pages are made of.

They show what they are given and tell what was done to them; they know nothing of the station.
"""

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
from app.ui.widgets.text import Elided, Wrapped, displayable, plain_tip, restyle, set_role, text
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
