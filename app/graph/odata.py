"""How text is put into a Graph address: path segments, string literals, search clauses, the query.

One place, since each has its own quoting and a name like O'Brien breaks whichever is forgotten.
"""

from collections.abc import Mapping
from urllib.parse import quote


def segment(text: str) -> str:
    """Return `text` as one segment of a path: an object id, or a UPN with its @ and #."""
    return quote(text, safe="")


def literal(text: str) -> str:
    """Return `text` as an OData string literal: in single quotes, those inside it doubled."""
    return "'" + text.replace("'", "''") + "'"


def clause(field: str, text: str) -> str:
    """Return one clause of $search; inside its double quotes, those and backslashes are escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{field}:{escaped}"'


def query_string(query: Mapping[str, str]) -> str:
    """Return the query with every value percent-encoded; a space is %20, never a plus."""
    return "&".join(f"{name}={quote(value, safe=',')}" for name, value in query.items())
