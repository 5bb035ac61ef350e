"""Asks the keyboard layouts that are installed with the system, through libxkbcommon.

What a key types is decided by xkeyboard-config (Debian: xkb-data). libxkbcommon reads it without an
X server, and Qt brings it along on every Linux desktop.
"""

import ctypes
import ctypes.util
from pathlib import Path

_FOUND = ctypes.util.find_library("xkbcommon")
XKB = _FOUND is not None and Path("/usr/share/X11/xkb/symbols/us").is_file()
"""Whether the system can be asked."""

_ROWS = (("AE", 12), ("AD", 12), ("AC", 11), ("AB", 10))
KEYS = tuple(f"{row}{key:02}" for row, count in _ROWS for key in range(1, count + 1))
"""The 45 keys of a US keyboard in four rows, by their XKB names."""

_DEAD = {
    "dead_grave": "`",
    "dead_acute": "´",
    "dead_circumflex": "^",
    "dead_diaeresis": "¨",
    "dead_caron": "ˇ",
    "dead_tilde": "~",
}


class _Names(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options")
    )


def typed_by(layout: str, *, caps: bool = False) -> str:
    """Return what KEYS type on a machine with `layout`, such as "cz(qwerty)".

    First without Shift, then with it, 90 characters; a dead key stands for its accent.
    """
    name, _, variant = layout.partition("(")
    xkb = _library()
    names = _Names(b"evdev", b"pc105", name.encode(), variant.rstrip(")").encode(), b"")
    context = xkb.xkb_context_new(0)
    keymap = xkb.xkb_keymap_new_from_names(context, ctypes.byref(names), 0)
    assert keymap, f"no layout {layout}"
    state = xkb.xkb_state_new(keymap)
    shift = 1 << xkb.xkb_keymap_mod_get_index(keymap, b"Shift")
    lock = 1 << xkb.xkb_keymap_mod_get_index(keymap, b"Lock") if caps else 0
    typed = ""
    for held in (0, shift):
        xkb.xkb_state_update_mask(state, held, 0, lock, 0, 0, 0)
        codes = [xkb.xkb_keymap_key_by_name(keymap, key.encode()) for key in KEYS]
        typed += "".join(_of(xkb, state, code) for code in codes)
    xkb.xkb_state_unref(state)
    xkb.xkb_keymap_unref(keymap)
    xkb.xkb_context_unref(context)
    return typed


def _of(xkb: ctypes.CDLL, state: int, code: int) -> str:
    letter: int = xkb.xkb_state_key_get_utf32(state, code)
    if letter:
        return chr(letter)
    name = ctypes.create_string_buffer(64)
    symbol = xkb.xkb_state_key_get_one_sym(state, code)
    xkb.xkb_keysym_get_name(symbol, name, len(name))
    return _DEAD[name.value.decode()]


def _library() -> ctypes.CDLL:
    xkb = ctypes.CDLL(_FOUND)
    pointer, number = ctypes.c_void_p, ctypes.c_uint32
    for function in ("context_new", "keymap_new_from_names", "state_new"):
        getattr(xkb, f"xkb_{function}").restype = pointer
    xkb.xkb_keymap_new_from_names.argtypes = [pointer, ctypes.POINTER(_Names), ctypes.c_int]
    xkb.xkb_keymap_mod_get_index.argtypes = [pointer, ctypes.c_char_p]
    xkb.xkb_keymap_key_by_name.argtypes = [pointer, ctypes.c_char_p]
    xkb.xkb_keymap_key_by_name.restype = number
    xkb.xkb_state_new.argtypes = [pointer]
    xkb.xkb_state_update_mask.argtypes = [pointer, *[number] * 6]
    xkb.xkb_state_key_get_utf32.argtypes = [pointer, number]
    xkb.xkb_state_key_get_one_sym.argtypes = [pointer, number]
    xkb.xkb_keysym_get_name.argtypes = [number, ctypes.c_char_p, ctypes.c_size_t]
    for kept in ("state", "keymap", "context"):
        getattr(xkb, f"xkb_{kept}_unref").argtypes = [pointer]
    return xkb
