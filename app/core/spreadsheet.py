"""Keeps a spreadsheet from running what it is given to show.

Names and labels come from other people. A cell that a spreadsheet would take for a formula gets an
apostrophe in front (owasp.org/www-community/attacks/CSV_Injection).
"""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def neutral(cell: str) -> str:
    """Return `cell` as text that any file can hold and no spreadsheet takes for a formula."""
    whole = cell.encode("utf-8", "replace").decode()
    return f"'{whole}" if whole.lstrip(" ").startswith(_FORMULA_STARTS) else whole
