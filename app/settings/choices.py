"""The choices a configuration offers where a value is one of a few words."""

import enum


class SignInCache(enum.StrEnum):
    """Where a sign-in is kept between two starts: nowhere, or where the system encrypts it."""

    MEMORY = "memory"
    SYSTEM = "system"


class Feature(enum.StrEnum):
    """What the station is to do, and so which permissions it asks for."""

    ASSIGN = "assign"
    INVENTORY = "inventory"
    POLICY = "policy"
    ROLES = "roles"
    MANAGE = "manage"
    """Bring tokens in, and delete them."""
    PASSES = "access-pass"
    """Issue Temporary Access Passes."""


class LineEnding(enum.StrEnum):
    """What a scanner on a serial port sends after each code."""

    ANY = "any"
    CR = "cr"
    LF = "lf"
    CRLF = "crlf"
    TAB = "tab"
    NONE = "none"


class LookTheme(enum.StrEnum):
    """How the window is dressed."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high-contrast"


class LookLanguage(enum.StrEnum):
    """What the window speaks: the language of the system where it is known, or a certain one."""

    SYSTEM = "system"
    ENGLISH = "en"
    GERMAN = "de"


class ReceiptLanguage(enum.StrEnum):
    """The languages that a receipt can be in."""

    ENGLISH = "en"
    GERMAN = "de"
